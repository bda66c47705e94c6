"""A bundle's weights as the planner takes them: batch norms folded in, every shape checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.planning.shapes import Filter
from models.errors import ModelError
from models.network.backbones.layouts.base import Convolution
from models.trace import Action

NORM_EPSILON = 1e-5
"""Added to the variance of every batch norm, as PyTorch does by default."""


@dataclass(frozen=True)
class PolicyParameters:
    """The two layers of a policy network, the batch norm between them as scale and shift.

    Attributes:
        first: Weights of shape (hidden, 2 * C_in), as stored.
        scale: Of shape (hidden,).
        shift: Of shape (hidden,), the first layer's bias in it.
        second: Weights of shape (3 * C, hidden), as stored.
        bias: Of shape (3 * C,).
    """

    first: NDArray[Any]
    scale: NDArray[np.float32]
    shift: NDArray[np.float32]
    second: NDArray[Any]
    bias: NDArray[np.float32]


class Parameters:
    """The tensors of a bundle, each checked for the shape that is expected."""

    def __init__(self, bundle: Bundle, aside: str | None = None) -> None:
        """Load the weights.

        Args:
            bundle: The model.
            aside: Prefix of tensors that whoever runs the network reads, and no layer of it.

        Raises:
            ModelError: The weights are damaged.
        """
        self._bundle = bundle
        self._tensors = {
            name: tensor
            for name, tensor in bundle.weights().items()
            if aside is None or not name.startswith(aside)
        }
        self._used: set[str] = set()

    def _misfit(self, problem: str) -> ModelError:
        return ModelError(
            f"The weights in {self._bundle.path} do not fit their description: {problem}."
        )

    def tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """Return a tensor in the precision in which it is stored.

        Raises:
            ModelError: It is missing or of another shape.
        """
        if name not in self._tensors:
            raise self._misfit(f"the tensor {name} is missing")
        self._used.add(name)
        tensor = self._tensors[name]
        if tensor.shape != shape:
            raise self._misfit(
                f"the tensor {name} has the shape {tensor.shape} where {shape} is expected"
            )
        return tensor

    def vector(self, name: str, size: int) -> NDArray[np.float32]:
        """Return a vector in single precision.

        Raises:
            ModelError: It is missing or of another size.
        """
        return self.tensor(name, (size,)).astype(np.float32)

    def norm(self, name: str, size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return a batch norm as scale and shift, both of shape (size,)."""
        weight, bias, mean, variance = (
            self.vector(f"{name}.{field}", size).astype(np.float64)
            for field in ("weight", "bias", "running_mean", "running_var")
        )
        scale = weight / np.sqrt(variance + NORM_EPSILON)
        return scale, bias - mean * scale

    def filter(self, layer: Convolution) -> Filter:
        """Return a convolution of the backbone with the batch norm behind it folded in.

        Raises:
            ModelError: A tensor is missing or of another shape.
        """
        weight = self.tensor(f"backbone.{layer.name}.weight", layer.weight_shape)
        scale, shift = self.norm(f"backbone.{layer.norm}", layer.channels)
        folded = weight.astype(np.float64) * scale[:, None, None, None]
        return Filter(
            folded.astype(np.float32), shift.astype(np.float32), layer.stride, layer.padding
        )

    def policy(self, site: str, index: int, in_channels: int, channels: int) -> PolicyParameters:
        """Return the policy network of a fusion site; blocks of one shape may share its layers.

        Args:
            site: Name of the site.
            index: Its index among the fused ones.
            in_channels: Channels of the policy's input.
            channels: Channels whose actions it chooses.

        Raises:
            ModelError: A tensor is missing or of another shape.
        """
        spec = self._bundle.spec.policy
        assert spec is not None, "a fused block has a policy"
        key = f"{in_channels}x{channels}" if spec.shared else site.replace(".", "_")
        layers = f"policies.layers.{key}"
        hidden = spec.hidden_for(channels)
        scale, shift = self.norm(f"policies.norms.{index}", hidden)
        first_bias = self.vector(f"{layers}.fc0.bias", hidden)
        return PolicyParameters(
            first=self.tensor(f"{layers}.fc0.weight", (hidden, 2 * in_channels)),
            scale=scale.astype(np.float32),
            shift=(shift + first_bias * scale).astype(np.float32),
            second=self.tensor(f"{layers}.fc1.weight", (len(Action) * channels, hidden)),
            bias=self.vector(f"{layers}.fc1.bias", len(Action) * channels),
        )

    def check_all_used(self) -> None:
        """Refuse weights with tensors that no layer used.

        Raises:
            ModelError: A tensor belongs to another network.
        """
        left = sorted(self._tensors.keys() - self._used)
        if left:
            raise self._misfit(f"the tensor {left[0]} belongs to another network")

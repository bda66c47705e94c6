"""Reads ImageNet weights of a backbone, under torchvision's parameter names."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from models.errors import ModelError
from models.network.backbones.base import Backbone

CLASSIFIERS = ("fc.", "classifier.")
"""Prefixes of what torchvision's networks have behind the backbone."""


def load_backbone_weights(backbone: Backbone, path: Path) -> None:
    """Start a backbone from weights on disk.

    Args:
        backbone: Changed in place.
        path: A `.safetensors` file, or a `.pth` file that holds tensors by name and nothing else.

    Raises:
        ModelError: The file cannot be read, or holds weights of another network.
    """
    expected = backbone.state_dict()
    # A count of training batches, which batch norms with a momentum do not use.
    counts = {name for name in expected if name.endswith("num_batches_tracked")}
    weights = {
        name: value
        for name, value in _read(path).items()
        if not name.startswith(CLASSIFIERS) and name not in counts
    }
    wanted = {name: value for name, value in expected.items() if name not in counts}
    for name in sorted(wanted.keys() | weights.keys()):
        if name not in weights:
            problem = f"{name} is missing"
        elif name not in wanted:
            problem = f"{name} belongs to another network"
        elif weights[name].shape != wanted[name].shape:
            problem = f"{name} has another shape, {tuple(weights[name].shape)}"
        else:
            continue
        raise ModelError(f"The weights {path} are not those of the recipe's backbone: {problem}.")
    backbone.load_state_dict(weights, strict=False)


def _read(path: Path) -> dict[str, Tensor]:
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
        return {name: value for name, value in content.items() if isinstance(value, Tensor)}
    except OSError as error:
        raise ModelError(f"The weights {path} cannot be read ({error.strerror}).") from error
    except Exception as error:
        # Both readers raise anything from KeyError to UnpicklingError on what is no such file.
        kind = "a .safetensors file" if isinstance(error, SafetensorError) else "a file of weights"
        raise ModelError(f"{path} is not {kind}, or it is damaged.") from error

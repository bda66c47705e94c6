"""The reference engine: the network itself in PyTorch, on any device."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from models.bundle import Bundle, check_shapes
from models.engines.base import StepResult
from models.engines.block_stopwatch import BlockStopwatch
from models.flops import NetworkCost, step_trace
from models.network.adafuse import AdaFuse, StreamState
from models.spec import ModelSpec

TorchState = tuple[StreamState, tuple[NDArray[np.int8], ...] | None]
"""State of the network, and the actions of the previous frame, which tell what was computed
there."""


def load_network(bundle: Bundle) -> AdaFuse:
    """Build the network of a bundle in evaluation mode, in single precision.

    Raises:
        ModelError: The weights are damaged or do not fit the description.
    """
    network = AdaFuse(bundle.spec)
    weights = bundle.weights()
    expected = network.state_dict()
    check_shapes(
        {name: tuple(value.shape) for name, value in weights.items()},
        {
            name: tuple(value.shape)
            for name, value in expected.items()
            # Counts training batches; a bundle does not hold it.
            if not name.endswith("num_batches_tracked")
        },
        bundle.path,
    )
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    network.load_state_dict(tensors, strict=False)
    return network.eval()


class TorchEngine:
    """Runs an `AdaFuse` network frame by frame.

    The convolutions are computed in full and masked, so the trace tells what the policy asks for,
    not what this engine spends.

    Args:
        network: The network, in evaluation mode.
        cost: What one frame costs.
        device: Where to run, such as "cpu" or "cuda".

    Attributes:
        times_blocks: Whether traces tell how long each fused block took; on a GPU that takes time.
    """

    name = "torch"

    def __init__(self, network: AdaFuse, cost: NetworkCost, device: str = "cpu") -> None:
        self._network = network.to(device)
        self._cost = cost
        self._device = device
        self.times_blocks = False
        self._stopwatch = BlockStopwatch(self._network, device)

    @property
    def spec(self) -> ModelSpec:
        """The model that runs."""
        return self._network.spec

    def init_state(self) -> TorchState:
        """Return the state before the first frame."""
        return self._network.init_state(), None

    def step(self, frame: NDArray[np.float32], state: TorchState) -> StepResult:
        """Run one frame of shape (3, H, W)."""
        memory, previous = state
        timed = self.times_blocks
        with torch.inference_mode(), self._stopwatch.running() if timed else nullcontext():
            image = torch.from_numpy(frame)[None].to(self._device)
            logits, memory, chosen = self._network.step(image, memory)
        actions = tuple(block[0].to(torch.int8).cpu().numpy() for block in chosen)
        trace = step_trace(self._cost, actions, previous)
        if timed:
            trace = replace(trace, block_ms=self._stopwatch.milliseconds())
        return StepResult(logits[0].float().cpu().numpy(), (memory, actions), trace)

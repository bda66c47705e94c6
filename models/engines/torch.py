"""The reference engine: the network itself in PyTorch, on any device."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from time import perf_counter
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.bundle import Bundle, check_shapes
from models.engines.base import StepResult
from models.flops import NetworkCost, step_trace
from models.network.adafuse import AdaFuse, StreamState
from models.spec import ModelSpec
from models.trace import BlockPhase

TorchState = tuple[StreamState, tuple[NDArray[np.int8], ...] | None]
"""State of the network, and the actions of the previous frame, which show what it computed."""


def load_network(bundle: Bundle) -> AdaFuse:
    """Build the network of a bundle in evaluation mode, in single precision.

    Raises:
        ModelError: The weights are damaged or do not fit the description.
    """
    return with_weights(AdaFuse(bundle.spec), bundle)


NetworkT = TypeVar("NetworkT", bound=AdaFuse)


def with_weights(network: NetworkT, bundle: Bundle) -> NetworkT:
    """Give a network the weights of a bundle, in single precision, and return it for evaluation.

    Raises:
        ModelError: The weights are damaged or do not fit the network.
    """
    weights = bundle.weights()
    expected = network.state_dict()
    check_shapes(
        {name: tuple(value.shape) for name, value in weights.items()},
        {
            name: tuple(value.shape)
            for name, value in expected.items()
            # Counts training batches; bundles do not store it.
            if not name.endswith("num_batches_tracked")
        },
        bundle.path,
    )
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    network.load_state_dict(tensors, strict=False)
    return network.eval()


class TorchEngine:
    """Runs an `AdaFuse` network frame by frame.

    The convolutions are computed in full and masked: the trace holds what the policy asks for, not
    what this engine spends.

    Attributes:
        times_blocks: Whether traces hold how long each fused block took; measuring it slows a GPU
            down.
    """

    name = "torch"

    def __init__(self, network: AdaFuse, cost: NetworkCost, device: str = "cpu") -> None:
        """Move the network to a device.

        Args:
            network: The network, in evaluation mode.
            cost: What one frame costs.
            device: Where to run, such as "cpu" or "cuda".
        """
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
            logits, memory, chosen, features = self._network.step(image, memory)
        actions = tuple(block[0].to(torch.int8).cpu().numpy() for block in chosen)
        trace = step_trace(self._cost, actions, previous)
        if timed:
            trace = replace(trace, block_ms=self._stopwatch.milliseconds())
        # One transfer from a GPU for both.
        both = torch.cat((logits[0], features[0])).float().cpu().numpy()
        own, read = np.split(both, [logits.shape[1]])
        return StepResult(own, (memory, actions), trace, read)


class BlockStopwatch:
    """Reads the clock where fused blocks and their policies begin and end.

    Hooks are on the network only while `running`; at other times it runs at full speed.
    """

    def __init__(self, network: AdaFuse, device: str) -> None:
        """Find the fused blocks.

        Args:
            network: The network.
            device: Where it runs; a GPU is waited for before the clock is read.
        """
        self._network = network
        self._waits = torch.device(device).type == "cuda"
        self._spent_s = np.zeros((len(network.fused_sites), len(BlockPhase)))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time what the network does in the body."""
        self._spent_s[:] = 0
        backbone = self._network.backbone
        with ExitStack() as hooks:
            for index, site in enumerate(self._network.fused_sites):
                first, second = map(backbone.get_submodule, (site.producer, site.consumers[-1]))
                begin = self._add(-1, BlockPhase.CONVOLUTIONS, index)
                hooks.enter_context(first.register_forward_pre_hook(begin))
                end = self._add(1, BlockPhase.CONVOLUTIONS, index)
                hooks.enter_context(second.register_forward_hook(end))
            policies = self._network.policies
            if policies is not None:
                begin, end = self._add(-1, BlockPhase.POLICY), self._add(1, BlockPhase.POLICY)
                hooks.enter_context(policies.register_forward_pre_hook(begin))
                hooks.enter_context(policies.register_forward_hook(end))
            yield

    def milliseconds(self) -> NDArray[np.float32]:
        """Return what the last run spent in each phase of each block, of shape (B, 2).

        A block goes from the beginning of its fused convolution to the end of its last consumer;
        the time of its policy network, which runs in between, is counted apart.
        """
        spent_ms = self._spent_s * 1e3
        spent_ms[:, BlockPhase.CONVOLUTIONS] -= spent_ms[:, BlockPhase.POLICY]
        return spent_ms.astype(np.float32)

    def _add(self, sign: int, phase: BlockPhase, block: int | None = None) -> Callable[..., None]:
        """Return a hook that adds the clock's time, or subtracts it.

        Args:
            sign: 1 where the phase ends, -1 where it begins.
            phase: The phase.
            block: Index of the block; None takes it from the call, of which it is the first
                argument at the policies.
        """

        def hook(module: nn.Module, arguments: tuple[Any, ...], *_: object) -> None:
            if self._waits:
                torch.cuda.synchronize()
            index = int(arguments[0]) if block is None else block
            self._spent_s[index, phase] += sign * perf_counter()

        return hook

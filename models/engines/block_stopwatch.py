"""Times the fused blocks of a PyTorch network while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from models.network.adafuse import AdaFuse
from models.trace import BLOCK_PARTS

POLICY, CONVOLUTIONS = range(BLOCK_PARTS)
"""Parts of a fused block, as every trace has them."""


class BlockStopwatch:
    """Looks at the clock where a fused block and its policy begin and end.

    The network is touched only while `running`: at other times it is as fast as without.

    Args:
        network: The network.
        device: Where it runs; on a GPU the clock waits until what was asked for is done.
    """

    def __init__(self, network: AdaFuse, device: str) -> None:
        self._network = network
        self._waits = torch.device(device).type == "cuda"
        self._spent_s = np.zeros((len(network.fused_sites), BLOCK_PARTS))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Time whatever the network does meanwhile."""
        self._spent_s[:] = 0
        backbone = self._network.backbone
        with ExitStack() as hooks:
            for index, site in enumerate(self._network.fused_sites):
                first, second = map(backbone.get_submodule, (site.producer, site.consumers[-1]))
                begin = self._add(-1, CONVOLUTIONS, index)
                hooks.enter_context(first.register_forward_pre_hook(begin))
                hooks.enter_context(second.register_forward_hook(self._add(1, CONVOLUTIONS, index)))
            policies = self._network.policies
            if policies is not None:
                hooks.enter_context(policies.register_forward_pre_hook(self._add(-1, POLICY)))
                hooks.enter_context(policies.register_forward_hook(self._add(1, POLICY)))
            yield

    def milliseconds(self) -> NDArray[np.float32]:
        """Return what the last run spent in each part of each block, of shape (B, 2).

        A block goes from the beginning of its fused convolution to the end of its last consumer;
        what its policy network took in between is told apart.
        """
        spent_ms = self._spent_s * 1e3
        spent_ms[:, CONVOLUTIONS] -= spent_ms[:, POLICY]
        return spent_ms.astype(np.float32)

    def _add(self, sign: int, part: int, block: int | None = None) -> Callable[..., None]:
        """Return a hook that adds the time of the clock, or takes it off.

        Args:
            sign: 1 where the part ends, -1 where it begins.
            part: Of a block.
            block: Index of the block; None takes it from the call, as the policies are told it.
        """

        def hook(module: nn.Module, arguments: tuple[Any, ...], *_: object) -> None:
            if self._waits:
                torch.cuda.synchronize()
            index = int(arguments[0]) if block is None else block
            self._spent_s[index, part] += sign * perf_counter()

        return hook

"""Turns a batch of bytes into the network's input, in one pass.

Bytes take a quarter of the size of floats on their way from the loading processes and to the
accelerator, and one pass over a batch replaces several over every frame.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass
class _Block:
    """Memory, and the array through which the last batch holds it.

    PyTorch keeps that array alive as long as any tensor, view or saved input of a backward pass
    uses the memory.
    """

    memory: NDArray[np.float32]
    lease: weakref.ref[NDArray[np.float32]] | None = None

    def lend(self) -> Tensor:
        array = self.memory[:]
        self.lease = weakref.ref(array)
        return torch.from_numpy(array)

    @property
    def free(self) -> bool:
        return self.lease is None or self.lease() is None


class RecycledMemory:
    """Memory of batches that are no longer used, for the next ones.

    A batch is large: fresh memory from the operating system, page by page, costs more time than the
    arithmetic. For use by one thread.
    """

    KEPT = 2
    """One batch in use and the next."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []

    def take(self, size: int) -> Tensor:
        """Return `size` uninitialized float32 values."""
        self._blocks = [block for block in self._blocks if block.memory.size == size]
        block = next((block for block in self._blocks if block.free), None)
        if block is None:
            block = _Block(np.empty(size, np.float32))
            if len(self._blocks) < self.KEPT:
                self._blocks.append(block)
        return block.lend()


_memory = RecycledMemory()


def normalize_batch(clips: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Normalize a batch, bit for bit as `models.preprocess` does with its frames.

    Args:
        clips: uint8 RGB of shape (B, T, H, W, 3), on any device.
        mean: RGB mean in [0, 1].
        std: RGB standard deviation in [0, 1].

    Returns:
        float32 of shape (B, T, 3, H, W). In memory the channels stay last, the fastest order
        for convolutions.
    """
    deviation = np.asarray(std, np.float32)
    scale = (np.float32(1.0) / (np.float32(255.0) * deviation)).astype(np.float32)
    offset = (np.asarray(mean, np.float32) / deviation).astype(np.float32)
    on_device = _on_processor if clips.device.type == "cpu" else _on_accelerator
    return on_device(clips.contiguous(), scale, offset).permute(0, 1, 4, 2, 3)


def _on_accelerator(
    clips: Tensor, scale: NDArray[np.float32], offset: NDArray[np.float32]
) -> Tensor:
    factors, offsets = (torch.from_numpy(values).to(clips.device) for values in (scale, offset))
    return clips.float() * factors - offsets


def _on_processor(clips: Tensor, scale: NDArray[np.float32], offset: NDArray[np.float32]) -> Tensor:
    result = _memory.take(clips.numel()).view(clips.shape)
    columns = clips.shape[-2]
    _normalize_rows(
        clips.view(-1, 3 * columns).numpy(),
        np.tile(scale, columns),
        np.tile(offset, columns),
        result.view(-1, 3 * columns).numpy(),
    )
    return result


# Not "fastmath": a fused multiply-add would round differently from the app's own normalization.
@numba.njit(cache=True, nogil=True)
def _normalize_rows(
    rows: NDArray[np.uint8],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    result: NDArray[np.float32],
) -> None:
    """Write rows × scale - offset, for rows of shape (N, 3 × W) with tables as long as a row."""
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            result[row, column] = np.float32(rows[row, column]) * scale[column] - offset[column]

"""From a batch of bytes to the network's input, in one go.

Bytes travel from the loading processes and to the accelerator at a quarter of the size of floats,
and one pass over a batch replaces several over every frame.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


def normalise_batch(clips: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """Normalise a batch, to exactly what `models.preprocess.normalise` makes of its frames.

    Args:
        clips: uint8 RGB of shape (B, T, H, W, 3), on any device.
        mean: RGB mean in [0, 1].
        std: RGB standard deviation in [0, 1].

    Returns:
        float32 of shape (B, T, 3, H, W). In memory the channels stay last, which is the order
        that convolutions are fastest in.
    """
    scale = (1.0 / (255.0 * np.asarray(std, np.float32))).astype(np.float32)
    offset = np.asarray(mean, np.float32) / np.asarray(std, np.float32)
    on_device = _on_processor if clips.device.type == "cpu" else _on_accelerator
    return on_device(clips.contiguous(), scale, offset).permute(0, 1, 4, 2, 3)


def _on_accelerator(
    clips: Tensor, scale: NDArray[np.float32], offset: NDArray[np.float32]
) -> Tensor:
    factors, offsets = (torch.from_numpy(values).to(clips.device) for values in (scale, offset))
    return clips.float() * factors - offsets


def _on_processor(clips: Tensor, scale: NDArray[np.float32], offset: NDArray[np.float32]) -> Tensor:
    result = torch.empty(clips.shape, dtype=torch.float32)
    columns = clips.shape[-2]
    _normalise_rows(
        clips.view(-1, 3 * columns).numpy(),
        np.tile(scale, columns),
        np.tile(offset, columns),
        result.view(-1, 3 * columns).numpy(),
    )
    return result


# Not "fastmath": a fused multiply-add would round differently from the app's own normalisation.
@numba.njit(cache=True, nogil=True)
def _normalise_rows(
    rows: NDArray[np.uint8],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    result: NDArray[np.float32],
) -> None:
    """Write rows × scale - offset, for rows of shape (N, 3 × W) with tables as long as a row."""
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            result[row, column] = np.float32(rows[row, column]) * scale[column] - offset[column]

"""What a person's classifier reads of the newest frames: their mean, and how they changed.

The mean is what the general classifier's scores are a function of. With a few takes the order of
things must be learned too, which a mean forgets: the second half is half the difference between the
newer and the older half of the window. A classifier that ignores it is the general one.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float32]
"""What the model's classifier read at each step of an uninterrupted run, of shape (steps, F)."""


def windows(features: Features, frames: int) -> NDArray[np.float64]:
    """Return the window that ends at each step of a run.

    Args:
        features: Of shape (N, F).
        frames: T, the frames of a whole window; at the beginning of a run there are fewer.

    Returns:
        Shape (N, 2 F).
    """
    sums = np.cumsum(features, axis=0, dtype=np.float64)
    sums = np.concatenate([np.zeros((1, features.shape[1])), sums])
    ends = np.arange(1, len(features) + 1)
    begins = np.maximum(ends - frames, 0)
    halves = (ends - begins) // 2
    newer, older = sums[ends] - sums[ends - halves], sums[begins + halves] - sums[begins]
    means = (sums[ends] - sums[begins]) / (ends - begins)[:, None]
    change = (newer - older) / (2 * np.maximum(halves, 1)[:, None])
    return np.concatenate([means, change], axis=1)


def newest_window(features: Features) -> NDArray[np.float64]:
    """Return the window of all N given steps, of shape (2 F,)."""
    return np.asarray(windows(features, len(features))[-1], np.float64)

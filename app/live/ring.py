"""The frames of the model's clip, so that people see what the network saw."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray


class RingBuffer:
    """The newest sampled frames with their times; the oldest makes way for the newest."""

    def __init__(self, capacity: int) -> None:
        """Start empty.

        Args:
            capacity: Frames to keep, T of the model.
        """
        self._frames: deque[tuple[float, NDArray[np.uint8]]] = deque(maxlen=capacity)

    def __len__(self) -> int:
        """Return the number of frames held."""
        return len(self._frames)

    def push(self, image: NDArray[np.uint8], time_s: float) -> None:
        """Add the newest frame; `image` must not be changed afterwards."""
        self._frames.append((time_s, image))

    def images(self) -> tuple[NDArray[np.uint8], ...]:
        """Return the images, oldest first."""
        return tuple(image for _, image in self._frames)

    def times_s(self) -> tuple[float, ...]:
        """Return the times of the images on the source's clock, in seconds, oldest first."""
        return tuple(time_s for time_s, _ in self._frames)

    def clear(self) -> None:
        """Forget everything."""
        self._frames.clear()

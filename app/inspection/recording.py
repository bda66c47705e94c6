"""What the viewer needs of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.live.snapshot import Prediction
from models.decision import Gesture


class InspectedModel(Protocol):
    """What the window needs to know about the model that runs or ran."""

    @property
    def name(self) -> str:
        """Its name for people and for file names."""
        ...

    @property
    def frame_interval_s(self) -> float:
        """Time from one step to the next, in seconds."""
        ...

    @property
    def fuses(self) -> bool:
        """Whether there are fused blocks."""
        ...


class Recording(Protocol):
    """A recorded run."""

    @property
    def predictions(self) -> Sequence[Prediction]:
        """All predictions, oldest first."""
        ...

    @property
    def gestures(self) -> Sequence[Gesture]:
        """All gestures that fired, oldest first."""
        ...

    @property
    def duration_s(self) -> float:
        """Its duration, in seconds."""
        ...

    def frame_at(self, time_s: float) -> NDArray[np.uint8] | None:
        """Return the frame shown at a time, BGR of shape (H, W, 3); None if there is none."""
        ...

    def close(self) -> None:
        """Close its files; may be called more than once."""
        ...

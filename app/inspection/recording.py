"""What the viewer needs of a recorded session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.live.snapshot import Prediction
from models.decision import Gesture


class InspectedModel(Protocol):
    """What the window needs to know of the model that runs or ran."""

    @property
    def name(self) -> str:
        """For people and for names of files."""
        ...

    @property
    def frame_interval_s(self) -> float:
        """Seconds from step to step."""
        ...

    @property
    def fuses(self) -> bool:
        """Whether there are fused blocks."""
        ...


class Recording(Protocol):
    """A session that is over."""

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
        """How long it lasts, in seconds."""
        ...

    def frame_at(self, time_s: float) -> NDArray[np.uint8] | None:
        """Return the frame on show at a time, BGR of shape (H, W, 3); None if there is none."""
        ...

    def close(self) -> None:
        """Let go of its files; may be called again."""
        ...

"""Selects the frames that the model sees and crops them: by its cadence, or as recorded.

A recording that fits the model is replayed sample by sample, including what was dropped when it was
made. The cadence selects all other frames.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame
from app.sources.recorded import RecordedFrame, RecordedSample
from models import preprocess
from models.cadence import Cadence, Sample
from models.spec import ModelSpec


class Sampler:
    """Selects the frames that the model sees; used by one thread."""

    def __init__(self, spec: ModelSpec, first_run: int = 0) -> None:
        """Prepare for the first frame.

        Args:
            spec: The model.
            first_run: Index of the first run; must not have been used by an earlier sampler.
        """
        self._spec = spec
        self._cadence: Cadence[Frame] = Cadence(spec.frame_interval_s)
        self._run = first_run - 1
        self._origin: tuple[str, int, int] | None = None

    @property
    def next_run(self) -> int:
        """Index of the run that would follow."""
        return self._run + 1

    def pick(self, frame: Frame) -> Sample[Frame] | None:
        """Return `frame` as a sample if the model is to see it, otherwise None.

        Args:
            frame: The next frame of the source; every frame must be offered, in order.
        """
        # Offered in any case: the cadence needs every timestamp.
        by_cadence = self._cadence.pick(frame)
        if frame.recorded is not None and fits(frame.recorded, self._spec):
            recorded = frame.recorded.sample
            if recorded is None:
                return None
            return self._sample(frame, ("recorded", frame.segment, recorded.run))
        if by_cadence is None:
            return None
        return self._sample(frame, ("cadence", 0, by_cadence.run))

    def _sample(self, frame: Frame, origin: tuple[str, int, int]) -> Sample[Frame]:
        """Return a sample of the current run, or of a new one if `origin` has changed."""
        if origin != self._origin:
            self._origin = origin
            self._run += 1
        return Sample(frame, self._run)


def fits(recorded: RecordedFrame, spec: ModelSpec) -> bool:
    """Return whether a recording holds what the model would have seen: its size, its cadence."""
    return (recorded.frame_interval_s, recorded.input_height, recorded.input_width) == (
        spec.frame_interval_s,
        spec.input_height,
        spec.input_width,
    )


def recorded_sample(frame: Frame, spec: ModelSpec) -> RecordedSample | None:
    """Return the recorded sample of a frame, if the model can use it."""
    recorded = frame.recorded
    return recorded.sample if recorded is not None and fits(recorded, spec) else None


def network_picture(frame: Frame, spec: ModelSpec) -> NDArray[np.uint8]:
    """Return what the network sees of a frame: BGR of the model's input size, (H, W, 3)."""
    recorded = recorded_sample(frame, spec)
    if recorded is not None:
        return recorded.picture
    return preprocess.network_picture(frame.image, spec)

"""Selects the frames that the model sees and crops them: by its cadence, or as recorded.

A recording that fits the model is replayed sample by sample, including what was dropped when it was
made. The cadence selects all other frames.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.sources.base import Frame
from app.sources.recorded import RecordedFrame, RecordedSample
from models.cadence import Cadence, Sample
from models.live import LiveEngine, square_side


@dataclass(frozen=True)
class ModelInput:
    """What a model sees; a recording of another one does not fit it.

    Attributes:
        frame_interval_s: Time between two samples, in seconds.
        height: Height of its input, in pixels.
        width: Width of its input, in pixels.
        square_side: Side of the square around the hand, in pixels; None of a model of one view.
    """

    frame_interval_s: float
    height: int
    width: int
    square_side: int | None = None

    @classmethod
    def of(cls, engine: LiveEngine) -> ModelInput:
        """Return what the model of an engine sees."""
        spec = engine.spec
        return cls(spec.frame_interval_s, spec.input_height, spec.input_width, square_side(engine))

    def is_in(self, recorded: RecordedFrame) -> bool:
        """Return whether a recording holds what the model would have seen."""
        return (
            (recorded.frame_interval_s, recorded.input_height, recorded.input_width)
            == (self.frame_interval_s, self.height, self.width)
        ) and self.square_side in (None, recorded.square_side)


class Sampler:
    """Selects the frames that the model sees; used by one thread."""

    def __init__(self, seen: ModelInput, first_run: int = 0) -> None:
        """Prepare for the first frame.

        Args:
            seen: What the model sees.
            first_run: Index of the first run; must not have been used by an earlier sampler.
        """
        self._seen = seen
        self._cadence: Cadence[Frame] = Cadence(seen.frame_interval_s)
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
        if frame.recorded is not None and self._seen.is_in(frame.recorded):
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


def recorded_sample(frame: Frame, seen: ModelInput) -> RecordedSample | None:
    """Return the recorded sample of a frame, if the model can use it."""
    recorded = frame.recorded
    return recorded.sample if recorded is not None and seen.is_in(recorded) else None

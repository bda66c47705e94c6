"""Which gesture that fired belongs to which gesture that was made.

An event counts as the detection of a gesture if it has its label and lies between the start of
the stroke and a tolerance after its end. Every event and every gesture is matched at most once; as
many are matched as can be, and the earlier event goes to the earlier gesture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from models.decision import Gesture
from training.streams.truth import StreamCue

TOLERANCE_S = 1.0
"""An answer later than this after the end of the stroke is of no use to anybody who waits."""


@dataclass(frozen=True)
class Detection:
    """A gesture that was made and fired.

    Attributes:
        cue: What was done.
        event: What fired.
    """

    cue: StreamCue
    event: Gesture

    @property
    def delay_s(self) -> float:
        """Time from the end of the stroke to the event, in seconds; negative before its end."""
        return self.event.time_s - self.cue.end_s


def match(
    cues: Sequence[StreamCue], events: Sequence[Gesture], tolerance_s: float = TOLERANCE_S
) -> list[Detection]:
    """Match gestures that were made with those that fired.

    Gestures of one stream never overlap, so that their windows are in the same order at both ends:
    giving each gesture the first event of its window that is left matches as many as possible.

    Args:
        cues: The gestures of one stream, in the order of their times; strokes do not overlap.
        events: What fired, in the order of their times.
        tolerance_s: How long after the stroke an event still counts, in seconds.
    """
    waiting: dict[str, list[Gesture]] = defaultdict(list)
    for event in reversed(events):
        waiting[event.label].append(event)
    detections = []
    for cue in cues:
        left = waiting[cue.label]
        # What lies before this window lies before all later ones.
        while left and left[-1].time_s < cue.start_s:
            left.pop()
        if left and left[-1].time_s <= cue.end_s + tolerance_s:
            detections.append(Detection(cue, left.pop()))
    return detections

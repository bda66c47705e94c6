"""What a live model should say at each of its steps."""

from __future__ import annotations

from collections.abc import Sequence

from training.labels import NO_GESTURE, OTHER_THINGS
from training.streams.truth import CueKind, StreamCue

EARLY_S = 0.15
"""So long before the end of its stroke a gesture may be told, in seconds."""

LATE_S = 0.5
"""So long after it the gesture must be told, in seconds."""

MEMORY_S = 1.2
"""So long after a gesture a model may still speak of it: its scores are means over a clip."""

BEGIN_S = 0.5
"""So long after its beginning a distraction may still look like rest, in seconds."""

END_S = 0.8
"""So long after its end it may still be spoken of, in seconds."""


def step_labels(cues: Sequence[StreamCue], times_s: Sequence[float]) -> list[str | None]:
    """Return what to say at each step of a stream; None where that is a matter of opinion.

    Args:
        cues: What is done in the stream, in order.
        times_s: Times of the steps, in seconds.
    """
    return [_label_at(cues, time_s) for time_s in times_s]


def _label_at(cues: Sequence[StreamCue], time_s: float) -> str | None:
    gestures = [cue for cue in cues if cue.kind is CueKind.GESTURE]
    for cue in gestures:
        if cue.end_s - EARLY_S <= time_s <= cue.end_s + LATE_S:
            return cue.label
    if any(cue.begin_s <= time_s <= cue.until_s + MEMORY_S for cue in gestures):
        return None
    others = (cue for cue in cues if cue.kind is not CueKind.GESTURE)
    busy = any(cue.begin_s + BEGIN_S <= time_s <= cue.until_s + END_S for cue in others)
    return OTHER_THINGS if busy else NO_GESTURE

"""Short windows cut from streams, to train a live model on what it will see.

A model that looks on all the time sees far more than strokes: hands that come up and go back,
gestures that break off, people who drink or sit still. Its windows are labelled accordingly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.labels import NO_GESTURE, OTHER_THINGS
from training.streams.truth import CueKind, StreamCue
from training.streams.video import StreamFrame, samples

SEEN = 0.75
"""Share of a stroke, or of a window that is shorter, from which a window shows the gesture."""

UNSEEN = 0.35
"""Share up to which it does not. What lies between belongs to neither side and is left out."""

BUSY_S = 0.2
"""Seconds of any movement from which a window is not one of rest."""


@dataclass(frozen=True)
class Window:
    """Some frames in a row, as the model sees them.

    Attributes:
        images: BGR pictures, T of them.
        label: What they show.
    """

    images: tuple[NDArray[np.uint8], ...]
    label: str


def _overlap_s(begin_s: float, end_s: float, other_begin_s: float, other_end_s: float) -> float:
    return max(0.0, min(end_s, other_end_s) - max(begin_s, other_begin_s))


def window_label(cues: Sequence[StreamCue], begin_s: float, end_s: float) -> str | None:
    """Return what a model should say about a window; None where that is a matter of opinion.

    Args:
        cues: What is done in the stream.
        begin_s: Time of the first frame, seconds.
        end_s: Time of the last frame, later than `begin_s`.
    """
    most, label, busy_s = 0.0, OTHER_THINGS, 0.0
    for cue in cues:
        busy_s += _overlap_s(begin_s, end_s, cue.begin_s, cue.until_s)
        if cue.kind is not CueKind.GESTURE:
            continue
        enough_s = min(cue.end_s - cue.start_s, end_s - begin_s)
        seen = _overlap_s(begin_s, end_s, cue.start_s, cue.end_s) / enough_s
        if seen > most:
            most, label = seen, cue.label
    if most >= SEEN:
        return label
    if most > UNSEEN:
        return None
    return OTHER_THINGS if busy_s > BUSY_S else NO_GESTURE


def cut_windows(
    frames: Iterable[StreamFrame], cues: Sequence[StreamCue], interval_s: float, length: int
) -> Iterator[Window]:
    """Yield the window that ends at each frame that a model looks at.

    Args:
        frames: Of the stream.
        cues: What is done in it.
        interval_s: Seconds from one look to the next.
        length: T, at least 2.
    """
    looks: list[StreamFrame] = []
    run = 0
    for sample in samples(frames, interval_s):
        if sample.run != run:
            looks, run = [], sample.run
        looks = [*looks, sample.frame][-length:]
        if len(looks) < length:
            continue
        label = window_label(cues, looks[0].time_s, looks[-1].time_s)
        if label is not None:
            yield Window(tuple(look.image for look in looks), label)

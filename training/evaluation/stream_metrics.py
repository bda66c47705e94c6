"""How well gestures that fire agree with gestures that were made, over whole streams.

An event counts as the detection of a gesture if it has its label and lies between the start of
the stroke and a tolerance after its end. Every event and every gesture is matched at most once; as
many are matched as possible, and the earlier event goes to the earlier gesture.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np

from models.decision import Gesture
from models.spec import ModelSpec
from training.streams.truth import CueKind, StreamCue, StreamTruth

DECIMALS = 6
"""Digits after the point in reports."""

TOLERANCE_S = 1.0
"""An event later than this after the end of the stroke is useless to anybody who waits for it."""


@dataclass(frozen=True)
class Detection:
    """A gesture that was made and detected.

    Attributes:
        cue: The gesture.
        event: What fired.
    """

    cue: StreamCue
    event: Gesture

    @property
    def delay_s(self) -> float:
        """Time from the end of the stroke to the event, in seconds; negative before its end."""
        return self.event.time_s - self.cue.end_s


class FalseKind(StrEnum):
    """What was happening when a false activation fired."""

    WRONG_LABEL = "another gesture than was made"
    REPEATED = "a gesture that had fired already"
    RETURNING = "a hand that goes back"
    UNFINISHED = "an unfinished gesture"
    DISTRACTION = "a distraction"
    REST = "rest"


@dataclass(frozen=True)
class FalseActivation:
    """An event that belongs to no gesture.

    Attributes:
        event: What fired.
        kind: What was happening.
        during: The label or the description of it; empty at rest.
    """

    event: Gesture
    kind: FalseKind
    during: str


@dataclass(frozen=True)
class StreamOutcome:
    """The result over one stream.

    Attributes:
        name: The stream's video.
        duration_s: Its length.
        gestures: The gestures in it that the model has a label for, in order.
        events: What fired, in order.
        detections: Gestures that were detected.
        false: Events that belong to no gesture.
        edits: Levenshtein distance between the labels of `events` and of `gestures`.
    """

    name: str
    duration_s: float
    gestures: tuple[StreamCue, ...]
    events: tuple[Gesture, ...]
    detections: tuple[Detection, ...]
    false: tuple[FalseActivation, ...]
    edits: int


@dataclass(frozen=True)
class StreamMetrics:
    """How well a model does over streams; shares are fractions.

    Attributes:
        minutes: Length of all streams.
        gestures: Gestures that were made.
        levenshtein_accuracy: 1 - edit distance / gestures, over the sequences of labels; negative
            where errors outnumber gestures.
        detection_rate: Share of the gestures that were detected.
        false_per_minute: Events that belong to no gesture, per minute of stream.
        delay_ms_p50: Median time from the end of the stroke to the event, in milliseconds; negative
            before its end. None without a detection.
        delay_ms_p95: The same for the slowest twentieth.
    """

    minutes: float
    gestures: int
    levenshtein_accuracy: float
    detection_rate: float
    false_per_minute: float
    delay_ms_p50: float | None
    delay_ms_p95: float | None

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON, rounded to six digits."""
        return {
            name: round(value, DECIMALS) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def assess(
    truth: StreamTruth,
    events: Sequence[Gesture],
    spec: ModelSpec,
    tolerance_s: float = TOLERANCE_S,
) -> StreamOutcome:
    """Compare what fired in one stream with what was done.

    Args:
        truth: What was really done.
        events: What fired, in order.
        spec: The model.
        tolerance_s: How long after the stroke an event still counts, in seconds.
    """
    gestures = known_gestures(truth, spec)
    detections = match(gestures, events, tolerance_s)
    # By identity: no two events are equal in every field.
    matched = {id(detection.event) for detection in detections}
    detected = {id(detection.cue) for detection in detections}
    false = tuple(
        _explained(event, truth.cues, detected, tolerance_s)
        for event in events
        if id(event) not in matched
    )
    edits = edit_distance([event.label for event in events], [cue.label for cue in gestures])
    return StreamOutcome(
        name=truth.video,
        duration_s=truth.duration_s,
        gestures=gestures,
        events=tuple(events),
        detections=tuple(detections),
        false=false,
        edits=edits,
    )


def summarize(outcomes: Iterable[StreamOutcome]) -> StreamMetrics:
    """Return the metrics over at least one stream.

    Without a single gesture, Levenshtein accuracy and detection rate are 1 if nothing fired and 0
    otherwise.
    """
    results = list(outcomes)
    minutes = sum(item.duration_s for item in results) / 60
    made = sum(len(item.gestures) for item in results)
    edits = sum(item.edits for item in results)
    detections = [detection for item in results for detection in item.detections]
    wrong = sum(len(item.false) for item in results)
    delays_ms = [1000 * detection.delay_s for detection in detections]
    return StreamMetrics(
        minutes=minutes,
        gestures=made,
        levenshtein_accuracy=1 - edits / made if made else float(edits == 0),
        detection_rate=len(detections) / made if made else float(wrong == 0),
        false_per_minute=wrong / minutes,
        delay_ms_p50=float(np.percentile(delays_ms, 50)) if delays_ms else None,
        delay_ms_p95=float(np.percentile(delays_ms, 95)) if delays_ms else None,
    )


def known_gestures(truth: StreamTruth, spec: ModelSpec) -> tuple[StreamCue, ...]:
    """Return the gestures of a stream that a model has a label for.

    A gesture that the model does not know counts as a distraction.
    """
    known = set(spec.labels) - set(spec.silent_labels)
    return tuple(cue for cue in truth.cues if cue.kind is CueKind.GESTURE and cue.label in known)


def match(
    cues: Sequence[StreamCue], events: Sequence[Gesture], tolerance_s: float = TOLERANCE_S
) -> list[Detection]:
    """Match gestures that were made with those that fired.

    Gestures of one stream never overlap, so that their windows are in the same order at both ends:
    giving each gesture the first remaining event of its window matches as many as possible.

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
        # An event before this window is before all later ones.
        while left and left[-1].time_s < cue.start_s:
            left.pop()
        if left and left[-1].time_s <= cue.end_s + tolerance_s:
            detections.append(Detection(cue, left.pop()))
    return detections


def edit_distance(first: Sequence[str], second: Sequence[str]) -> int:
    """Return how many insertions, deletions and replacements turn one sequence into the other.

    Exact, unlike `torchmetrics.text`, which only searches near the diagonal of long sequences.
    """
    row = list(range(len(second) + 1))
    for above, item in enumerate(first, start=1):
        diagonal, row[0] = row[0], above
        for column, other in enumerate(second, start=1):
            replaced = diagonal + (item != other)
            diagonal = row[column]
            row[column] = min(replaced, diagonal + 1, row[column - 1] + 1)
    return row[-1]


def _explained(
    event: Gesture, cues: Sequence[StreamCue], detected: set[int], tolerance_s: float
) -> FalseActivation:
    """Explain a false activation by the last thing begun, unless that is long over."""
    begun = [cue for cue in cues if cue.begin_s <= event.time_s]
    # Scores are means over a clip, so that what was done shows in them for a while longer.
    if not begun or event.time_s > begun[-1].until_s + tolerance_s:
        return FalseActivation(event, FalseKind.REST, "")
    cue = begun[-1]
    if cue.kind is CueKind.UNFINISHED:
        kind = FalseKind.UNFINISHED
    elif cue.kind is CueKind.DISTRACTION:
        kind = FalseKind.DISTRACTION
    elif id(cue) not in detected:
        kind = FalseKind.WRONG_LABEL
    elif cue.label == event.label:
        kind = FalseKind.REPEATED
    else:
        kind = FalseKind.RETURNING if event.time_s > cue.end_s else FalseKind.WRONG_LABEL
    return FalseActivation(event, kind, cue.label)

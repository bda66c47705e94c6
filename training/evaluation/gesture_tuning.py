"""Finds thresholds of their own for some gestures, under a rate of false activations of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from msgspec.structs import replace

from models.decision import DecisionSettings, GestureThresholds
from models.spec import ModelSpec
from training.evaluation.stream_metrics import summarize
from training.evaluation.streams import TranscribedStream
from training.evaluation.tuning import FIRE_ABOVE, HOLD_INTERVALS, MOST_FALSE_PER_MINUTE, worth

CHOICES_PER_GESTURE = len(FIRE_ABOVE) * len(HOLD_INTERVALS)
"""As many thresholds are tried for each gesture."""


@dataclass(frozen=True)
class TunedGesture:
    """Thresholds of one gesture and how well it does with them.

    Attributes:
        label: The gesture.
        thresholds: What it needs to fire.
        made: How often it was made in the streams.
        detected: How often that was detected.
        false_per_minute: Events of this label that belong to no gesture, per minute of stream.
        score: `tuning.worth` of all gestures together.
    """

    label: str
    thresholds: GestureThresholds
    made: int
    detected: int
    false_per_minute: float
    score: float


def tune_gestures(
    streams: Sequence[TranscribedStream],
    spec: ModelSpec,
    settings: DecisionSettings,
    labels: Sequence[str],
    most_false_per_minute: float = MOST_FALSE_PER_MINUTE,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[DecisionSettings, list[TunedGesture]]:
    """Search the conditions to fire of one gesture after the other; all else stays as it is.

    Of the choices with which a gesture keeps within the rate, that is taken with which most of the
    times that it was made are detected, and of these the one that is best for all gestures; where
    none keeps within the rate, that with the fewest false activations.

    Args:
        streams: What a model believed; not over the streams that it will be tested on.
        spec: The model.
        settings: What the search starts from.
        labels: The gestures, in the order in which they are tuned.
        most_false_per_minute: The rate, of each of them.
        progress: Called with how many choices have been tried, `CHOICES_PER_GESTURE` a gesture.

    Returns:
        The settings, and what became of each gesture.
    """
    tuned, tried = [], 0
    for label in labels:
        found = []
        for fire_above, hold in product(FIRE_ABOVE, HOLD_INTERVALS):
            own = GestureThresholds(fire_above, round(hold * spec.frame_interval_s, 4))
            found.append(_measured(streams, spec, _with(settings, label, own), label, own))
            tried += 1
            progress(tried)
        quiet = [choice for choice in found if choice.false_per_minute <= most_false_per_minute]
        if quiet:
            best = max(quiet, key=lambda choice: (choice.detected, choice.score))
        else:
            best = min(found, key=lambda choice: (choice.false_per_minute, -choice.score))
        settings = _with(settings, label, best.thresholds)
        tuned.append(best)
    return settings, tuned


def _with(settings: DecisionSettings, label: str, own: GestureThresholds) -> DecisionSettings:
    return replace(settings, gestures={**settings.gestures, label: own})


def _measured(
    streams: Sequence[TranscribedStream],
    spec: ModelSpec,
    settings: DecisionSettings,
    label: str,
    own: GestureThresholds,
) -> TunedGesture:
    outcomes = [stream.outcome(spec, settings) for stream in streams]
    metrics = summarize(outcomes)
    false = sum(wrong.event.label == label for outcome in outcomes for wrong in outcome.false)
    return TunedGesture(
        label=label,
        thresholds=own,
        made=sum(cue.label == label for outcome in outcomes for cue in outcome.gestures),
        detected=sum(found.cue.label == label for out in outcomes for found in out.detections),
        false_per_minute=false / metrics.minutes,
        score=worth(metrics),
    )

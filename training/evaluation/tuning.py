"""Finds the decision settings with which a model does best on streams."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from msgspec.structs import replace

from models.decision import DecisionSettings
from models.spec import ModelSpec
from training.evaluation.stream_metrics import StreamMetrics, summarize
from training.evaluation.streams import TranscribedStream

MOST_FALSE_PER_MINUTE = 0.1
"""Goal for false activations; fewer cost nothing."""

SLOWEST_MS = 400.0
"""Goal for the p95 delay; less costs nothing."""

_PRICE_OF_FALSE = 0.1
"""Score lost per false activation a minute above the goal."""

_PRICE_OF_SECOND = 0.5
"""Score lost per second of delay above the goal."""

FIRE_ABOVE = tuple(round(0.3 + 0.05 * step, 2) for step in range(14))
"""Thresholds to fire that are tried."""

HOLD_INTERVALS = (0.0, 0.5, 1.5, 2.5, 3.5)
"""Hold times that are tried, in times between two samples, so that each holds for one sample more
than the one before."""

_RELEASE_SHARES = (0.4, 0.6, 0.8, 1.0)
"""As shares of the threshold to fire."""

_RELEASE_S = (0.0, 0.25, 0.5, 1.0)

_ROUNDS = 3

MOST_CHOICES = _ROUNDS * (
    len(FIRE_ABOVE) * len(HOLD_INTERVALS) + len(_RELEASE_SHARES) * len(_RELEASE_S)
)
"""At most as many settings are tried."""


@dataclass(frozen=True)
class Tuned:
    """Settings and how well they do.

    Attributes:
        settings: The settings.
        metrics: Their result on the streams that they were tuned on.
        score: Their `worth`.
    """

    settings: DecisionSettings
    metrics: StreamMetrics
    score: float


def tune(
    streams: Sequence[TranscribedStream],
    spec: ModelSpec,
    progress: Callable[[int], None] = lambda done: None,
) -> Tuned:
    """Search the conditions to fire and to release in turn, until neither improves the score.

    Args:
        streams: What a model believed; not over the streams that it will be tested on.
        spec: The model; the search starts from its own settings, which stay if none are better.
        progress: Called with how many settings have been tried, at most `MOST_CHOICES`.
    """
    best = measured(streams, spec, spec.decision)
    tried = 0
    for _ in range(_ROUNDS):
        start = best
        for choices in (lambda current: firing_choices(current, spec), release_choices):
            for settings in choices(best.settings):
                candidate = measured(streams, spec, settings)
                if candidate.score > best.score:
                    best = candidate
                tried += 1
                progress(tried)
        if best is start:
            break
    return best


def measured(
    streams: Sequence[TranscribedStream], spec: ModelSpec, settings: DecisionSettings
) -> Tuned:
    """Return how well settings do on streams."""
    metrics = summarize(stream.outcome(spec, settings) for stream in streams)
    return Tuned(settings, metrics, worth(metrics))


def worth(metrics: StreamMetrics) -> float:
    """Return a score for a result; higher is better.

    It is the Levenshtein accuracy, less 0.1 for every false activation a minute above
    `MOST_FALSE_PER_MINUTE`, less 0.5 for every second of p95 delay above `SLOWEST_MS`. (A false
    activation already counts as an insertion, but a presenter minds it more than a gesture that
    has to be repeated.)
    """
    late_ms = 0.0 if metrics.delay_ms_p95 is None else max(0.0, metrics.delay_ms_p95 - SLOWEST_MS)
    false = max(0.0, metrics.false_per_minute - MOST_FALSE_PER_MINUTE)
    price = _PRICE_OF_FALSE * false + _PRICE_OF_SECOND * late_ms / 1000
    return metrics.levenshtein_accuracy - price


def firing_choices(current: DecisionSettings, spec: ModelSpec) -> list[DecisionSettings]:
    """Return settings with other conditions to fire; release keeps its share of the threshold."""
    share = current.release_below / current.fire_above
    return [
        replace(
            current,
            fire_above=fire_above,
            hold_s=round(hold * spec.frame_interval_s, 4),
            release_below=_share_of(fire_above, share),
        )
        for fire_above, hold in product(FIRE_ABOVE, HOLD_INTERVALS)
    ]


def release_choices(current: DecisionSettings) -> list[DecisionSettings]:
    """Return settings with other conditions to release a label that has fired."""
    return [
        replace(
            current,
            release_below=_share_of(current.fire_above, share),
            release_s=release_s,
        )
        for share, release_s in product(_RELEASE_SHARES, _RELEASE_S)
    ]


def _share_of(fire_above: float, share: float) -> float:
    """Return a share of a threshold, rounded, but never above it."""
    return min(fire_above, round(share * fire_above, 4))

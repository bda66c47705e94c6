"""From probabilities over time to single gestures: threshold, hysteresis and release to rearm.

A recogniser says many times a second what it believes; a person made one gesture. Everything here
is pure and counts in seconds of the source's clock, so that a result does not depend on how often
it is asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import msgspec


@dataclass(frozen=True)
class Gesture:
    """A gesture that fired.

    Attributes:
        label: The model's label.
        confidence: Its probability when it fired, 0 to 1.
        time_s: Time of the frame at which it fired, on the source's clock, in seconds.
    """

    label: str
    confidence: float
    time_s: float


class DecisionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a probability becomes a gesture.

    Attributes:
        fire_above: Probability that a label must reach to fire, above 0, at most 1.
        hold_s: Time for which it must stay there without a break, in seconds.
        release_below: Probability under which a label that fired counts as over; at most
            `fire_above`.
        release_s: Time for which it must stay under `release_below` before anything may fire again,
            in seconds.
    """

    fire_above: float = 0.6
    hold_s: float = 0.15
    release_below: float = 0.35
    release_s: float = 0.25

    def __post_init__(self) -> None:
        """Reject values with which nothing, or everything, would fire."""
        if not 0 < self.fire_above <= 1:
            raise ValueError(f"fire_above must be above 0 and at most 1, not {self.fire_above}")
        if not 0 < self.release_below <= self.fire_above:
            raise ValueError(
                f"release_below must be above 0 and at most fire_above, not {self.release_below}"
            )
        for name, value in (("hold_s", self.hold_s), ("release_s", self.release_s)):
            if not 0 <= value <= 60:
                raise ValueError(f"{name} must be 0 to 60 seconds, not {value}")


@dataclass(frozen=True)
class Observation:
    """What the recogniser believes at one moment.

    Attributes:
        time_s: Time of the frame on the source's clock, in seconds; never runs backwards within a
            state.
        probabilities: Probability of every label, 0 to 1.
    """

    time_s: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class DecisionState:
    """What `decide` remembers between two observations. The default is the state before the first.

    Attributes:
        candidate: Label that is high enough and waits out its `hold_s`; None if there is none.
        candidate_since_s: When `candidate` became high enough.
        fired: Label that fired and is not over yet; nothing else fires meanwhile.
        released_since_s: When `fired` fell under the release threshold; None while it is above.
    """

    candidate: str | None = None
    candidate_since_s: float = 0.0
    fired: str | None = None
    released_since_s: float | None = None


def decide(
    state: DecisionState,
    observation: Observation,
    settings: DecisionSettings,
    silent_labels: AbstractSet[str] = frozenset(),
) -> tuple[DecisionState, Gesture | None]:
    """Take one observation into account.

    Args:
        state: The state that the previous call returned, or `DecisionState()`.
        observation: What the recogniser believes now.
        settings: Thresholds and times.
        silent_labels: Labels that never fire, such as "No gesture".

    Returns:
        The next state, and the gesture if one fired at this observation.
    """
    state = _release(state, observation, settings)
    if state.fired is not None:
        return state, None
    label = max(observation.probabilities, key=lambda name: observation.probabilities[name])
    confidence = observation.probabilities[label]
    if label in silent_labels or confidence < settings.fire_above:
        return replace(state, candidate=None), None
    if label != state.candidate:
        state = replace(state, candidate=label, candidate_since_s=observation.time_s)
    if observation.time_s - state.candidate_since_s < settings.hold_s:
        return state, None
    return DecisionState(fired=label), Gesture(label, confidence, observation.time_s)


def _release(
    state: DecisionState, observation: Observation, settings: DecisionSettings
) -> DecisionState:
    """Rearm when the label that fired stayed low for long enough."""
    if state.fired is None:
        return state
    if observation.probabilities.get(state.fired, 0.0) >= settings.release_below:
        return replace(state, released_since_s=None)
    if state.released_since_s is None:
        state = replace(state, released_since_s=observation.time_s)
    assert state.released_since_s is not None
    if observation.time_s - state.released_since_s < settings.release_s:
        return state
    return DecisionState()

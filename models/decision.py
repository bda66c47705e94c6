"""From probabilities over time to single gestures: threshold, hysteresis and release to rearm.

A model reports its belief many times a second; a person made one gesture. Everything here is pure
and counts in seconds of the source's clock, so that a result does not depend on how often it is
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum

import msgspec

from models.opposites import opposites

LONGEST_TIME_S = 60.0
"""Longest time that a setting may ask for, in seconds."""


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


class GestureThresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one gesture needs to fire, if it differs from the others.

    Attributes:
        fire_above: Probability that it must reach; None for the common one.
        hold_s: Time for which it must stay there, in seconds; None for the common one.
    """

    fire_above: float | None = None
    hold_s: float | None = None

    def __post_init__(self) -> None:
        """Reject values with which the gesture would always fire, or never."""
        if self.fire_above is not None:
            _check_probability("fire_above", self.fire_above)
        if self.hold_s is not None:
            _check_time("hold_s", self.hold_s)


class DecisionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a probability becomes a gesture.

    Attributes:
        fire_above: Probability that a label must reach to fire, above 0, at most 1.
        hold_s: Time for which it must stay there without a break, in seconds.
        release_below: Probability under which a label that fired counts as over; at most
            `fire_above`.
        release_s: Time for which it must stay under `release_below` before anything may fire again,
            in seconds.
        opposite_lockout_s: Time after the end of a movement during which the opposite one counts as
            the returning hand, in seconds.
        gestures: Thresholds of the labels that differ from those above.
    """

    fire_above: float = 0.6
    hold_s: float = 0.15
    release_below: float = 0.35
    release_s: float = 0.25
    opposite_lockout_s: float = 0.8
    gestures: dict[str, GestureThresholds] = {}

    def __post_init__(self) -> None:
        """Reject values with which nothing, or everything, would fire."""
        _check_probability("fire_above", self.fire_above)
        if not 0 < self.release_below <= self.fire_above:
            raise ValueError(
                f"release_below must be above 0 and at most fire_above, not {self.release_below}"
            )
        _check_time("hold_s", self.hold_s)
        _check_time("release_s", self.release_s)
        _check_time("opposite_lockout_s", self.opposite_lockout_s)

    def fire_above_for(self, label: str) -> float:
        """Return the probability that `label` must reach."""
        own = self.gestures.get(label)
        return self.fire_above if own is None or own.fire_above is None else own.fire_above

    def hold_s_for(self, label: str) -> float:
        """Return the time for which `label` must stay there, in seconds."""
        own = self.gestures.get(label)
        return self.hold_s if own is None or own.hold_s is None else own.hold_s

    def release_below_for(self, label: str) -> float:
        """Return the probability under which `label` is over, at most the one at which it fires."""
        return min(self.release_below, self.fire_above_for(label))


@dataclass(frozen=True)
class Observation:
    """What the model believes at one moment.

    Attributes:
        time_s: Time of the frame on the source's clock, in seconds; it never runs backwards from
            one observation to the next.
        probabilities: Probability of every label, 0 to 1.
    """

    time_s: float
    probabilities: Mapping[str, float]


@dataclass(frozen=True)
class Raised:
    """A label that is high and may not fire again before it has been low for long enough.

    Attributes:
        label: The label.
        low_since_s: When it fell under the release threshold; None while it is above.
    """

    label: str
    low_since_s: float | None = None


@dataclass(frozen=True)
class DecisionState:
    """What `decide` remembers between two observations. The default is the state before the first.

    Attributes:
        candidate: Label that is high enough and waits for its hold time; None if there is none.
        candidate_since_s: When `candidate` became high enough.
        fired: Label that fired and is not over yet; nothing else fires meanwhile.
        returning: Label that rose while it was locked out: the hand on its way back. It stays
            locked out until it is over, however long that takes.
        movement: Label that fired last and is over.
        movement_end_s: When it fell under the release threshold.
    """

    candidate: str | None = None
    candidate_since_s: float = 0.0
    fired: Raised | None = None
    returning: Raised | None = None
    movement: str | None = None
    movement_end_s: float = 0.0


class Outcome(StrEnum):
    """Why a gesture fired at an observation, or did not."""

    SILENT = "silent"
    LOW = "low"
    HOLDING = "holding"
    UNRELEASED = "unreleased"
    RETURNING = "returning"
    FIRED = "fired"


class Verdict(msgspec.Struct, frozen=True):
    """What one observation led to, and why.

    Attributes:
        outcome: Why `label` fired or did not.
        label: The most probable label.
        confidence: Its probability, 0 to 1.
        threshold: Probability that it has to reach.
        time_s: Time of the observation on the source's clock, in seconds.
        remaining_s: How much longer it has to hold if it waits for that, in seconds.
        waits_for: The label that is not over yet, if it waits for that.
        gesture: The gesture, if one fired.
    """

    outcome: Outcome
    label: str
    confidence: float
    threshold: float
    time_s: float
    remaining_s: float = 0.0
    waits_for: str = ""
    gesture: Gesture | None = None


def decide(
    state: DecisionState,
    observation: Observation,
    settings: DecisionSettings,
    silent_labels: AbstractSet[str] = frozenset(),
) -> tuple[DecisionState, Gesture | None]:
    """Take one observation into account.

    Args:
        state: The state that the previous call returned, or `DecisionState()`.
        observation: What the model believes now.
        settings: Thresholds and times.
        silent_labels: Labels that never fire, such as "No gesture".

    Returns:
        The next state, and the gesture if one fired at this observation.
    """
    state, verdict = judge(state, observation, settings, silent_labels)
    return state, verdict.gesture


def judge(
    state: DecisionState,
    observation: Observation,
    settings: DecisionSettings,
    silent_labels: AbstractSet[str] = frozenset(),
) -> tuple[DecisionState, Verdict]:
    """Do what `decide` does, and return the reason as well.

    Args:
        state: The state that the previous call returned, or `DecisionState()`.
        observation: What the model believes now.
        settings: Thresholds and times.
        silent_labels: Labels that never fire, such as "No gesture".

    Returns:
        The next state, and what became of the most probable label.
    """
    state = _release(state, observation, settings)
    label = max(observation.probabilities, key=observation.probabilities.__getitem__)
    confidence, threshold = observation.probabilities[label], settings.fire_above_for(label)

    def verdict(
        outcome: Outcome,
        remaining_s: float = 0.0,
        waits_for: str = "",
        gesture: Gesture | None = None,
    ) -> Verdict:
        time_s = observation.time_s
        return Verdict(
            outcome, label, confidence, threshold, time_s, remaining_s, waits_for, gesture
        )

    if state.fired is not None:
        movement = state.fired.label
        if confidence >= threshold and label in opposites(movement):
            state = replace(state, returning=Raised(label))
        return state, verdict(Outcome.UNRELEASED, waits_for=movement)
    if label in silent_labels:
        return _without_candidate(state), verdict(Outcome.SILENT)
    if confidence < threshold:
        return _without_candidate(state), verdict(Outcome.LOW)
    if _is_returning(state, label, observation.time_s, settings):
        state = replace(state, candidate=None, returning=Raised(label))
        return state, verdict(Outcome.RETURNING, waits_for=state.movement or "")
    if label != state.candidate:
        state = replace(state, candidate=label, candidate_since_s=observation.time_s)
    remaining_s = settings.hold_s_for(label) - (observation.time_s - state.candidate_since_s)
    if remaining_s > 0:
        return state, verdict(Outcome.HOLDING, remaining_s=remaining_s)
    gesture = Gesture(label, confidence, observation.time_s)
    return DecisionState(fired=Raised(label)), verdict(Outcome.FIRED, gesture=gesture)


def _without_candidate(state: DecisionState) -> DecisionState:
    # Most observations change nothing, and tuning makes millions of decisions.
    return state if state.candidate is None else replace(state, candidate=None)


def _is_returning(
    state: DecisionState, label: str, time_s: float, settings: DecisionSettings
) -> bool:
    """Return whether `label` is the returning hand of the movement that fired last."""
    if state.returning is not None and state.returning.label == label:
        return True
    if state.movement is None or label not in opposites(state.movement):
        return False
    return time_s - state.movement_end_s < settings.opposite_lockout_s


def _release(
    state: DecisionState, observation: Observation, settings: DecisionSettings
) -> DecisionState:
    """Rearm labels that stayed low for long enough."""
    if state.returning is not None:
        returning, _ = _still_raised(state.returning, observation, settings)
        state = replace(state, returning=returning)
    fired = state.fired
    if fired is None:
        return state
    still_fired, low_since_s = _still_raised(fired, observation, settings)
    if still_fired is not None:
        return replace(state, fired=still_fired)
    return DecisionState(
        returning=state.returning, movement=fired.label, movement_end_s=low_since_s
    )


def _still_raised(
    raised: Raised, observation: Observation, settings: DecisionSettings
) -> tuple[Raised | None, float]:
    """Return what is left of `raised` (None if it is over), and since when it was low."""
    probability = observation.probabilities.get(raised.label, 0.0)
    if probability >= settings.release_below_for(raised.label):
        return Raised(raised.label), observation.time_s
    since_s = observation.time_s if raised.low_since_s is None else raised.low_since_s
    if observation.time_s - since_s < settings.release_s:
        return Raised(raised.label, since_s), since_s
    return None, since_s


def _check_probability(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise ValueError(f"{name} must be above 0 and at most 1, not {value}")


def _check_time(name: str, value: float) -> None:
    if not 0 <= value <= LONGEST_TIME_S:
        raise ValueError(f"{name} must be 0 to {LONGEST_TIME_S:.0f} seconds, not {value}")

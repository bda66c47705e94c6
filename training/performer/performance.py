"""Gestures laid on a clock: rest, raise, stroke, hold, retract, and the pauses between."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.handshapes import relaxed_hand
from training.performer.held_thing import HeldThing
from training.performer.motion import HandState, Keyframe, Oscillation, Track

# Longer than any clip: a hand that waits this long is up from the first frame, or to the last.
_ALWAYS_S = 10.0
_UNREST_FADE_S = 0.8
_STEADY_SHARE = 0.3
# Beyond this a hand is out of the picture, or nearly so.
_OUTSIDE = 1.15


@dataclass(frozen=True)
class Cue:
    """One gesture at its place on the clock.

    Attributes:
        gesture: What is done.
        draw: The choices that the gesture was built from.
        start_s: When the stroke starts.
        raise_s: How long the hand takes to come up before it.
        hold_before_s: How long it waits in place before the stroke.
        hold_after_s: How long it stays after the stroke.
        retract_s: How long it takes to sink again.
        return_s: How long it takes to go back to where the stroke started before it sinks; 0 if it
            sinks at once.
    """

    gesture: Gesture
    draw: Draw
    start_s: float
    raise_s: float
    hold_before_s: float
    hold_after_s: float
    retract_s: float
    return_s: float = 0.0

    @property
    def end_s(self) -> float:
        """When the stroke ends."""
        return self.start_s + self.gesture.duration_s

    @property
    def busy_from_s(self) -> float:
        """When the hand begins to come up."""
        return self.start_s - self.hold_before_s - self.raise_s

    @property
    def busy_until_s(self) -> float:
        """When the hand is at rest again."""
        return self.end_s + self.hold_after_s + self.return_s + self.retract_s


@dataclass(frozen=True)
class Performance:
    """Everything a person does in one recording.

    Attributes:
        cues: The gestures, in order.
        main: The main hand's movement; None if no hand ever shows.
        second: The other hand's, in mirrored coordinates; None if it rests throughout.
    """

    cues: tuple[Cue, ...]
    main: Track | None
    second: Track | None

    def unrest_at(self, time_s: float) -> float:
        """Return how lively head and body are; 1 between the cues."""
        unrest = 1.0
        for cue in self.cues:
            outside_s = max(cue.start_s - time_s, time_s - cue.end_s, 0.0)
            unrest += (cue.gesture.unrest - 1.0) * max(0.0, 1.0 - outside_s / _UNREST_FADE_S)
        return unrest

    def still_around(self, time_s: float, exposure_s: float, tolerance: float = 2e-3) -> bool:
        """Return True if no hand moves as much as a picture could show while the shutter is open.

        Args:
            time_s: Middle of the exposure.
            exposure_s: How long the shutter is open.
            tolerance: What no picture shows, as `HandState.resembles` takes it.
        """
        ends = (time_s - 0.5 * exposure_s, time_s + 0.5 * exposure_s)
        tracks = [track for track in (self.main, self.second) if track is not None]
        return all(track.at(ends[0]).resembles(track.at(ends[1]), tolerance) for track in tracks)

    def held_at(self, time_s: float) -> HeldThing | None:
        """Return what the main hand carries at a time."""
        for cue in self.cues:
            if cue.busy_from_s <= time_s <= cue.busy_until_s:
                return cue.gesture.held
        return None


def sample_cue(gesture: Gesture, draw: Draw, start_s: float, *, unhurried: bool = False) -> Cue:
    """Draw the times around a stroke.

    Args:
        gesture: What is done.
        draw: The choices that the gesture was built from.
        start_s: When the stroke starts.
        unhurried: Always raise from rest and sink again; otherwise a quarter of the hands is up
            before the recording begins, and a quarter stays up when it ends.
    """
    up_before = not unhurried and draw.chance(0.25)
    stays_up = not unhurried and draw.chance(0.25)
    before_s = 0.0 if draw.chance(0.4) else draw.between(0.0, 0.25)
    after_s = draw.between(0.05, 0.35) if unhurried else draw.between(0.0, 0.7)
    return Cue(
        gesture,
        draw,
        start_s,
        raise_s=draw.between(0.25, 0.55),
        hold_before_s=_ALWAYS_S if up_before else before_s,
        hold_after_s=_ALWAYS_S if stays_up else after_s,
        retract_s=draw.between(0.25, 0.6),
    )


def held_throughout(gesture: Gesture, draw: Draw, start_s: float) -> Cue:
    """Return the cue of a hand that is up before the recording begins and after it ends."""
    return Cue(gesture, draw, start_s, 0.3, _ALWAYS_S, _ALWAYS_S, 0.3)


def perform(cues: Sequence[Cue]) -> Performance:
    """Join cues into one recording.

    Args:
        cues: In the order of their times.

    Raises:
        ValueError: If a hand would have to come up for one cue before it has sunk from the last.
    """
    for earlier, later in pairwise(cues):
        if later.busy_from_s < earlier.busy_until_s - 1e-9:
            raise ValueError("Two gestures overlap: leave more time between their strokes.")
    main_cues = [cue for cue in cues if not cue.gesture.hands_hidden]
    second_cues = [cue for cue in cues if cue.gesture.second]
    main = _track(main_cues, second=False) if main_cues else None
    second = _track(second_cues, second=True) if second_cues else None
    return Performance(tuple(cues), main, second)


def _track(cues: Sequence[Cue], *, second: bool) -> Track:
    """Build one hand's movement through its cues."""
    keyframes: list[Keyframe] = []
    oscillations: list[Oscillation] = []
    for cue in cues:
        gesture = cue.gesture
        keyframes += _cue_keyframes(cue, gesture.second if second else gesture.keyframes)
        movements = gesture.second_oscillations if second else gesture.oscillations
        oscillations += [
            replace(item, start_s=item.start_s + cue.start_s, end_s=item.end_s + cue.start_s)
            for item in movements
        ]
        oscillations += _unsteadiness(cue)
    return Track(keyframes, oscillations)


def _unsteadiness(cue: Cue) -> list[Oscillation]:
    """Return the slow wandering of a raised hand: nobody is a statue, though some come near it."""
    draw = cue.draw
    if draw.plain or draw.chance(_STEADY_SHARE):
        return []
    rng = draw.rng
    reach = rng.normal(0.0, (0.03, 0.035, 0.02))
    nod_rad, roll_rad = rng.normal(0.0, 0.06, 2)
    speeds, phases = rng.uniform(0.6, 6.0, 5), rng.uniform(0.0, 6.3, 5)

    def wander(state: HandState, elapsed_s: float, strength: float) -> HandState:
        u, v, nearer, nod, roll = (strength * np.sin(speeds * elapsed_s + phases)).tolist()
        moved = replace(
            state,
            u=state.u + reach[0] * u,
            v=state.v + reach[1] * v,
            distance=state.distance * (1.0 + reach[2] * nearer),
        )
        axis = (nod_rad * nod, 0.0, roll_rad * roll)
        return moved.turned(axis, math.hypot(*axis))

    return [Oscillation(cue.busy_from_s, cue.busy_until_s, wander)]


def _cue_keyframes(cue: Cue, stroke: Sequence[Keyframe]) -> list[Keyframe]:
    """Return a cue's key states from rest to rest."""
    rest = resting_state(cue.draw)
    first, last = stroke[0].state, stroke[-1].state
    held_until_s = cue.end_s + cue.hold_after_s
    returned = []
    if cue.return_s > 0.0:
        last = _slackened(first, cue.draw)
        returned = [Keyframe(held_until_s + cue.return_s, last)]
    return [
        Keyframe(cue.busy_from_s, first if _outside(first) else rest),
        Keyframe(cue.start_s - cue.hold_before_s, first),
        *(Keyframe(cue.start_s + key.time_s, key.state) for key in stroke),
        Keyframe(held_until_s, stroke[-1].state),
        *returned,
        Keyframe(cue.busy_until_s, last if _outside(last) else _sunk_below(last, rest, cue.draw)),
    ]


def _outside(state: HandState) -> bool:
    """Return True for a hand that has left the picture, and rests there."""
    return max(abs(state.u), abs(state.v)) > _OUTSIDE


def _slackened(first: HandState, draw: Draw) -> HandState:
    """Return the hand back where the stroke started, a little lower and relaxed."""
    return replace(first, v=first.v - draw.between(0.05, 0.35), pose=relaxed_hand(draw.rng))


def _sunk_below(last: HandState, rest: HandState, draw: Draw) -> HandState:
    """Return a resting state; if that is below the picture, then roughly below the stroke's end."""
    if rest.v > -_OUTSIDE:
        return rest
    return replace(rest, u=0.5 * (last.u + rest.u) + draw.between(-0.15, 0.15))

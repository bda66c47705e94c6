"""Gestures laid on a clock: rest, raise, stroke, hold, retract, and the pauses between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from training.performer.gesture import Draw, Gesture, resting_state
from training.performer.handshapes import relaxed_hand
from training.performer.motion import HandState, Keyframe, Oscillation, Track

# Longer than any clip: a hand that waits this long is up from the first frame, or to the last.
_ALWAYS_S = 10.0
_UNREST_FADE_S = 0.8


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

    def still_around(self, time_s: float, exposure_s: float) -> bool:
        """Return True if no hand moves as much as a picture could show while the shutter is open.

        Args:
            time_s: Middle of the exposure.
            exposure_s: How long the shutter is open.
        """
        ends = (time_s - 0.5 * exposure_s, time_s + 0.5 * exposure_s)
        tracks = [track for track in (self.main, self.second) if track is not None]
        return all(track.at(ends[0]).resembles(track.at(ends[1])) for track in tracks)

    def holds_cup_at(self, time_s: float) -> bool:
        """Return True if the main hand carries a cup."""
        return any(
            cue.gesture.holds_cup and cue.busy_from_s <= time_s <= cue.busy_until_s
            for cue in self.cues
        )


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
    return Cue(
        gesture,
        draw,
        start_s,
        raise_s=draw.between(0.3, 0.55),
        hold_before_s=_ALWAYS_S if up_before else draw.between(0.0, 0.25),
        hold_after_s=_ALWAYS_S if stays_up else draw.between(0.05, 0.35),
        retract_s=draw.between(0.3, 0.55),
    )


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
    return Track(keyframes, oscillations)


def _cue_keyframes(cue: Cue, stroke: Sequence[Keyframe]) -> list[Keyframe]:
    """Return a cue's key states from rest to rest."""
    rest = resting_state(cue.draw)
    first, last = stroke[0].state, stroke[-1].state
    held_until_s = cue.end_s + cue.hold_after_s
    returned = []
    if cue.return_s > 0.0:
        last = _slackened(first, cue.draw)
        returned = [Keyframe(held_until_s + cue.return_s, last)]
    sunk = _sunk_below(last, rest, cue.draw.rng)
    return [
        Keyframe(cue.busy_from_s, rest),
        Keyframe(cue.start_s - cue.hold_before_s, first),
        *(Keyframe(cue.start_s + key.time_s, key.state) for key in stroke),
        Keyframe(held_until_s, stroke[-1].state),
        *returned,
        Keyframe(cue.busy_until_s, sunk),
    ]


def _slackened(first: HandState, draw: Draw) -> HandState:
    """Return the hand back where the stroke started, a little lower and relaxed."""
    return replace(first, v=first.v - draw.between(0.05, 0.35), pose=relaxed_hand(draw.rng))


def _sunk_below(last: HandState, rest: HandState, rng: np.random.Generator) -> HandState:
    """Return a resting state roughly below where the stroke ended."""
    u = 0.5 * (last.u + rest.u) + float(rng.normal(0.0, 0.1))
    return replace(rest, u=u)

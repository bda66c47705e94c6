"""Makes up what a person does for minutes on end: gestures, rests, and everything in between."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path

import numpy as np

from training.labels import JESTER_LABELS, SILENT_LABELS, mirrored_label
from training.performer.clip import (
    EXPOSURES_S,
    LEFT_HANDED_SHARE,
    PERFORMER_VERSION,
    RETURN_S,
    RETURNING,
)
from training.performer.distractions import compose_distraction, sample_distraction
from training.performer.framing import Framing, sample_framing
from training.performer.gesture import Gesture
from training.performer.motion import Keyframe
from training.performer.performance import sample_cue
from training.performer.repertoire import STILL_LABELS, compose
from training.performer.stage import sample_stage
from training.performer.stream import RAISE_AT_MOST_S, Act, Stream, record
from training.performer.unfinished import broken_off, can_break_off
from training.streams.truth import CueKind

SHORTEST_S = 10.0

_GESTURES = tuple(label for label in JESTER_LABELS if label not in SILENT_LABELS)
_UNFINISHABLE = tuple(label for label in _GESTURES if can_break_off(label))
_KINDS = (CueKind.GESTURE, CueKind.UNFINISHED, CueKind.DISTRACTION)
_KIND_SHARES = (0.6, 0.13, 0.27)
# Rests with the hands down: mostly short, now and then long.
_RESTS_S = ((0.2, 1.0), (1.0, 3.0), (3.0, 8.0))
_REST_SHARES = (0.55, 0.35, 0.1)
_RETURN_CHANCE = 0.5
# A sign is held up until somebody answers.
_LINGERING_CHANCE = 0.35
_LINGERING_S = (0.5, 2.5)
# About as many as one stream holds: the next stream of the set goes on from there.
_GESTURES_A_STREAM = 8
# Apart from the seeds of clips, which begin with the same version.
_STREAM_KEY = 7


def plan_scripted_stream(
    seed: int, index: int, duration_s: float, height: int, backgrounds: Path | None = None
) -> Stream:
    """Make up one stream of a set: a person in a room before a camera, and what happens.

    Args:
        seed: Chooses the set; not negative.
        index: Number of the stream in its set; each has a person, room and camera of its own.
        duration_s: Length of the recording, at least `SHORTEST_S`.
        height: Picture height in pixels; the width follows from the drawn aspect ratio, both even.
        backgrounds: Folder of pictures for rooms; None for painted rooms.

    Raises:
        ValueError: If an argument is out of range.
    """
    check_stream_arguments(seed, duration_s, height)
    rng = np.random.default_rng([PERFORMER_VERSION, _STREAM_KEY, seed, index])
    framing = sample_framing(rng, height)
    framing = replace(framing, width=framing.width // 2 * 2)
    left_handed = bool(rng.random() < LEFT_HANDED_SHARE)
    stage = sample_stage(rng, framing, backgrounds)
    gestures = _gestures_of(seed, index)
    acts = list(_acts(rng, framing, gestures, duration_s, left_handed=left_handed))
    exposure_s = float(rng.choice(EXPOSURES_S)) * rng.uniform(0.7, 1.2)
    return record(acts, duration_s, rng, stage, left_handed=left_handed, exposure_s=exposure_s)


def check_stream_arguments(seed: int, duration_s: float, height: int) -> None:
    """Raise ValueError with one plain sentence if an argument cannot work."""
    if seed < 0:
        raise ValueError(f"The seed must not be negative, but is {seed}.")
    if not duration_s >= SHORTEST_S:
        raise ValueError(f"A stream must last at least {SHORTEST_S:g} seconds, not {duration_s:g}.")
    if height % 2 or not 16 <= height <= 2160:
        raise ValueError(f"The height must be even, from 16 to 2160 pixels, but is {height}.")


def _acts(
    rng: np.random.Generator,
    framing: Framing,
    gestures: Iterator[str],
    duration_s: float,
    *,
    left_handed: bool,
) -> Iterator[Act]:
    """Yield one thing after the other until the time is over: at least one."""
    free_from_s = 0.0
    while True:
        start_s = free_from_s + _rest_s(rng) + RAISE_AT_MOST_S
        act = _act(rng, framing, gestures, start_s, left_handed=left_handed)
        if act.cue.busy_until_s <= duration_s:
            yield act
            free_from_s = act.cue.busy_until_s
        elif free_from_s > 0.0:
            return


def _gestures_of(seed: int, index: int) -> Iterator[str]:
    """Return the gestures of one stream: in a whole set, each comes about as often as any other."""
    rng = np.random.default_rng([PERFORMER_VERSION, _STREAM_KEY, seed])
    decks = (rng.permutation(len(_GESTURES)) for _ in count())
    endless = (_GESTURES[number] for deck in decks for number in deck)
    return islice(endless, index * _GESTURES_A_STREAM, None)


def _rest_s(rng: np.random.Generator) -> float:
    """Draw how long the hands stay down."""
    return float(rng.uniform(*_RESTS_S[int(rng.choice(len(_RESTS_S), p=_REST_SHARES))]))


def _act(
    rng: np.random.Generator,
    framing: Framing,
    gestures: Iterator[str],
    start_s: float,
    *,
    left_handed: bool,
) -> Act:
    """Make up one thing to do."""
    kind = _KINDS[int(rng.choice(len(_KINDS), p=_KIND_SHARES))]
    if kind is CueKind.DISTRACTION:
        what = sample_distraction(rng)
        motion, draw = compose_distraction(what, rng, framing)
        return Act(kind, what.value, sample_cue(motion, draw, start_s, unhurried=True))
    unfinished = kind is CueKind.UNFINISHED
    label = str(rng.choice(_UNFINISHABLE)) if unfinished else next(gestures)
    gesture, draw = compose(mirrored_label(label) if left_handed else label, rng, framing)
    if unfinished:
        cue = sample_cue(broken_off(gesture, draw), draw, start_s, unhurried=True)
        return Act(kind, label, replace(cue, hold_after_s=draw.between(0.0, 0.1)))
    if label in STILL_LABELS and draw.chance(_LINGERING_CHANCE):
        gesture = _lingering(gesture, draw.between(*_LINGERING_S))
    cue = sample_cue(gesture, draw, start_s, unhurried=True)
    if label.startswith(RETURNING) and draw.chance(_RETURN_CHANCE):
        cue = replace(cue, return_s=draw.between(*RETURN_S))
    return Act(kind, label, cue)


def _lingering(gesture: Gesture, longer_s: float) -> Gesture:
    """Return a sign that is held up for longer: as long as it is shown, it is the gesture."""
    duration_s = gesture.duration_s + longer_s
    last = Keyframe(duration_s, gesture.keyframes[-1].state)
    return replace(gesture, keyframes=(*gesture.keyframes, last), duration_s=duration_s)

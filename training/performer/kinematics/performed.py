"""Measures the performer's own movements, as if somebody had measured a person's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from training.labels import JESTER_LABELS
from training.performer.actor import Actor, sample_actor
from training.performer.arm import arm_joints
from training.performer.arrays import Floats
from training.performer.clip import PERFORMER_VERSION, ClipPlan, plan_clip
from training.performer.framing import Framing, sample_framing
from training.performer.hand import HAND_CENTER_M, hand_joints, hand_primitives
from training.performer.kinematics.measures import measure_arm, measure_hand
from training.performer.motion import HandState

_CLIP_S = 3.0
_FRAMES = 10
_ARM_FPS = 30.0
_SEED_KEY = 11
_HEIGHT = 100
_NEAREST_M = 0.05


@dataclass(frozen=True)
class _Performance:
    """One clip before it is drawn."""

    plan: ClipPlan
    framing: Framing
    actor: Actor

    def times_s(self, count: int) -> Floats:
        """Return so many moments of the stroke, both ends included."""
        return np.linspace(self.plan.cue.start_s, self.plan.cue.end_s, count)

    def hand_at(self, time_s: float) -> HandState:
        """Return the main hand."""
        assert self.plan.performance.main is not None  # measured labels use a hand
        return self.plan.performance.main.at(time_s)

    def seen(self, points: Floats) -> Floats:
        """Project camera-space points, shape (..., 3), to (x, y) in tangents, y down."""
        scale = [-1.0 if self.plan.flipped else 1.0, -1.0]
        return np.asarray(points[..., :2] * scale / np.maximum(-points[..., 2:], _NEAREST_M))


def perform_hands(label: str, clips: int, seed: int) -> dict[str, list[float]]:
    """Measure the hand of many performances of a label, ten frames over the stroke each.

    Args:
        label: One of `JESTER_LABELS`.
        clips: How many.
        seed: Chooses them.
    """
    values: dict[str, list[float]] = defaultdict(list)
    for performance in _performances(label, clips, seed):
        scale = performance.actor.hand_scale
        joints = []
        for time_s in performance.times_s(_FRAMES):
            state = performance.hand_at(float(time_s))
            rotation = state.rotation
            center = performance.framing.point_at(state.u, state.v, state.distance)
            wrist = center - rotation[:, 1] * (HAND_CENTER_M * scale)
            rows = hand_primitives(state.pose, rotation, wrist, scale)
            joints.append(performance.seen(hand_joints(rows, wrist)))
        for name, value in measure_hand(np.stack(joints)).items():
            values[name].append(value)
    return values


def perform_arms(label: str, clips: int, seed: int) -> dict[str, list[float]]:
    """Measure the arm of many performances of a label, thirty frames a second each.

    Of people who stand off in the room: so do those whose arms were measured.

    Args:
        label: One of `JESTER_LABELS`.
        clips: How many.
        seed: Chooses them.
    """
    values: dict[str, list[float]] = defaultdict(list)
    for performance in _performances(label, clips, seed, far=True):
        framing, actor = performance.framing, performance.actor
        right = framing.head + np.array([-actor.shoulder_m, -0.24 * actor.head_scale, -0.02])
        left = right + np.array([2.0 * actor.shoulder_m, 0.0, 0.0])
        duration_s = performance.plan.cue.gesture.duration_s
        times_s = performance.times_s(max(5, round(duration_s * _ARM_FPS)))
        arms = [
            arm_joints(performance.hand_at(float(time_s)), right, framing, actor.hand_scale)[:2]
            for time_s in times_s
        ]
        wrist, elbow = (performance.seen(np.stack(points)) for points in zip(*arms, strict=True))
        shoulders = np.repeat(performance.seen(np.stack([left, right]))[None], len(times_s), 0)
        for name, value in measure_arm(times_s, wrist, elbow, shoulders).items():
            values[name].append(value)
    return values


def _performances(
    label: str, clips: int, seed: int, *, far: bool = False
) -> Iterator[_Performance]:
    for clip in range(clips):
        key = [PERFORMER_VERSION, _SEED_KEY, seed, JESTER_LABELS.index(label), clip]
        rng = np.random.default_rng(key)
        framing = sample_framing(rng, _HEIGHT)
        while far and not framing.far:
            framing = sample_framing(rng, _HEIGHT)
        yield _Performance(plan_clip(label, rng, _CLIP_S, framing), framing, sample_actor(rng))

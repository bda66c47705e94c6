"""Clips of joints without pictures: a hand that moves to one side, another shape that rests."""

from __future__ import annotations

import numpy as np
from msgspec.structs import replace

from models.two_views.spec import TwoViewSpec
from tests.models.networks import tiny_spec
from tests.models.two_views.networks import tiny_pair
from training.joint_reader.moments import ClipMoments, MomentChoice
from training.joint_reader.samples import JointSampler
from training.joint_reader.table import ClipJoints, JointTable
from training.joint_reader.variation import JointVariation

LABELS = ("Swiping Left", "Swiping Right", "Thumb Up", "No gesture", "Doing other things")
LEFT, RIGHT, THUMB, NOTHING, OTHER = range(5)
HISTORY, FRAMES = 3, 12
PAIR: TwoViewSpec = tiny_pair(replace(tiny_spec(), labels=LABELS), joint_history=HISTORY)

PALM, FIST = np.random.default_rng(0).uniform(-0.15, 0.15, (2, 21, 2))


def clip(label: int) -> ClipJoints:
    """A clip in which nothing, a hand at rest, or a hand that moves across is seen."""
    joints = np.full((FRAMES, 21, 2), np.nan, np.float32)
    way = {LEFT: 0.05, RIGHT: -0.05}.get(label, 0.0)
    if label != NOTHING:
        shape = FIST if label in (THUMB, OTHER) else PALM
        turned = -shape if label == OTHER else shape
        steps = np.arange(FRAMES) - (FRAMES - 1) / 2
        middles = np.stack([way * steps, np.zeros(FRAMES)], axis=-1)
        joints = (turned + middles[:, None]).astype(np.float32)
    return ClipJoints(label, joints, aspect=4 / 3)


def clips(*labels: int) -> list[ClipJoints]:
    return [clip(label) for label in labels or range(len(LABELS))]


def sampler(
    drawn_from: list[ClipJoints],
    pair: TwoViewSpec = PAIR,
    stride: float = 1.0,
    choice: MomentChoice | None = None,
    variation: JointVariation | None = None,
) -> JointSampler:
    moments = ClipMoments(drawn_from, pair, stride, choice)
    return JointSampler(JointTable(drawn_from), pair, moments, variation)

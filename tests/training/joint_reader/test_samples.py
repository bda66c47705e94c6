"""What the reader of joints learns from: as in the clips, and varied as far as asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from models.two_views.joints import JOINT_VALUES, joint_windows
from tests.training.joint_reader.joint_clips import (
    FRAMES,
    HISTORY,
    LEFT,
    NOTHING,
    OTHER,
    PAIR,
    RIGHT,
    THUMB,
    clip,
    clips,
    sampler,
)
from training.data.errors import DataError
from training.joint_reader.moments import MomentChoice
from training.joint_reader.samples import JointSamples
from training.joint_reader.table import ClipJoints, JointTable
from training.joint_reader.variation import JointVariation

SCORED = PAIR.whole.frames
AS_THEY_ARE = JointVariation(
    zoom=(0.0, 0.0), stretch=0.0, tilt_degrees=0.0, shift=0.0
).without_errors()
WHOLE = MomentChoice(held=0.0, jitter=0.0, begins=0.0, empty=0.0)


def drawn(
    joints: list[ClipJoints],
    choice: MomentChoice = WHOLE,
    variation: JointVariation = AS_THEY_ARE,
    count: int = 200,
) -> JointSamples:
    return sampler(joints, PAIR, 1.0, choice, variation).draw(count, np.random.default_rng(0))


def flags(samples: JointSamples) -> NDArray[np.float32]:
    """Whether a hand is seen, in each frame of each window: (B, T, history)."""
    windows = samples.read.reshape(len(samples.labels), SCORED, HISTORY, JOINT_VALUES)
    return windows[..., -2]


def test_a_clip_is_read_as_a_stream_reads_it() -> None:
    samples = drawn(clips(THUMB))
    hand = clip(THUMB).joints[None]
    windows = joint_windows(hand, np.ones((1, FRAMES), bool), HISTORY)[0, -1]
    straight = np.isclose(samples.read, windows, atol=1e-5).all(axis=(1, 2))
    assert 0.4 < straight.mean() < 0.6, "the others are mirrored"
    assert (samples.labels == THUMB).all()


def test_a_mirrored_movement_is_the_opposite_one() -> None:
    samples = drawn(clips(LEFT))
    right = samples.labels == RIGHT
    assert 0.4 < right.mean() < 0.6
    places = samples.read.reshape(len(right), SCORED, HISTORY, JOINT_VALUES)[..., -1, 42]
    moved = places[:, -1] - places[:, 0]
    assert (moved[right] < 0).all()
    assert (moved[~right] > 0).all()


def test_a_stream_may_begin_with_the_clip_or_with_a_hand_at_rest() -> None:
    begun = flags(drawn(clips(THUMB), MomentChoice(held=0.0, jitter=0.0, begins=1.0)))
    assert begun[:, 0].tolist() == [[0, 0, 1]] * len(begun)
    rested = flags(drawn(clips(THUMB), MomentChoice(held=0.0, jitter=6.0, begins=0.0, empty=0.0)))
    assert rested.all()
    late = flags(drawn(clips(THUMB), MomentChoice(held=0.0, jitter=6.0, begins=0.0, empty=1.0)))
    assert (late[:, 0].min(axis=-1) == 0).any()


def test_a_hand_that_is_held_shows_its_shape_or_something_else() -> None:
    held = drawn(clips(LEFT, THUMB, OTHER), MomentChoice(held=1.0))
    assert set(held.labels.tolist()) == {THUMB, OTHER}, "a swipe at rest means nothing"
    windows = held.read.reshape(len(held.labels), SCORED, HISTORY, JOINT_VALUES)
    np.testing.assert_allclose(windows[:, 0, -1], windows[:, -1, -1], atol=1e-6)


def test_clips_without_a_hand_have_nothing_to_read_but_ghosts() -> None:
    nothing = drawn(clips(THUMB, NOTHING))
    assert not nothing.read[nothing.labels == NOTHING].any()
    haunted = drawn(clips(THUMB, NOTHING), variation=JointVariation(ghost=1.0, lost=0.0))
    assert flags(haunted)[haunted.labels == NOTHING].all()
    assert set(haunted.labels.tolist()) == {THUMB, NOTHING}


def test_hands_that_leave_the_picture_are_not_seen() -> None:
    far = clip(THUMB)
    samples = drawn([clip(LEFT), type(far)(THUMB, far.joints + 2.0, far.aspect)])
    assert not flags(samples)[samples.labels == THUMB].any()


def test_a_hand_is_lost_in_some_frames_of_some_clips() -> None:
    variation = JointVariation(lost=0.5, ghost=0.0)
    seen = flags(drawn(clips(THUMB), variation=variation, count=400))[:, :, -1]
    assert 0.36 < (seen.min(axis=1) == 0).mean() < 0.47
    assert 0.85 < seen.mean() < 0.95


@pytest.mark.parametrize("strength", [1.0, 3.0])
def test_errors_are_as_large_as_asked(strength: float) -> None:
    only = replace(AS_THEY_ARE, joint=0.0, hand_frame=0.0, swell=0.0)
    variation = replace(only, strengths=(strength,))
    exact, off = (drawn(clips(THUMB), variation=each) for each in (AS_THEY_ARE, variation))
    shapes = [
        np.abs(samples.read.reshape(-1, HISTORY, JOINT_VALUES)[:, -1, :42])
        for samples in (exact, off)
    ]
    spread = np.std(shapes[1] - shapes[0]) / 2  # shapes are read twice as large
    assert 0.6 * 0.025 * strength < spread < 1.5 * 0.025 * strength


def test_frames_of_denser_clips_are_farther_apart() -> None:
    samples = sampler(clips(LEFT), PAIR, 2.0, WHOLE, AS_THEY_ARE).draw(50, np.random.default_rng(0))
    places = samples.read.reshape(50, SCORED, HISTORY, JOINT_VALUES)[..., -1, 42]
    steps = np.abs(np.diff(places, axis=1))
    assert steps.max() == pytest.approx(2 * 2 * 0.05, rel=0.6)
    assert steps.max() > 2 * 0.05 * 1.2


def test_without_any_hand_there_is_nothing_to_learn() -> None:
    with pytest.raises(DataError, match="nothing can be learned"):
        JointTable(clips(NOTHING))

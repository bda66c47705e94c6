"""Samples show the hand where the targets say, in both views, and mirror as one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.two_views.box import default_box
from models.two_views.joints import hand_boxes
from tests.training.two_views.drawn_scene import SPEC, drawn, scene
from training.two_views.box_noise import EXACT, BoxNoise
from training.two_views.camera import CameraRange, after, moved
from training.two_views.colors import ColorRange, vary_colors
from training.two_views.sample import sample_views
from training.two_views.scene import still_scene
from training.two_views.views import Views


@pytest.mark.parametrize("seed", range(8))
def test_the_targets_are_where_the_hand_is(seed: int) -> None:
    sample = drawn(seed)
    height = sample.whole.shape[1]
    shown = 0
    for picture, (main, other) in zip(sample.whole, sample.boxes, strict=True):
        assert np.isnan(other).all()
        if np.isnan(main).any():
            continue
        bright = np.argwhere(picture[..., 0] > 120)[:, ::-1] / height
        near = np.abs(bright - main[:2]).max(axis=1) < 0.75 * main[2]
        assert near.any()
        shown += 1
    assert shown > 0


def test_the_square_shows_the_hand_in_its_middle() -> None:
    sample = drawn(3)
    square = sample.squares[-1][..., 0].astype(float)
    weight = np.clip(square - 110.0, 0.0, None)
    rows, columns = np.mgrid[: len(square), : len(square)]
    middle = [(weight * axis).sum() / weight.sum() for axis in (rows, columns)]
    assert middle == pytest.approx([len(square) / 2] * 2, abs=0.25 * len(square))


def test_mirrored_twice_is_the_sample_itself() -> None:
    sample = drawn(1)
    again = sample.flipped().flipped()
    np.testing.assert_array_equal(again.whole, sample.whole)
    np.testing.assert_allclose(again.boxes, sample.boxes, atol=1e-6)
    np.testing.assert_allclose(again.joints, sample.joints, atol=1e-6)
    np.testing.assert_allclose(sample.flipped().places[:, 0], -sample.places[:, 0])


def test_joints_are_where_the_hand_is_and_left_out_where_they_are_not_known() -> None:
    sample, stands_in = (
        sample_views(np.random.default_rng(3), shown, SPEC, noise=EXACT)
        for shown in (scene(), replace(scene(), stand_ins=(True, False)))
    )
    seen = np.isfinite(sample.boxes[:, 0, 0])
    assert seen.any()
    np.testing.assert_allclose(
        hand_boxes(sample.joints[seen, 0].astype(float)), sample.boxes[seen, 0], atol=1e-5
    )
    for picture, joints in zip(sample.whole[seen], sample.joints[seen, 0], strict=True):
        x, y = np.round(joints.mean(axis=0) * len(picture)).astype(int)
        assert picture[max(y - 4, 0) : y + 5, max(x - 4, 0) : x + 5].max() > 120
    assert np.isnan(stands_in.joints).all()
    np.testing.assert_array_equal(stands_in.boxes, sample.boxes)


def test_missed_hands_are_not_seen_and_the_view_shows_the_middle() -> None:
    sample = drawn(2, BoxNoise(missed=1.0))
    np.testing.assert_array_equal(sample.places[:, 3], 0.0)
    np.testing.assert_array_equal(sample.places[:, :2], 0.0)


def test_the_same_seed_gives_the_same_sample() -> None:
    one, two = drawn(5, BoxNoise()), drawn(5, BoxNoise())
    np.testing.assert_array_equal(one.squares, two.squares)


def test_clips_without_a_hand_are_fine() -> None:
    moving = scene()
    nothing = replace(moving, joints=np.full_like(moving.joints, np.nan))
    sample = sample_views(np.random.default_rng(0), nothing, SPEC)
    assert np.isnan(sample.boxes).all()


def test_something_else_may_be_taken_for_a_hand() -> None:
    image, decoy = scene().images[0], np.array([120.0, 40.0, 30.0])
    nothing = still_scene(image, np.zeros((0, 21, 2)), 3, 8, decoy=decoy)
    sample = sample_views(np.random.default_rng(0), nothing, SPEC, noise=EXACT)
    assert np.isnan(sample.boxes).all()
    np.testing.assert_array_equal(sample.places[:, 3], 1.0)
    assert np.log(default_box(SPEC.aspect, SPEC.box).size) not in sample.places[:, 2]


def test_a_box_that_is_astray_is_not_at_the_hand() -> None:
    image, joints = scene().images[0], scene().joints[0]
    decoy = np.array([20.0, 20.0, 25.0])
    astray = still_scene(image, joints, 0, 8, decoy=decoy)
    hand = hand_boxes(joints[0])
    apart = np.hypot(*(hand[:2] - decoy[:2])) / hand[2]
    checked = 0
    for seed in range(10):
        sample = sample_views(np.random.default_rng(seed), astray, SPEC, noise=EXACT)
        away = sample.places[:, :2] + (SPEC.aspect / 2, 0.5) - sample.boxes[:, 0, :2]
        sizes = np.hypot(*away.T) / sample.boxes[:, 0, 2]
        shown = np.isfinite(sizes)
        assert (np.abs(sizes[shown] - apart) < 0.25 * apart).all()
        checked += int(shown.sum())
    assert checked > 8


def test_hands_may_fill_the_view() -> None:
    largest = [
        np.nanmax(
            [
                sample_views(np.random.default_rng(seed), scene(), SPEC, near=near).boxes[..., 2]
                for seed in range(40)
            ]
        )
        for near in (0.0, 1.0)
    ]
    assert largest[0] < largest[1]


def test_before_a_still_hand_the_camera_alone_moves() -> None:
    moving = scene()
    still = still_scene(moving.images[0], moving.joints[0], 0, 8)
    boxes = [sample_views(np.random.default_rng(seed), still, SPEC).boxes for seed in range(20)]
    sizes = np.array([np.nanmedian(box[:, 0, 2]) for box in boxes])
    assert np.nanmax(sizes) > 2 * np.nanmin(sizes)
    shown = [box[:, 0] for box in boxes if np.isfinite(box[:, 0]).all()]
    assert all(np.ptp(box[:, :2], axis=0).max() < 0.2 for box in shown)
    assert any(np.ptp(box[:, :2], axis=0).max() > 0.0 for box in shown)


@pytest.mark.parametrize("views", Views)
def test_only_the_views_that_learn_are_drawn(views: Views) -> None:
    sample = sample_views(np.random.default_rng(0), scene(), SPEC, views=views)
    assert bool(sample.whole.size) is views.whole
    assert bool(sample.squares.size) is views.square
    assert sample.flipped().places.shape == (4, 4)


def test_both_views_get_the_same_colors() -> None:
    limits = ColorRange(noisy=0.0, blurred=0.0, coarse=0.0, gray=0.0)
    sample = drawn(3)
    one, two = (vary_colors(np.random.default_rng(seed), sample, limits) for seed in (1, 2))
    assert not np.array_equal(one.whole, two.whole)
    # A level of one view becomes what it becomes in the other.
    shown: dict[int, set[int]] = {int(level): set() for level in np.unique(sample.whole[..., 0])}
    for before, after_it in ((sample.whole, one.whole), (sample.squares, one.squares)):
        for level, found in shown.items():
            found.update(after_it[..., 0][before[..., 0] == level].tolist())
    assert all(len(found) == 1 for found in shown.values())
    np.testing.assert_array_equal(one.places, sample.places)


def test_in_a_glaring_light_more_of_a_picture_burns_out() -> None:
    sample = drawn(3)
    burnt = [
        np.mean(
            [
                (vary_colors(np.random.default_rng(seed), sample, limits).whole == 255).mean()
                for seed in range(10)
            ]
        )
        for limits in (ColorRange(glaring=0.0), ColorRange(glaring=1.0))
    ]
    assert burnt[0] < burnt[1]


def test_maps_apply_one_after_the_other() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 2, 3))
    points = rng.normal(size=(5, 2))
    np.testing.assert_allclose(
        moved(points, after(second, first)), moved(moved(points, first), second)
    )
    assert CameraRange().least_share < CameraRange().most_share

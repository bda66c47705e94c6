"""Samples show the hand where the targets say, in both views, and mirror as one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.preprocess import normalize
from models.two_views.cost import two_view_cost
from models.two_views.network import TwoViews
from tests.models.two_views.networks import tiny_pair, tiny_two_views
from training.two_views.camera import CameraRange, after, moved
from training.two_views.losses import UNLABELED, LossWeights, TwoViewBatch, two_view_loss
from training.two_views.sample import BoxNoise, TwoViewSample, sample_views

EXACT = BoxNoise(place=(0.0, 0.0), size=(0.0, 0.0), missed=0.0)
FRAMES = 4


def clip(seed: int = 0) -> tuple[list[NDArray[np.uint8]], NDArray[np.float64]]:
    """Frames with a white hand of 21 dots on grey, moving right, and its joints."""
    rng = np.random.default_rng(seed)
    shape = rng.uniform(-14.0, 14.0, (21, 2))
    joints = np.full((FRAMES, 2, 21, 2), np.nan)
    images = []
    for index in range(FRAMES):
        joints[index, 0] = shape + np.array([60.0 + 15 * index, 50.0])
        image = np.full((100, 150, 3), 60, np.uint8)
        for x, y in joints[index, 0]:
            image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 255
        images.append(image)
    return images, joints


def drawn(seed: int, noise: BoxNoise = EXACT) -> TwoViewSample:
    images, joints = clip()
    rng = np.random.default_rng(seed)
    return sample_views(rng, images, joints, tiny_pair(), noise=noise)


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
    np.testing.assert_allclose(sample.flipped().places[:, 0], -sample.places[:, 0])


def test_missed_hands_are_not_seen_and_the_view_shows_the_middle() -> None:
    sample = drawn(2, BoxNoise(missed=1.0))
    np.testing.assert_array_equal(sample.places[:, 3], 0.0)
    np.testing.assert_array_equal(sample.places[:, :2], 0.0)


def test_the_same_seed_gives_the_same_sample() -> None:
    one, two = drawn(5, BoxNoise()), drawn(5, BoxNoise())
    np.testing.assert_array_equal(one.squares, two.squares)


def test_clips_without_a_hand_are_fine() -> None:
    images, joints = clip()
    sample = sample_views(
        np.random.default_rng(0), images, np.full_like(joints, np.nan), tiny_pair()
    )
    assert np.isnan(sample.boxes).all()


def test_maps_apply_one_after_the_other() -> None:
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 2, 3))
    points = rng.normal(size=(5, 2))
    np.testing.assert_allclose(
        moved(points, after(second, first)), moved(moved(points, first), second)
    )
    assert CameraRange().least_share < CameraRange().most_share


def batch(network: TwoViews, labels: list[int]) -> TwoViewBatch:
    spec = network.spec.whole
    samples = [drawn(index, BoxNoise()) for index in range(len(labels))]
    whole, squares = (
        torch.from_numpy(normalize(np.stack(pictures), spec.mean, spec.std))
        for pictures in ([s.whole for s in samples], [s.squares for s in samples])
    )
    return TwoViewBatch(
        whole,
        squares,
        torch.from_numpy(np.stack([s.places for s in samples])),
        torch.from_numpy(np.stack([s.boxes for s in samples])),
        torch.tensor(labels),
    )


def test_every_part_of_the_network_learns_from_the_loss() -> None:
    network = tiny_two_views(tiny_pair()).train()
    cost = two_view_cost(network)
    result = two_view_loss(network, batch(network, [0, 1, 2]), cost, LossWeights(target=0.0))
    result.loss.backward()  # type: ignore[no-untyped-call]
    silent = [
        name
        for name, parameter in network.named_parameters()
        if parameter.grad is None or not torch.isfinite(parameter.grad).all()
    ]
    assert silent == []
    assert 0 < float(result.flops_fraction.detach()) < 2
    assert result.scores.shape == (3, 4)


def test_samples_without_a_label_teach_the_locator_alone() -> None:
    network = tiny_two_views(tiny_pair()).train()
    cost = two_view_cost(network)
    data = batch(network, [UNLABELED, UNLABELED])
    result = two_view_loss(network, data, cost, LossWeights(cost=0.0))
    result.loss.backward()  # type: ignore[no-untyped-call]
    assert float(result.entropy.detach()) == 0.0
    weight = network.whole.locator.cells.weight.grad
    assert weight is not None
    assert weight.abs().sum() > 0
    head = network.crop.head.weight.grad
    assert head is not None
    assert head.abs().sum() == 0

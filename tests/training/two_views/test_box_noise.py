"""Boxes of training are off as a locator's are, and only as far as asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from training.two_views.box_noise import EXACT, BoxNoise, located_boxes

ASPECT = 4 / 3


def path(frames: int = 8) -> NDArray[np.float64]:
    """A hand that moves to the right."""
    return np.stack([np.linspace(0.3, 1.0, frames), np.full(frames, 0.5), np.full(frames, 0.2)], 1)


def said(boxes: NDArray[np.float64], noise: BoxNoise, seed: int = 0) -> NDArray[np.float64]:
    """x, y, size and presence of every frame."""
    located = located_boxes(np.random.default_rng(seed), boxes, ASPECT, noise)
    return np.array([(*found.box, found.presence) for found in located])


def test_exact_boxes_are_the_hands() -> None:
    np.testing.assert_allclose(said(path(), EXACT), np.c_[path(), np.ones(8)])


def test_errors_grow_with_the_hand() -> None:
    large, small = path(), path()
    large[:, 2], small[:, 2] = 0.4, 0.1
    off_large, off_small = (
        said(box, BoxNoise(late=0.0, missed=0.0))[:, :2] - box[:, :2] for box in (large, small)
    )
    np.testing.assert_allclose(off_large, 4 * off_small, atol=1e-9)


def test_a_box_that_lags_is_behind_the_hand() -> None:
    noise = replace(EXACT, late=1.0, lag=(0.5, 0.5))
    behind = path()[:, 0] - said(path(), noise)[:, 0]
    assert behind[0] == pytest.approx(0.0)
    np.testing.assert_allclose(behind[1:], 0.05)


def test_a_new_box_is_worse_in_its_first_frames_only() -> None:
    noise = replace(EXACT, new=1.0)
    off = np.array([np.abs(said(path(), noise, seed)[:, :3] - path()).max(1) for seed in range(50)])
    assert (off[:, 0] > 0.0).all()
    assert np.allclose(off[:, 3:], 0.0)


def test_with_the_largest_errors_sizes_are_wrong_throughout() -> None:
    noise = replace(EXACT, wide=(0.3, 0.3))
    np.testing.assert_allclose(said(path(), noise)[:, 2], 0.2 * np.exp(0.3))


def test_sizes_may_be_far_off_with_any_errors() -> None:
    noise = replace(EXACT, strengths=(0.0, 1.0), place=(0.0, 0.0), size=(0.0, 0.0))
    noise = replace(noise, wide=(0.5, 0.5), wide_share=0.5)
    sizes = np.array([said(path(), noise, seed)[:, 2] for seed in range(200)])
    wide = np.isclose(sizes, 0.2 * np.exp(0.5)).all(axis=1)
    assert (wide | np.isclose(sizes, 0.2).all(axis=1)).all()
    assert 0.65 < wide.mean() < 0.85


def test_where_no_hand_shows_something_may_be_taken_for_one_that_stays_in_place() -> None:
    boxes = path()
    boxes[3:] = np.nan
    nothing = said(boxes, replace(EXACT, mistaken=0.0))
    np.testing.assert_array_equal(nothing[:, 3], [1, 1, 1, 0, 0, 0, 0, 0])
    something = said(boxes, replace(EXACT, mistaken=1.0))
    np.testing.assert_array_equal(something[:, 3], 1.0)
    np.testing.assert_allclose(something[:3, :3], boxes[:3])
    assert np.ptp(something[3:, :2], axis=0).max() < 0.2
    assert np.ptp(something[3:, 2]) == 0.0


def test_some_hands_are_missed() -> None:
    found = [said(path(), BoxNoise(missed=0.5), seed)[:, 3].mean() for seed in range(40)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)

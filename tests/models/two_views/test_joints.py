"""What the classifier reads of joints: shape, place and size, and what a lost hand leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from models.engines.factory import create_engine
from models.live import Frame, LiveModel
from models.two_views.box import Box
from models.two_views.bundle import load_two_views
from models.two_views.export import export_two_views
from models.two_views.joints import (
    JOINT_OUTPUTS,
    JOINT_VALUES,
    JOINTS,
    hand_boxes,
    joint_values,
    joint_windows,
    said_joints,
)
from tests.models.two_views.networks import tiny_pair, tiny_two_views


def a_hand(seed: int = 0, size: float = 0.3, x: float = 0.1, y: float = -0.1) -> np.ndarray:
    shape = np.random.default_rng(seed).uniform(-0.5, 0.5, (JOINTS, 2))
    return (shape * size + (x, y)).astype(np.float32)


def test_joints_are_said_from_the_middle_of_the_box_in_its_sizes() -> None:
    values = np.zeros(JOINT_OUTPUTS, np.float32)
    values[2:4] = 0.5, -0.25
    joints = said_joints(values, Box(1.0, 0.4, 0.2), aspect=1.6)
    np.testing.assert_allclose(joints[0], (0.2, -0.1), atol=1e-6)
    np.testing.assert_allclose(joints[1] - joints[0], (0.1, -0.05), atol=1e-6)


def test_joints_are_finite_whatever_a_network_says() -> None:
    values = np.full(JOINT_OUTPUTS, np.nan, np.float32)
    values[0], values[1] = np.inf, -1e30
    read = joint_values([said_joints(values, Box(0.5, 0.5, 4.0), 1.3)], 2)
    assert np.isfinite(read).all()


@given(st.floats(0.3, 3), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_the_shape_of_a_hand_does_not_depend_on_where_and_how_large_it_is(
    factor: float, right: float, down: float
) -> None:
    hand = a_hand()
    moved = (hand * factor + (right, down)).astype(np.float32)
    before, after = joint_values([hand], 1), joint_values([moved], 1)
    np.testing.assert_allclose(after[:JOINT_OUTPUTS], before[:JOINT_OUTPUTS], atol=1e-3)
    x, y, size = hand_boxes(moved)
    np.testing.assert_allclose(after[42:44], (2 * x, 2 * y), atol=1e-4)
    assert after[44] == pytest.approx(np.log(size / 0.3), abs=1e-3)


def test_a_lost_hand_stays_where_it_was_and_counts_as_not_seen() -> None:
    hand = a_hand()
    first, second, third = joint_values([None, hand, None], 3).reshape(3, JOINT_VALUES)
    assert not first.any()
    np.testing.assert_array_equal(third[:-2], second[:-2])
    assert (second[-2:].tolist(), third[-2:].tolist()) == ([1, 1], [0, 1])


def test_what_is_older_than_the_window_is_forgotten() -> None:
    read = joint_values([None, None], 2)
    assert not read.any()


@pytest.mark.parametrize("history", [1, 3, 9])
def test_windows_of_whole_clips_are_what_a_stream_reads_frame_by_frame(history: int) -> None:
    rng = np.random.default_rng(history)
    joints = rng.normal(size=(3, 7, JOINTS, 2)).astype(np.float32)
    seen = rng.random((3, 7)) < 0.5
    windows = joint_windows(joints, seen, history)
    for clip, (hands, shows) in enumerate(zip(joints, seen, strict=True)):
        stream = [hand if shown else None for hand, shown in zip(hands, shows, strict=True)]
        for frame in range(7):
            newest = stream[max(0, frame + 1 - history) : frame + 1]
            expected = joint_values(newest, history)
            np.testing.assert_allclose(windows[clip, frame], expected, atol=1e-5)


def test_a_young_stream_has_nothing_before_its_first_frame() -> None:
    window = joint_values([a_hand()], 4).reshape(4, JOINT_VALUES)
    assert not window[:3].any()
    assert window[3].any()


def test_every_engine_reads_the_joints_and_gives_what_the_classifier_read(tmp_path: Path) -> None:
    network = tiny_two_views(tiny_pair(joint_history=3))
    bundle = export_two_views(network, tmp_path / "joints", "# Joints\n")
    assert load_two_views(bundle.path).pair == network.spec
    rng = np.random.default_rng(0)
    frames = [
        Frame(rng.integers(0, 256, (60, 80, 3), np.uint8), index * 0.125) for index in range(6)
    ]
    steps = {
        kind: list(LiveModel(create_engine(bundle, kind).engine).over(frames))
        for kind in ("torch", "onnx", "sparse")
    }
    head = bundle.head()
    for kind, found in steps.items():
        for step, reference in zip(found, steps["torch"], strict=True):
            np.testing.assert_allclose(step.logits, reference.logits, atol=2e-3, err_msg=kind)
            assert step.features is not None
            np.testing.assert_allclose(head.scores(step.features), step.logits, atol=1e-3)


def test_features_leave_out_a_view_that_only_says_where_joints_are(tmp_path: Path) -> None:
    network = tiny_two_views(tiny_pair(joint_history=3))
    labels = len(network.spec.model.labels)
    for view in (network.whole, network.crop):
        view.head.weight.data[:labels] = 0
    bundle = export_two_views(network, tmp_path / "joints", "# Joints alone\n")
    assert not bundle.reads
    assert bundle.head().weight.shape[1] == network.spec.place_hidden
    (step,) = LiveModel(create_engine(bundle, "onnx").engine).over(
        [Frame(np.zeros((60, 80, 3), np.uint8), 0.0)]
    )
    assert step.features is not None
    assert step.features.shape == (network.spec.place_hidden,)


@pytest.mark.parametrize("change", [{"joint_history": 0}, {"joint_history": 40}])
def test_a_pair_whose_outputs_do_not_fit_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"further outputs|joint_history"):
        replace(tiny_pair(joint_history=3), **change)

"""Where the hands are: what the files beside clips and streams say is what the pictures show."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.data.errors import DataError
from training.performer.clip import plan_clip
from training.performer.framing import sample_framing
from training.performer.hand_truth import (
    CLIPS_FILE,
    STREAM_SUFFIX,
    hands_at,
    read_clip_hands,
    read_stream_hands,
)
from training.performer.script import plan_scripted_stream
from training.performer.stage import sample_stage
from training.performer.synthesize import synthesize
from training.performer.synthesize_streams import synthesize_streams

SEEDS = range(6)
LITTLE = {"fps": 4.0, "duration_s": 1.5, "height": 64}


@pytest.mark.parametrize("label", ["Stop Sign", "Thumb Up", "Sliding Two Fingers Left"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_hand_is_drawn_where_its_box_is(label: str, seed: int) -> None:
    """The box is filled by what the hand changes in the picture, up to its upper and lower edge."""
    rng = np.random.default_rng(seed)
    framing = sample_framing(rng, 64)
    plan = plan_clip(label, rng, 3.0, framing, still=label == "Stop Sign")
    stage = sample_stage(rng, framing)
    performance = plan.performance
    time_s = plan.cue.start_s + 0.7 * plan.cue.gesture.duration_s
    with_hand = stage.draw(performance, time_s, 0.0)
    without = stage.draw(replace(performance, main=None, second=None), time_s, 0.0)
    changed = np.abs(with_hand - without).max(2) > 0.02
    known = hands_at(
        performance, framing, stage.actor.hand_scale, np.array([time_s]), flipped=False
    )
    if known.in_view[0, 0] < 1.0:
        pytest.skip("a part of the hand lies outside the picture")
    size = np.array([framing.width, framing.height] * 2)
    left, top, right, bottom = np.round(known.boxes[0, 0].astype(float) * size).astype(int).tolist()
    assert changed[top:bottom, left:right].mean() > 0.3
    assert changed[top : top + 2, left:right].any()
    assert changed[bottom - 2 : bottom, left:right].any()


def test_joints_lie_in_their_box_and_a_flip_moves_both() -> None:
    stream = plan_scripted_stream(3, 0, 12.0, 24)
    times_s = np.arange(0.0, 12.0, 0.25)
    given = (stream.performance, stream.stage.framing, stream.stage.actor.hand_scale, times_s)
    plain, flipped = (hands_at(*given, flipped=flipped) for flipped in (False, True))
    whole = plain.in_view == 1.0
    assert whole.any()
    boxes, joints = plain.boxes[whole], plain.joints[whole]
    assert (joints >= boxes[:, None, :2] - 0.01).all()
    assert (joints <= boxes[:, None, 2:] + 0.01).all()
    assert np.isnan(plain.boxes[plain.in_view == 0.0]).all()
    assert (np.nan_to_num(np.abs(plain.facing)) <= 1.001).all()
    np.testing.assert_allclose(
        flipped.joints[whole][..., 0], 1.0 - joints[..., 0].astype(float), atol=2e-3
    )
    np.testing.assert_allclose(flipped.boxes[whole][:, 0], 1.0 - boxes[:, 2], atol=2e-3)


def test_a_folder_of_clips_has_a_row_for_every_picture(tmp_path: Path) -> None:
    synthesize(tmp_path / "clips", 27, 1, workers=1, **LITTLE)  # type: ignore[arg-type]
    known = read_clip_hands(tmp_path / "clips")
    assert known.clip.tolist() == np.repeat(np.arange(1, 28), 6).tolist()
    assert known.frame.tolist() == list(range(1, 7)) * 27
    labels = dict(
        line.split(";") for line in (tmp_path / "clips" / "labels.csv").read_text().splitlines()
    )
    for number in range(1, 28):
        rows = known.clip == number
        picture = cv2.imread(str(tmp_path / "clips" / str(number) / "00003.jpg"))
        assert picture is not None
        seen = known.hands.in_view[rows].max()
        assert seen > 0.9 or labels[str(number)] in ("No gesture", "Doing other things")


def test_a_stream_has_a_row_for_every_frame(tmp_path: Path) -> None:
    out = tmp_path / "streams"
    synthesize_streams(out, 0.2, 1, fps=4.0, height=24, workers=1, stream_s=12)
    hands = read_stream_hands(out / f"0001{STREAM_SUFFIX}")
    assert hands.boxes.shape == (48, 2, 4)
    assert 0.0 < hands.in_view[:, 0].mean() < 1.0
    drawn = plan_scripted_stream(1, 0, 12.0, 24).hands(4.0)
    np.testing.assert_array_equal(hands.joints, drawn.joints)


@pytest.mark.parametrize("content", [None, b"nothing of the kind", b"PK\x03\x04 cut off"])
def test_missing_or_damaged_files_are_told_in_a_sentence(
    tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / CLIPS_FILE).write_bytes(content)
    with pytest.raises(DataError, match=r"hands\.npz (are damaged|cannot be read)"):
        read_clip_hands(tmp_path)


def test_a_file_of_the_wrong_shape_is_damaged(tmp_path: Path) -> None:
    names = ("boxes", "in_view", "joints", "facing")
    one = {name: np.zeros(1) for name in names}
    np.savez(tmp_path / CLIPS_FILE, clip=[1], frame=[1], **one)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="damaged"):
        read_clip_hands(tmp_path)

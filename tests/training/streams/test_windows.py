"""Windows of a stream are labeled by what they show, and nothing in doubt is taught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.live import Frame
from training.cli import main
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.labels import JESTER_LABELS, NO_GESTURE, OTHER_THINGS, SILENT_LABELS
from training.performer.hand_truth import (
    read_clip_hands,
    read_stream_hands,
    write_stream_hands,
)
from training.streams.truth import CueKind, StreamCue
from training.streams.windows import cut_windows, window_label
from training.two_views.hand_clips import open_hand_clips

SWIPE = StreamCue(CueKind.GESTURE, "Swiping Left", 4.0, 5.0, 6.0, 7.0)
BROKEN_OFF = StreamCue(CueKind.UNFINISHED, "Swiping Up", 10.0, 10.5, 10.8, 11.5)
DRINK = StreamCue(CueKind.DISTRACTION, "drinking", 14.0, 15.0, 18.0, 19.0)
CUES = (SWIPE, BROKEN_OFF, DRINK)


@pytest.mark.parametrize(
    ("begin_s", "label"),
    [
        (1.0, NO_GESTURE),
        (3.5, OTHER_THINGS),  # the hand comes up, the stroke has hardly begun
        (4.3, None),  # half of it
        (4.7, "Swiping Left"),
        (5.0, "Swiping Left"),
        (5.8, OTHER_THINGS),  # the hand goes back
        (8.0, NO_GESTURE),
        (10.1, OTHER_THINGS),
        (15.5, OTHER_THINGS),
    ],
)
def test_a_window_shows_what_the_greater_part_of_a_stroke_is(
    begin_s: float, label: str | None
) -> None:
    assert window_label(CUES, begin_s, begin_s + 1.2) == label


@given(
    begin_s=st.floats(0, 20, allow_nan=False),
    length_s=st.floats(0.5, 3, allow_nan=False),
)
def test_gestures_are_only_named_where_most_of_one_is_in_view(
    begin_s: float, length_s: float
) -> None:
    label = window_label(CUES, begin_s, begin_s + length_s)
    shown_s = min(begin_s + length_s, SWIPE.end_s) - max(begin_s, SWIPE.start_s)
    if label == SWIPE.label:
        assert shown_s >= 0.75 * min(1.0, length_s) - 1e-9
    else:
        assert label in (None, *SILENT_LABELS)
        assert shown_s < 0.75 * min(1.0, length_s)


def test_windows_are_cut_at_the_cadence() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    frames = [Frame(image + number, number / 12) for number in range(12 * 20)]
    windows = list(cut_windows(frames, CUES, interval_s=1 / 6, length=8))
    assert {window.label for window in windows} == {SWIPE.label, *SILENT_LABELS}
    for window in windows:
        numbers = [int(picture[0, 0, 0]) for picture in window.images]
        assert np.diff(numbers).tolist() == [2] * 7


def test_a_folder_of_streams_becomes_a_data_set(tmp_path: Path) -> None:
    streams, out = tmp_path / "streams", tmp_path / "windows"
    arguments = ["--minutes", "0.7", "--seed", "5", "--height", "40", "--fps", "6"]
    assert main(["synthesize-streams", "--out", str(streams), *arguments, "--workers", "1"]) == 0
    command = ["cut-windows", "--streams", str(streams), "--out", str(out)]
    assert main([*command, "--silent-share", "0.25"]) == 0
    clips = open_dataset(Layout.JESTER, out, out / "labels.csv", JESTER_LABELS)
    silent = [clip for clip in clips if JESTER_LABELS[clip.label] in SILENT_LABELS]
    assert len(silent) / len(clips) == pytest.approx(0.25, abs=0.03)
    assert all(len(list((out / clip.name).glob("*.jpg"))) == 8 for clip in clips)
    for clip in open_hand_clips(out, JESTER_LABELS):
        images, joints = clip.read(np.arange)
        assert joints.shape == (8, 2, 21, 2)
        assert np.isfinite(joints[:, 0]).all()
        assert len(images) == 8
    assert main(command) == 1, "the folder is there already"


def test_the_hands_in_a_window_are_those_of_its_frames(tmp_path: Path) -> None:
    streams, out = tmp_path / "streams", tmp_path / "windows"
    arguments = ["--minutes", "0.2", "--seed", "5", "--height", "40", "--fps", "12"]
    assert main(["synthesize-streams", "--out", str(streams), *arguments, "--workers", "1"]) == 0
    assert main(["cut-windows", "--streams", str(streams), "--out", str(out)]) == 0
    stream = read_stream_hands(streams / "0001.hands.npz").joints[:, 0]
    windows = read_clip_hands(out)
    one = windows.hands.joints[windows.clip == 1][:, 0]
    first = int(np.abs(stream - one[0]).reshape(len(stream), -1).max(axis=1).argmin())
    np.testing.assert_array_equal(stream[first : first + 2 * len(one) : 2], one)
    # Those of another stream are told of, and nothing is written.
    hands = read_stream_hands(streams / "0001.hands.npz")
    write_stream_hands(streams / "0001.hands.npz", hands.rows(range(5)))
    again = tmp_path / "again"
    assert main(["cut-windows", "--streams", str(streams), "--out", str(again)]) == 1
    assert not again.exists()


def test_bad_input_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cut-windows", "--streams", str(tmp_path), "--out", str(tmp_path / "out")]) == 1
    assert "holds no streams" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

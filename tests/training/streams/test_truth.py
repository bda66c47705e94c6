from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from training.data.errors import DataError
from training.streams.truth import (
    CueKind,
    StreamCue,
    StreamTruth,
    list_streams,
    read_streams,
    read_truth,
    write_truth,
)

CUE = {
    "kind": "gesture",
    "label": "Thumb Up",
    "begin_s": 1,
    "start_s": 1.5,
    "end_s": 2.25,
    "until_s": 3,
}
TRUTH: dict[str, Any] = {"video": "a.mp4", "fps": 12, "duration_s": 60, "cues": [CUE]}


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    cue = StreamCue(CueKind.UNFINISHED, "Swiping Left", 0.5, 1.0, 1.25, 2.0)
    truth = StreamTruth(video="0001.mp4", fps=15.0, duration_s=60.0, seed=3, cues=(cue,))
    write_truth(tmp_path / "0001.cues.json", truth)
    assert [read_truth(path) for path in list_streams(tmp_path)] == [truth]


def test_a_file_written_by_hand_needs_no_seed(tmp_path: Path) -> None:
    (tmp_path / "me.cues.json").write_text(json.dumps(TRUTH))
    assert read_truth(tmp_path / "me.cues.json").cues[0].kind is CueKind.GESTURE


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"cues": [CUE | {"end_s": 1.5}]}, "start_s < end_s"),
        ({"cues": [CUE, CUE]}, "starts before"),
        ({"cues": [CUE | {"kind": "dance"}]}, "dance"),
        ({"fps": 0}, "fps"),
        ({"video": "../secret.mp4"}, "same folder"),
        ({"duration_s": 2}, "'Thumb Up' ends after duration_s"),
        ({"format": 2}, "newer version"),
        ({"color": 1}, "unknown field `color`"),
    ],
)
def test_what_would_be_misread_is_refused(
    tmp_path: Path, changes: dict[str, Any], complaint: str
) -> None:
    path = tmp_path / "x.cues.json"
    path.write_text(json.dumps(TRUTH | changes))
    with pytest.raises(DataError, match=complaint):
        read_truth(path)


def test_an_editors_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "me.cues.json").write_text(json.dumps(TRUTH), encoding="utf-8-sig")
    assert read_truth(tmp_path / "me.cues.json").video == "a.mp4"


def test_two_files_about_one_video_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.cues.json").write_text(json.dumps(TRUTH))
    with pytest.raises(DataError, match=r"two\.cues\.json and .*one\.cues\.json are both about"):
        read_streams(tmp_path)


def test_a_folder_without_streams_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="synthesize-streams"):
        list_streams(tmp_path)

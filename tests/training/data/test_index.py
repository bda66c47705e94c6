from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.training.data_sets import (
    SOMETHING,
    write_frames,
    write_mini_kinetics,
    write_something_v1,
    write_something_v2,
)
from tests.training.jester_folder import write_jester
from tests.training.video_files import write_video
from training.data.clip import Clip
from training.data.errors import DataError, UnreadableClipError
from training.data.index import open_dataset
from training.data.label_files import read_labels
from training.data.layouts import Layout
from training.data.sampling import UniformSegments
from training.labels import JESTER_LABELS


def check(clips: Sequence[Clip], labels: Sequence[str], expected: Sequence[str]) -> None:
    assert [labels[clip.label] for clip in clips] == list(expected)
    for clip in clips:
        images = clip.read(lambda length: UniformSegments(8).indices(length, None))
        assert len(images) == 8
        levels = [float(image[8:-8].mean()) for image in images]
        assert levels == sorted(levels)
        assert levels[0] < levels[-1]


def test_jester(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 2)
    clips = open_dataset(Layout.JESTER, root, root / "labels.csv", JESTER_LABELS)
    assert [JESTER_LABELS[clip.label] for clip in clips] == ["Swiping Left", "Swiping Right"]
    assert [clip.name for clip in clips] == [str(root / "100"), str(root / "101")]


def test_something_something_v1(tmp_path: Path) -> None:
    annotations, label_file = write_something_v1(tmp_path)
    labels = read_labels(Layout.SOMETHING_V1, label_file)
    assert labels == SOMETHING
    root = tmp_path / "20bn-something-something-v1"
    clips = open_dataset(Layout.SOMETHING_V1, root, annotations, labels)
    check(clips, labels, [SOMETHING[3], SOMETHING[1]])


def test_something_something_v2(tmp_path: Path) -> None:
    annotations, label_file = write_something_v2(tmp_path)
    labels = read_labels(Layout.SOMETHING_V2, label_file)
    assert labels == SOMETHING
    root = tmp_path / "20bn-something-something-v2"
    clips = open_dataset(Layout.SOMETHING_V2, root, annotations, labels)
    check(clips, labels, [SOMETHING[4], SOMETHING[1]])


def test_mini_kinetics_takes_its_labels_from_the_csv_of_kinetics(tmp_path: Path) -> None:
    annotations, label_file = write_mini_kinetics(tmp_path)
    labels = read_labels(Layout.MINI_KINETICS, label_file)
    clips = open_dataset(Layout.MINI_KINETICS, tmp_path / "kinetics", annotations, labels)
    check(clips, labels, ["air drumming", "playing guitar"])
    assert read_labels(Layout.MINI_KINETICS, annotations) == (
        "abseiling",
        "air drumming",
        "playing guitar",
    )


def test_a_kinetics_video_that_is_gone_is_an_unreadable_clip(tmp_path: Path) -> None:
    annotations, label_file = write_mini_kinetics(tmp_path)
    labels = read_labels(Layout.MINI_KINETICS, label_file)
    with annotations.open("a") as lines:
        lines.write("air drumming,deleted0000,3,13,train,0\n")
    clips = open_dataset(Layout.MINI_KINETICS, tmp_path / "kinetics", annotations, labels)
    assert clips[2].name.endswith("deleted0000_000003_000013.mp4")
    with pytest.raises(UnreadableClipError, match="cannot be read"):
        clips[2].read(lambda _: np.asarray([0]))


@pytest.mark.parametrize("mark", [" ", ";"])
def test_a_list_of_frame_folders_of_kinetics_with_spaces_in_its_paths(
    tmp_path: Path, mark: str
) -> None:
    name = "images/val/air drumming/7LSJ2Ryv1a8_000000_000010"
    write_frames(tmp_path / name, 9, "img_{:05d}.jpg")
    (tmp_path / "category.txt").write_text("abseiling\nair drumming\n")
    (tmp_path / "val_videofolder.txt").write_text(f"{name}{mark}9{mark}1\n")
    labels = ("air drumming", "abseiling")
    clips = open_dataset(
        Layout.MINI_KINETICS,
        tmp_path,
        tmp_path / "val_videofolder.txt",
        labels,
        frame_pattern="img_{:05d}.jpg",
    )
    check(clips, labels, ["air drumming"])


def test_a_list_of_videos_of_something_something(tmp_path: Path) -> None:
    write_video(tmp_path / "val" / "32.webm", 9)
    (tmp_path / "classInd.txt").write_text(
        "".join(f"{n},{name}\n" for n, name in enumerate(SOMETHING))
    )
    (tmp_path / "val_videofolder.txt").write_text("val/32 9 3\n")
    clips = open_dataset(Layout.SOMETHING_V2, tmp_path, tmp_path / "val_videofolder.txt", SOMETHING)
    check(clips, SOMETHING, [SOMETHING[3]])


def test_the_numbers_of_a_list_go_by_its_own_label_file_not_by_the_networks_order(
    tmp_path: Path,
) -> None:
    root = write_jester(tmp_path / "frames", 2)
    (tmp_path / "list.txt").write_text("100 12 1\n101 12 0\n")
    (tmp_path / "names.txt").write_text("Thumb Up\nStop Sign\n")
    clips = open_dataset(
        Layout.JESTER,
        root,
        tmp_path / "list.txt",
        JESTER_LABELS,
        label_file=tmp_path / "names.txt",
    )
    assert [JESTER_LABELS[clip.label] for clip in clips] == ["Stop Sign", "Thumb Up"]


def test_a_list_that_counts_labels_from_one_is_told_where_it_shows(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 1)
    (tmp_path / "list.txt").write_text("100 12 2\n")
    (tmp_path / "names.txt").write_text("Thumb Up\nThumb Down\n")
    with pytest.raises(DataError, match=r"numbered from 0; do the list's numbers begin at 1\?"):
        open_dataset(
            Layout.JESTER,
            root,
            tmp_path / "list.txt",
            JESTER_LABELS,
            label_file=tmp_path / "names.txt",
        )


def test_a_list_whose_numbers_nobody_names_is_refused(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 1)
    (tmp_path / "list.txt").write_text("100 12 1\n")
    with pytest.raises(DataError, match=r"no file beside it has their names .*label_file"):
        open_dataset(Layout.JESTER, root, tmp_path / "list.txt", JESTER_LABELS)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("100;Waving Goodbye", "Line 1 of .* has the unknown label 'Waving Goodbye'"),
        ("100", "Line 1 of .* is not 'id;label'"),
        ("100;Thumb Up;3", "not 'id;label'"),
        ("999;Swiping Left", "None of the clips .*999"),
        ("100 12 1\n101 12\n102 12 1", "Line 2 of .* is not 'path frames label'"),
        ("", "have no clips"),
        ("100;Thumb Up\n100;Thumb Up", "Line 2 of .* lists the clip '100' a second time"),
        ("100;Thumb Up\n./100;Thumb Down", "Line 2 of .* lists the clip './100' a second time"),
    ],
)
def test_wrong_annotations_are_told_by_line(tmp_path: Path, line: str, complaint: str) -> None:
    root = write_jester(tmp_path, 1)
    (root / "labels.csv").write_text(line + "\n")
    with pytest.raises(DataError, match=complaint):
        open_dataset(Layout.JESTER, root, root / "labels.csv", JESTER_LABELS)


@pytest.mark.parametrize(
    ("layout", "content", "complaint"),
    [
        (Layout.SOMETHING_V2, "[{]", "not as expected"),
        (Layout.SOMETHING_V2, json.dumps([{"template": "x"}]), "not as expected.*id"),
        (Layout.SOMETHING_V2, json.dumps([{"id": "3"}]), "Element 1 of .* has no template"),
        (Layout.MINI_KINETICS, "a,b\n1,2\n", "neither a Kinetics CSV"),
        (Layout.MINI_KINETICS, "label,youtube_id,time_start,time_end\nx,y,1\n", "Line 2 of"),
        (
            Layout.MINI_KINETICS,
            "label,youtube_id,time_start,time_end\nx,y,1,2\n",
            "have no clips of",
        ),
        (
            Layout.MINI_KINETICS,
            f"label,youtube_id,time_start,time_end\n{'x' * 2**18},y,1,2\n",
            "are not valid CSV",
        ),
        (Layout.JESTER, "\xff", "UTF-8"),
    ],
)
def test_annotations_of_no_known_form_are_told(
    tmp_path: Path, layout: Layout, content: str, complaint: str
) -> None:
    (tmp_path / "annotations").write_bytes(content.encode("latin-1"))
    with pytest.raises(DataError, match=complaint):
        open_dataset(layout, tmp_path, tmp_path / "annotations", SOMETHING)


def test_a_clip_that_json_or_a_list_names_twice_is_told(tmp_path: Path) -> None:
    element = {"id": "1", "template": SOMETHING[0]}
    (tmp_path / "twice.json").write_text(json.dumps([element, element | {"template": "other"}]))
    with pytest.raises(DataError, match=r"Element 2 of .* lists the clip '1' a second time"):
        open_dataset(Layout.SOMETHING_V2, tmp_path, tmp_path / "twice.json", SOMETHING)
    root = write_jester(tmp_path / "jester", 1)
    (tmp_path / "list.txt").write_text("100 10 0\n100 10 1\n")
    (tmp_path / "category.txt").write_text("\n".join(JESTER_LABELS))
    with pytest.raises(DataError, match=r"Line 2 of .*list\.txt lists the clip '100' a second"):
        open_dataset(Layout.JESTER, root, tmp_path / "list.txt", JESTER_LABELS)


def test_missing_files_are_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"labels\.csv cannot be read"):
        open_dataset(Layout.JESTER, tmp_path, tmp_path / "labels.csv", JESTER_LABELS)
    (tmp_path / "labels.csv").write_text("1;Thumb Up\n")
    with pytest.raises(DataError, match="There is no folder"):
        open_dataset(Layout.JESTER, tmp_path / "no", tmp_path / "labels.csv", JESTER_LABELS)
    (tmp_path / "list.json").write_text('[{"id": "3", "template": "Thumb Up"}]')
    with pytest.raises(DataError, match=r"None of the clips .*webm or .*mp4 file, or folder"):
        open_dataset(Layout.SOMETHING_V2, tmp_path, tmp_path / "list.json", JESTER_LABELS)

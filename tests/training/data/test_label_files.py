from __future__ import annotations

from pathlib import Path

import pytest

from tests.training.data_sets import SOMETHING
from training.data.errors import DataError
from training.data.label_files import read_labels
from training.data.layouts import Layout
from training.labels import JESTER_LABELS, mirrored_indices, mirrored_name


@pytest.mark.parametrize(
    "content",
    [
        "\n".join(SOMETHING),
        "\r\n".join(SOMETHING) + "\r\n\r\n",
        "".join(f"{n},{label}\n" for n, label in enumerate(SOMETHING)),
        "".join(f"{n} {label}\n" for n, label in enumerate(SOMETHING, start=1)),
    ],
)
def test_labels_come_in_the_order_of_their_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "labels.csv").write_text(content)
    assert read_labels(Layout.SOMETHING_V1, tmp_path / "labels.csv") == SOMETHING


def test_a_label_may_begin_with_a_number(tmp_path: Path) -> None:
    (tmp_path / "labels.txt").write_text("3 fingers\n2 fingers\n")
    assert read_labels(Layout.JESTER, tmp_path / "labels.txt") == ("3 fingers", "2 fingers")


def test_the_numbers_of_a_json_give_the_order(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('{"b": "1", "a": 2, "c": "0"}')
    assert read_labels(Layout.SOMETHING_V2, tmp_path / "labels.json") == ("c", "b", "a")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("labels.csv", "\n", "has no labels"),
        ("labels.csv", "a\nb\na\n", "has the label 'a' twice"),
        ("labels.json", '{"a": "0", "b": "2"}', "without gaps"),
        ("labels.json", '{"a": "first"}', "does not number"),
        ("labels.json", "[1]", "not as expected"),
    ],
)
def test_what_is_no_label_file_is_told(
    tmp_path: Path, name: str, content: str, complaint: str
) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=complaint):
        read_labels(Layout.SOMETHING_V2, tmp_path / name)


def test_a_mirror_swaps_directions_wherever_a_label_speaks_of_them() -> None:
    assert mirrored_name("Pushing something from left to right") == (
        "Pushing something from right to left"
    )
    assert mirrored_name("Turning the camera left while filming something") == (
        "Turning the camera right while filming something"
    )
    assert mirrored_name("Turning Hand Counterclockwise") == "Turning Hand Clockwise"
    for label in ("Putting something upright on the table", "bright lights", "Cleft", "yoga"):
        assert mirrored_name(label) == label


def test_only_sideways_motions_and_turns_of_jester_are_swapped() -> None:
    swapped = {
        JESTER_LABELS[index]: JESTER_LABELS[opposite]
        for index, opposite in enumerate(mirrored_indices(JESTER_LABELS))
        if opposite is not None and opposite != index
    }
    assert len(swapped) == 6
    assert swapped["Swiping Left"] == "Swiping Right"
    assert swapped["Sliding Two Fingers Right"] == "Sliding Two Fingers Left"
    assert swapped["Turning Hand Clockwise"] == "Turning Hand Counterclockwise"


def test_a_label_whose_mirror_image_is_no_label_has_none() -> None:
    assert mirrored_indices(("Swiping Left", "Stop Sign", "Swiping Up")) == (None, 1, 2)

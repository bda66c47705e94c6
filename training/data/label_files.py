"""The names of a data set's labels, in the order of its own label file."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from training.data.errors import DataError
from training.data.layouts import Layout
from training.data.text_files import decode_json, read_text

LIST_LABEL_FILES = ("classInd.txt", "minik_classInd.txt", "category.txt")
"""Names of the label file beside a TSM or AdaFuse list."""

OFFICIAL_LABEL_FILES: dict[Layout, tuple[str, ...]] = {
    Layout.JESTER: ("jester-v1-labels.csv",),
    Layout.SOMETHING_V1: ("something-something-v1-labels.csv",),
    Layout.SOMETHING_V2: ("something-something-v2-labels.json", "labels.json"),
    Layout.MINI_KINETICS: (),
}
"""Names of the data sets' own label files."""

KINETICS_HEADER = "label,"

_NUMBERED = re.compile(r"(\d+)[,;\s]\s*(.+)")


def read_labels(layout: Layout, path: Path) -> tuple[str, ...]:
    """Read a label file.

    It may be the data set's own (one label per line, or for Something-Something V2 the JSON of
    labels and their numbers), the label file of a TSM or AdaFuse list (one label per line, possibly
    after its number), or for Kinetics an annotations CSV, whose labels are sorted alphabetically.

    Raises:
        DataError: It cannot be read, is empty, or names a label twice.
    """
    text = read_text(path, "labels")
    if path.suffix.lower() == ".json":
        numbers = decode_json(text, dict[str, int | str], path, "labels")
        labels = _in_order(numbers, path)
    elif layout is Layout.MINI_KINETICS and text.startswith(KINETICS_HEADER):
        try:
            labels = sorted({row["label"] for row in csv.DictReader(text.splitlines())})
        except csv.Error as error:  # such as an unterminated field
            raise DataError(f"The label file {path} is not valid CSV: {error}.") from error
    else:
        labels = _from_lines([line.strip().strip('"') for line in text.splitlines()])
    if not labels:
        raise DataError(f"The label file {path} has no labels.")
    if len(set(labels)) < len(labels):
        twice = next(label for label in labels if labels.count(label) > 1)
        raise DataError(f"The label file {path} has the label '{twice}' twice.")
    return tuple(labels)


def _in_order(numbers: dict[str, int | str], path: Path) -> list[str]:
    try:
        ordered = sorted((int(number), label) for label, number in numbers.items())
    except ValueError as error:
        raise DataError(f"The label file {path} does not number its labels.") from error
    if [number for number, _ in ordered] != list(range(len(ordered))):
        raise DataError(f"The label file {path} does not number its labels from 0 without gaps.")
    return [label for _, label in ordered]


def _from_lines(lines: list[str]) -> list[str]:
    lines = [line for line in lines if line]
    matches = [_NUMBERED.fullmatch(line) for line in lines]
    numbers = [int(match.group(1)) for match in matches if match]
    # Only if every line has its own position as number: a label may begin with a number.
    for first in (0, 1):
        if lines and numbers == list(range(first, first + len(lines))):
            return [match.group(2).strip() for match in matches if match]
    return lines


def find_label_file(layout: Layout, annotations: Path) -> Path:
    """Find the label file with the names for the numbers in a list file.

    Raises:
        DataError: There is no such file beside the list.
    """
    names = (*LIST_LABEL_FILES, *OFFICIAL_LABEL_FILES[layout])
    for name in names:
        if (annotations.parent / name).is_file():
            return annotations.parent / name
    raise DataError(
        f"The list {annotations} has labels as numbers, and no file beside it has their names "
        f"({', '.join(names)}); give one with label_file."
    )

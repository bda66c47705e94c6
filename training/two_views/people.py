"""People in a texture folder whose hands are known, from a table beside its manifest."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.errors import DataError
from training.data.text_files import read_text
from training.performer.arrays import Floats
from training.performer.collage.texture_library import read_manifest, read_texture

HANDS_TABLE = "hands.csv"
"""One line for each hand, `path;x;y;size` in pixels; `path;;;` for a picture that shows none."""

_HEIGHT_PX = 180
_COLUMNS = ["path", "x", "y", "size"]


@dataclass(frozen=True)
class KnownPerson:
    """A picture of somebody.

    Attributes:
        image: BGR.
        boxes: x, y and size of the hands in its pixels, of shape (N, 3).
    """

    image: NDArray[np.uint8]
    boxes: Floats


def read_people(folder: Path) -> dict[str, KnownPerson]:
    """Read the people whose hands are known, by the path in the manifest; none without the table.

    Args:
        folder: A texture folder.

    Raises:
        DataError: The manifest, the table or a picture is missing or damaged.
    """
    table = folder / HANDS_TABLE
    if not table.is_file():
        return {}
    known = _read_table(table)
    people = {row["path"] for row in read_manifest(folder) if row["kind"] == "person"}
    stray = sorted(known.keys() - people)
    if stray:
        raise DataError(f"{table} names {stray[0]}, which is no person in manifest.csv.")
    return {path: _person(folder / path, boxes) for path, boxes in known.items()}


def _read_table(table: Path) -> dict[str, list[list[float]]]:
    known: dict[str, list[list[float]]] = defaultdict(list)
    rows = csv.reader(read_text(table, "hands").splitlines(), delimiter=";")
    if next(rows, None) != _COLUMNS:
        raise DataError(f"{table} must begin with the line {';'.join(_COLUMNS)}.")
    for number, row in enumerate(rows, start=2):
        boxes = known[row[0]] if len(row) == len(_COLUMNS) else []
        if row[1:] == ["", "", ""]:
            continue
        try:
            x, y, size = map(float, row[1:])
        except ValueError:
            size = 0.0
        if not 0.0 < size < float("inf"):
            raise DataError(f"Line {number} of {table} must hold a path, x, y and a size above 0.")
        boxes.append([x, y, size])
    return known


def _person(path: Path, boxes: list[list[float]]) -> KnownPerson:
    picture = read_texture(path, cv2.IMREAD_COLOR)
    scale = min(1.0, _HEIGHT_PX / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return KnownPerson(np.asarray(small, np.uint8), scale * np.reshape(boxes, (-1, 3)))

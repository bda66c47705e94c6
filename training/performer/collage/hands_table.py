"""Where the hands are in the pictures of a texture folder, from a table beside its manifest."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.data.errors import DataError
from training.data.text_files import read_text
from training.performer.arrays import Floats

HANDS_TABLE = "hands.csv"
"""One line for each hand, `path;x;y;size` in pixels; `path;;;` for a picture that shows none."""

JOINTS = 21

_BOX_COLUMNS = ["path", "x", "y", "size"]
_JOINT_COLUMNS = [f"{axis}{joint}" for joint in range(JOINTS) for axis in "xy"]
_HANDS_OF = ("hand", "person")


@dataclass(frozen=True)
class KnownHands:
    """The hands in one picture.

    Attributes:
        boxes: x, y and size in its pixels, of shape (N, 3).
        joints: The 21 joints in MediaPipe's order, in its pixels, of shape (N, 21, 2); NaN where
            the box alone is known.
    """

    boxes: Floats
    joints: Floats

    def scaled(self, scale: float) -> KnownHands:
        """Return the hands of the picture in another size."""
        return KnownHands(scale * self.boxes, scale * self.joints)


def read_hands(folder: Path, manifest: Iterable[Mapping[str, str]]) -> dict[str, KnownHands]:
    """Read where hands are, by the path in the manifest; nothing without the table.

    Args:
        folder: A texture folder.
        manifest: The rows of its manifest.

    Raises:
        DataError: The table is damaged, or names a picture that is neither a hand nor a person.
    """
    table = folder / HANDS_TABLE
    if not table.is_file():
        return {}
    known = _read_table(table)
    stray = sorted(known.keys() - {row["path"] for row in manifest if row["kind"] in _HANDS_OF})
    if stray:
        raise DataError(f"{table} names {stray[0]}, which is no hand or person in manifest.csv.")
    return {
        path: KnownHands(
            np.reshape([hand[:3] for hand in hands], (-1, 3)),
            np.reshape([hand[3:] for hand in hands], (-1, JOINTS, 2)),
        )
        for path, hands in known.items()
    }


def _read_table(table: Path) -> dict[str, list[list[float]]]:
    """Return the values of each hand, joints included, by path."""
    known: dict[str, list[list[float]]] = defaultdict(list)
    rows = csv.reader(read_text(table, "hands").splitlines(), delimiter=";")
    columns = next(rows, None)
    if columns not in (_BOX_COLUMNS, _BOX_COLUMNS + _JOINT_COLUMNS):
        raise DataError(
            f"{table} must begin with the line {';'.join(_BOX_COLUMNS)}, to which x0;y0 to x20;y20 "
            "may be added."
        )
    for number, row in enumerate(rows, start=2):
        if len(row) in (len(columns), len(_BOX_COLUMNS)) and not any(row[1:]):
            known[row[0]] += []
            continue
        hand = _hand(row, len(columns))
        if hand is None:
            raise DataError(
                f"Line {number} of {table} must hold a path, x, y, a size above 0, and all of the "
                "joints or none."
            )
        known[row[0]].append(hand)
    return known


def _hand(row: list[str], columns: int) -> list[float] | None:
    """Return the values of one line, or None if they make no hand."""
    unknown = [float("nan")] * len(_JOINT_COLUMNS)
    box, joints = row[1 : len(_BOX_COLUMNS)], row[len(_BOX_COLUMNS) :]
    try:
        values = [float(value) for value in (*box, *(joints if any(joints) else ()))]
    except ValueError:
        return None
    if len(row) != columns or not np.isfinite(values).all() or values[2] <= 0.0:
        return None
    return values if any(joints) else [*values, *unknown]

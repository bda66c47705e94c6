"""Reads measured movements of people: hands, and arms."""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.errors import DataError
from training.performer.arrays import Floats
from training.performer.hand import JOINTS
from training.performer.kinematics.measures import measure_arm, measure_hand

Values = dict[str, dict[str, list[float]]]
"""For each label and each measure, one value a movement."""

HANDS_FILE = "hands.npz"
ARMS_FILES = ("arms_a.npz", "arms_b.npz")

_HAND_LABELS = {
    "swipe_up": "Swiping Up",
    "swipe_down": "Swiping Down",
    "swipe_left": "Swiping Left",
    "swipe_right": "Swiping Right",
    "zoom_in": "Zooming In With Full Hand",
    "zoom_out": "Zooming Out With Full Hand",
    # Its turns are named as the person sees them, Jester's as the picture shows them.
    "rotate_clockwise": "Turning Hand Counterclockwise",
    "rotate_counterclockwise": "Turning Hand Clockwise",
}
_ARM_LABELS = {
    "swipe_up": "Swiping Up",
    "up": "Swiping Up",
    "swipe_down": "Swiping Down",
    "down": "Swiping Down",
    "swipe_left": "Swiping Left",
    "swipe_right": "Swiping Right",
}
# The second set calls left what the first one and Jester call right.
_MIRRORED = {"arms_b.npz": {"swipe_left": "Swiping Right", "swipe_right": "Swiping Left"}}
_POINTS = (
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
)
# Their pictures are said to be from webcams; coordinates are shares of width and height.
_ASPECT = 4.0 / 3.0
_FEWEST_FRAMES = 5


def read_hands(folder: Path) -> Values:
    """Measure the hands of `hands.npz`.

    Raises:
        DataError: The file is missing or damaged.
    """
    table = _read(folder / HANDS_FILE, {"points": 4, "truth": 1, "truth_names": 1})
    if table["points"].shape[2:] != (JOINTS, 3):
        raise _damaged(folder / HANDS_FILE)
    points = table["points"].astype(np.float64)
    names = [str(name).strip() for name in table["truth_names"]]
    values = _empty()
    for joints, truth in zip(points, table["truth"].astype(int), strict=True):
        label = _HAND_LABELS.get(names[truth])
        if label is not None:
            _add(values[label], measure_hand(joints[:, :, :2]))
    return values


def read_arms(folder: Path) -> Values:
    """Measure the arms of `arms_a.npz` and `arms_b.npz`.

    Raises:
        DataError: A file is missing or damaged.
    """
    values = _empty()
    for name in ARMS_FILES:
        ranks = {"time": 1, "points": 3, "truth": 1, "recording": 1, "point_names": 1}
        table = _read(folder / name, {**ranks, "truth_names": 1})
        points = table["points"].astype(np.float64)[:, :, :2] * [_ASPECT, 1.0]
        columns = [str(column) for column in table["point_names"]]
        try:
            body = points[:, [columns.index(point) for point in _POINTS]]
        except ValueError as error:
            raise _damaged(folder / name) from error
        times_s = table["time"].astype(np.float64) / 1000.0
        for label, span in _strokes(table, _ARM_LABELS | _MIRRORED.get(name, {})):
            _add(values[label], _measure_segment(times_s[span], body[span]))
    return values


def _strokes(
    table: Mapping[str, NDArray[np.generic]], labels: Mapping[str, str]
) -> Iterator[tuple[str, slice]]:
    """Yield the label and the frames of every stroke."""
    truth, recording = table["truth"].astype(int), table["recording"].astype(int)
    names = [str(name).strip() for name in table["truth_names"]]
    changes = np.flatnonzero((np.diff(truth) != 0) | (np.diff(recording) != 0)) + 1
    bounds = [0, *changes.tolist(), len(truth)]
    for first, end in pairwise(bounds):
        label = labels.get(names[truth[first]])
        if label is not None and end - first >= _FEWEST_FRAMES:
            yield label, slice(first, end)


def _measure_segment(times_s: Floats, body: Floats) -> dict[str, float]:
    """Measure the arm that moves more; `body` has the columns of `_POINTS`, shape (T, 6, 2)."""
    ways = [float(np.ptp(body[:, column], axis=0).sum()) for column in (4, 5)]
    side = int(np.argmax(ways))
    return measure_arm(times_s, body[:, 4 + side], body[:, 2 + side], body[:, :2])


def _empty() -> Values:
    return defaultdict(lambda: defaultdict(list))


def _add(values: dict[str, list[float]], measures: Mapping[str, float]) -> None:
    for name, value in measures.items():
        if np.isfinite(value):
            values[name].append(value)


def _read(path: Path, ranks: Mapping[str, int]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a file; `ranks` says how many axes each has."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            table = {name: stored[name] for name in ranks}
    except OSError as error:
        raise DataError(
            f"The measured movements {path} cannot be read ({error.strerror}); give the folder "
            f"that holds {HANDS_FILE}, {' and '.join(ARMS_FILES)} with --kinematics."
        ) from error
    except Exception as error:  # a damaged archive fails in many ways
        raise _damaged(path) from error
    if any(table[name].ndim != rank for name, rank in ranks.items()):
        raise _damaged(path)
    lengths = {len(table[name]) for name in ranks if not name.endswith("names")}
    truth = table["truth"].astype(int)
    if (
        len(lengths) != 1
        or not len(truth)
        or not 0 <= truth.min() <= truth.max() < len(table["truth_names"])
    ):
        raise _damaged(path)
    return table


def _damaged(path: Path) -> DataError:
    return DataError(f"The measured movements {path} are damaged or not what they should be.")

"""Real faces, cut out of pictures of people: what is most often taken for a hand."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.data.clip import Image
from training.data.errors import DataError
from training.data.text_files import read_text
from training.performer.arrays import Floats
from training.performer.collage.texture_library import read_manifest, read_texture

FACES_TABLE = "faces.csv"
"""One line for each face, `path;left;top;right;bottom` in pixels of a person's picture."""

_COLUMNS = ["path", "left", "top", "right", "bottom"]
_STORED_PX, _LEAST_PX = 64, 24
# Of a face in its square picture, in pixels of that.
_HALF_WIDTH, _HALF_HEIGHT, _EDGE = 25.0, 31.0, 6.0
# A head is larger than the face that a detector boxes, and reaches above it.
_HEAD_PER_FACE, _ABOVE = 1.45, 0.12
_LOWEST, _ATTEMPTS = 0.8, 8
_SMALLEST_PX, _LARGEST_SHARE = 8, 1.2
_APART = 0.55
_DARKER_BGR = np.array([0.55, 0.68, 0.8])
_DARKER_SHARE = 0.4


@dataclass(frozen=True)
class Face:
    """A face.

    Attributes:
        picture: BGR, of shape (S, S, 3).
        opacity: 0 to 1, float32 of shape (S, S).
    """

    picture: Image
    opacity: NDArray[np.float32]


@dataclass(frozen=True)
class LaidFace:
    """A face at a place, to be laid over any number of pictures of one size.

    Attributes:
        box: x, y and size in their pixels, of shape (3,).
        color: BGR, float32 of shape (S, S, 3).
        opacity: float32 of shape (S, S, 1).
    """

    box: Floats
    color: NDArray[np.float32]
    opacity: NDArray[np.float32]

    def over(self, image: Image) -> Image:
        """Return a picture with the face over it."""
        height, width = image.shape[:2]
        size = len(self.color)
        left, top = (int(middle - size / 2) for middle in self.box[:2])
        rows = slice(max(top, 0), min(top + size, height))
        columns = slice(max(left, 0), min(left + size, width))
        own = slice(rows.start - top, rows.stop - top), slice(columns.start - left, None)
        result = image.copy()
        behind = result[rows, columns]
        color, opacity = (part[own][:, : behind.shape[1]] for part in (self.color, self.opacity))
        behind[:] = (color * opacity + behind * (1 - opacity)).astype(np.uint8)
        return result


def no_faces() -> Floats:
    """Return boxes of shape (0, 3)."""
    return np.zeros((0, 3))


def lay_face(
    faces: Sequence[Face],
    size: float,
    height: int,
    width: int,
    away_from: Floats,
    rng: np.random.Generator,
) -> LaidFace | None:
    """Draw a face and a place for it, away from hands; None if it found no place.

    Args:
        faces: At least one.
        size: Of the head, in pixels.
        height: Of the pictures to lay it over.
        width: Their width.
        away_from: Boxes of hands, in their pixels, of shape (N, 3); NaN for none.
        rng: Source of chance.
    """
    face = faces[int(rng.integers(len(faces)))]
    side = int(np.clip(size, _SMALLEST_PX, _LARGEST_SHARE * height))
    for _ in range(_ATTEMPTS):
        middle = rng.uniform((0.0, 0.0), (width, _LOWEST * height))
        distance = np.hypot(*(away_from[:, :2] - middle).T)
        if not (distance <= _APART * (away_from[:, 2] + side)).any():  # to NaN, nothing is near
            break
    else:
        return None
    tone = np.exp(rng.normal(0.0, 0.2)) * (1.0 + rng.uniform(-0.08, 0.08, 3))
    if rng.random() < _DARKER_SHARE:
        tone = tone * _DARKER_BGR * rng.uniform(0.55, 1.1)
    way = 1 if rng.random() < 0.5 else -1
    picture = cv2.resize(face.picture[:, ::way], (side, side), interpolation=cv2.INTER_AREA)
    color = np.clip(picture * tone, 0, 255).astype(np.float32)
    opacity = np.asarray(cv2.resize(face.opacity, (side, side)), np.float32)
    return LaidFace(np.array([*middle, side]), color, opacity[..., None])


def read_face_boxes(folder: Path, manifest: Iterable[Mapping[str, str]]) -> dict[str, Floats]:
    """Read where faces are: left, top, right and bottom, of shape (N, 4), by path.

    Args:
        folder: A texture folder; it need not hold the table.
        manifest: The rows of its manifest.

    Raises:
        DataError: The table is damaged, or names a picture that is no person.
    """
    table = folder / FACES_TABLE
    if not table.is_file():
        return {}
    people = {row["path"] for row in manifest if row["kind"] == "person"}
    found: dict[str, list[list[float]]] = defaultdict(list)
    rows = csv.reader(read_text(table, "faces").splitlines(), delimiter=";")
    if next(rows, None) != _COLUMNS:
        raise DataError(f"{table} must begin with the line {';'.join(_COLUMNS)}.")
    for number, row in enumerate(rows, start=2):
        try:
            path, left, top, right, bottom = row[0], *map(float, row[1:])
        except (ValueError, IndexError):
            path, left, top, right, bottom = "", 0.0, 0.0, 0.0, 0.0
        if not (0.0 < right - left < np.inf and 0.0 < bottom - top < np.inf):
            raise DataError(
                f"Line {number} of {table} must hold a path, left, top, and a right and a bottom "
                "beyond these."
            )
        if path not in people:
            raise DataError(f"{table} names {path}, which is no person in manifest.csv.")
        found[path].append([left, top, right, bottom])
    return {path: np.array(boxes) for path, boxes in found.items()}


def read_faces(folder: Path) -> list[Face]:
    """Cut all faces out of a texture folder's people; none without the table.

    Raises:
        DataError: The manifest, the table or a picture is missing or damaged.
    """
    boxes = read_face_boxes(folder, read_manifest(folder))
    pictures = ((read_texture(folder / path, cv2.IMREAD_COLOR), boxes[path]) for path in boxes)
    cut = [_cut(picture, box) for picture, found in pictures for box in found]
    return [face for face in cut if face is not None]


def _cut(picture: Image, box: Floats) -> Face | None:
    """Cut out one head; None if too little of it shows."""
    left, top, right, bottom = box
    size = _HEAD_PER_FACE * max(right - left, bottom - top)
    middle = np.array([(left + right) / 2, (top + bottom) / 2 - _ABOVE * (bottom - top)])
    (x0, y0), (x1, y1) = (np.round(middle + way * size / 2).astype(int) for way in (-1, 1))
    height, width = picture.shape[:2]
    if x0 < 0 or x1 > width or y1 > height or size < _LEAST_PX:
        return None
    shown = picture[max(y0, 0) : y1, x0:x1]
    small = cv2.resize(shown, (_STORED_PX, _STORED_PX), interpolation=cv2.INTER_AREA)
    away = np.arange(_STORED_PX) - (_STORED_PX - 1) / 2
    inside = 1.0 - (away / _HALF_WIDTH) ** 2 - (away[:, None] / _HALF_HEIGHT) ** 2
    opacity = np.clip(_EDGE * inside, 0.0, 1.0).astype(np.float32)
    return Face(np.asarray(small, np.uint8), opacity)

"""People in a texture folder whose hands are known, from a table beside its manifest."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Floats
from training.performer.collage.hands_table import KnownHands, read_hands
from training.performer.collage.texture_library import read_manifest, read_texture
from training.two_views.faces import no_faces, read_face_boxes

_HEIGHT_PX = 180
# A face that is taken for a hand looks about that much larger than a detector boxes it.
_SIZE_PER_WIDTH = 1.2


@dataclass(frozen=True)
class KnownPerson:
    """A picture of somebody.

    Attributes:
        image: BGR.
        hands: In its pixels.
        faces: x, y and size, in its pixels, of shape (N, 3).
    """

    image: NDArray[np.uint8]
    hands: KnownHands
    faces: Floats = field(default_factory=no_faces)


def read_people(folder: Path) -> dict[str, KnownPerson]:
    """Read the people whose hands are known, by the path in the manifest; none without the table.

    Args:
        folder: A texture folder.

    Raises:
        DataError: The manifest, the table or a picture is missing or damaged.
    """
    manifest = read_manifest(folder)
    people = {row["path"] for row in manifest if row["kind"] == "person"}
    known = read_hands(folder, manifest)
    faces = read_face_boxes(folder, manifest)
    return {
        path: _person(folder / path, known[path], faces.get(path, np.zeros((0, 4))))
        for path in known
        if path in people
    }


def _person(path: Path, hands: KnownHands, faces: Floats) -> KnownPerson:
    picture = read_texture(path, cv2.IMREAD_COLOR)
    scale = min(1.0, _HEIGHT_PX / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    left, top, right, bottom = faces.T
    boxes = np.stack(
        [(left + right) / 2, (top + bottom) / 2, _SIZE_PER_WIDTH * (right - left)], axis=1
    )
    return KnownPerson(np.asarray(small, np.uint8), hands.scaled(scale), scale * boxes)

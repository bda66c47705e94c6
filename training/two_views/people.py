"""People in a texture folder whose hands are known, from a table beside its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.collage.hands_table import KnownHands, read_hands
from training.performer.collage.texture_library import read_manifest, read_texture

_HEIGHT_PX = 180


@dataclass(frozen=True)
class KnownPerson:
    """A picture of somebody.

    Attributes:
        image: BGR.
        hands: In its pixels.
    """

    image: NDArray[np.uint8]
    hands: KnownHands


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
    return {path: _person(folder / path, known[path]) for path in known if path in people}


def _person(path: Path, hands: KnownHands) -> KnownPerson:
    picture = read_texture(path, cv2.IMREAD_COLOR)
    scale = min(1.0, _HEIGHT_PX / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return KnownPerson(np.asarray(small, np.uint8), hands.scaled(scale))

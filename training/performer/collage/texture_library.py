"""What collages are made from: cut-outs of hands, and pictures of rooms and of people.

A texture folder holds a `manifest.csv` with at least the columns `path`, `kind` (hand, background
or person) and `pose` (see `shapes.py`; of people: `no_class`, `portrait` or `torso` if their hands
make no sign); `forearm` is `yes` for hands that show much of it. The folder above a hand's file
names its *set*: one source of pictures, and mostly one or a few people. Sets are chosen first and
pictures second, so that the largest set does not become everybody's hand; a set counts by the
square root of its size. `hands.csv`, if there is one, says where the joints of cut-outs are
(`hands_table.py`).
"""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from models.opencv_paths import opencv_can_open
from training.data.errors import DataError
from training.performer.arrays import Floats
from training.performer.collage.cutout import CutOut, cut_out
from training.performer.collage.hands_table import read_hands
from training.performer.collage.rendered_hands import rendered_cut_outs
from training.performer.collage.shapes import SHAPE_OF_POSE, HandShape

Scene = NDArray[np.uint8]
_Picture = TypeVar("_Picture", CutOut, Scene)

# How often a rendered hand is taken where photographs of several sets exist, and where of one only.
_RENDERED_SHARE = 0.12
_RENDERED_SHARE_OF_ONE_SET = 0.2
_SCENE_HEIGHT_PX = 160
# Poses whose arm comes from the picture's left; those of the second row come from the edge at
# which the arm was cut, and all others from below.
_ARM_FROM_LEFT = ("thumb_up", "thumb_down")
_ARM_FROM_ANYWHERE = ("index_point_side", "point_down", "two_fingers_side")
# Upside down, so that the thumb points left once the arm points down.
_UPSIDE_DOWN = ("thumb_down",)
# People who hold up nothing that looks like a stop sign or a thumb.
_QUIET_POSES = ("no_class", "portrait", "torso")


@dataclass(frozen=True)
class Library:
    """Pictures in memory.

    Attributes:
        photographed: Cut-outs of real hands by shape, in sets.
        rendered: Cut-outs of the performer's own hand by shape.
        rooms: RGB pictures of rooms, 8 bits.
        people: RGB pictures of people before a camera, 8 bits, in sets.
        quiet_people: Those of them whose hands make no sign that a gesture is known by.
    """

    photographed: dict[HandShape, tuple[tuple[CutOut, ...], ...]]
    rendered: dict[HandShape, tuple[CutOut, ...]]
    rooms: tuple[Scene, ...] = ()
    people: tuple[tuple[Scene, ...], ...] = ()
    quiet_people: tuple[tuple[Scene, ...], ...] = ()

    def hand(self, shape: HandShape, rng: np.random.Generator) -> CutOut:
        """Choose a hand: first its set, then the picture."""
        sets = self.photographed.get(shape, ())
        share = _RENDERED_SHARE if len(sets) > 1 else _RENDERED_SHARE_OF_ONE_SET
        if not sets or rng.random() < share:
            rendered = self.rendered[shape]
            return rendered[int(rng.integers(len(rendered)))]
        return _from_sets(sets, rng)

    def person(self, rng: np.random.Generator, *, quiet: bool) -> Scene | None:
        """Choose a picture of a person in the same way; None if there are none."""
        sets = self.quiet_people if quiet else self.people
        return _from_sets(sets, rng) if sets else None


def _from_sets(sets: Sequence[Sequence[_Picture]], rng: np.random.Generator) -> _Picture:
    """Choose a set by the square root of its size, and then one of its pictures."""
    limits = np.cumsum([len(chosen) ** 0.5 for chosen in sets])
    chosen = sets[int(np.searchsorted(limits, rng.random() * limits[-1], side="right"))]
    return chosen[int(rng.integers(len(chosen)))]


@lru_cache(maxsize=2)
def open_library(folder: Path | None) -> Library:
    """Read a texture folder into memory; None gives a library of rendered hands alone.

    Raises:
        DataError: The folder has no readable manifest, or holds no hands.
    """
    if folder is None:
        return Library({}, rendered_cut_outs())
    hands: dict[HandShape, dict[str, list[CutOut]]] = defaultdict(lambda: defaultdict(list))
    rooms, people, quiet = [], defaultdict(list), defaultdict(list)
    manifest = read_manifest(folder)
    known = read_hands(folder, manifest)
    for row in manifest:
        path, kind, pose = Path(row["path"]), row["kind"], row["pose"]
        if kind == "background":
            rooms.append(_scene(folder / path))
        elif kind == "person":
            scene = _scene(folder / path)
            people[path.parent.name].append(scene)
            if pose in _QUIET_POSES:
                quiet[path.parent.name].append(scene)
        elif kind == "hand" and pose in SHAPE_OF_POSE:
            shown = known.get(row["path"])
            joints = shown.joints[0] if shown is not None and len(shown.joints) else None
            hand = _hand(folder / path, pose, joints, with_arm=row.get("forearm") == "yes")
            if hand is not None:
                hands[hand.shape][path.parent.name].append(hand)
    if not hands:
        raise DataError(f"The texture folder {folder} names no cut-outs of hands in manifest.csv.")
    photographed = {
        shape: tuple(tuple(chosen) for chosen in sets.values()) for shape, sets in hands.items()
    }
    stills, quiet_stills = (tuple(map(tuple, sets.values())) for sets in (people, quiet))
    return Library(photographed, rendered_cut_outs(), tuple(rooms), stills, quiet_stills)


def read_manifest(folder: Path) -> list[dict[str, str]]:
    """Read the rows of a texture folder's manifest.

    Raises:
        DataError: It is missing, damaged or lacks a column.
    """
    path = folder / "manifest.csv"
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:
            rows = list(csv.DictReader(lines))
    except OSError as error:
        raise DataError(
            f"The texture folder's {path} cannot be read ({error.strerror}); check the path."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} is not a CSV file in UTF-8.") from error
    if not rows or not {"path", "kind", "pose"} <= rows[0].keys():
        raise DataError(f"{path} must have rows with the columns path, kind and pose.")
    return rows


def read_texture(path: Path, flags: int) -> NDArray[np.uint8]:
    """Read one picture."""
    picture = cv2.imread(str(path), flags) if opencv_can_open(path) else None
    if picture is None:
        raise DataError(f"The picture {path}, which manifest.csv names, is missing or damaged.")
    return np.asarray(picture, np.uint8)


def _scene(path: Path) -> Scene:
    """Read a room or a person, no larger than clips need."""
    picture = read_texture(path, cv2.IMREAD_COLOR)[..., ::-1]
    scale = min(1.0, _SCENE_HEIGHT_PX / picture.shape[0])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = cv2.resize(np.ascontiguousarray(picture), size, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _hand(path: Path, pose: str, joints: Floats | None, *, with_arm: bool) -> CutOut | None:
    """Read and measure a cut-out."""
    picture = read_texture(path, cv2.IMREAD_UNCHANGED)
    if picture.ndim != 3 or picture.shape[2] != 4:
        raise DataError(f"The cut-out {path} must have an opacity channel (RGBA).")
    pixels = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGRA2RGBA), np.uint8)
    if pose in _UPSIDE_DOWN:
        pixels = np.ascontiguousarray(pixels[::-1])
        joints = None if joints is None else joints * (1, -1) + (0, len(pixels))
    turns = None if pose in _ARM_FROM_ANYWHERE else int(pose in _ARM_FROM_LEFT)
    if joints is not None and not np.isfinite(joints).all():
        joints = None
    return cut_out(pixels, SHAPE_OF_POSE[pose], turns=turns, with_arm=with_arm, joints=joints)

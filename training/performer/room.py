"""The room behind the person: painted in 2-D, or cropped from a folder of pictures.

A room is linear RGB of shape (H, W, 3), float32, roughly 0 to 1.5 (windows are brighter than
paper).
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Picture
from training.performer.backgrounds import list_backgrounds, read_background
from training.performer.color import random_color

Box = tuple[int, int, int, int]

_PICTURE_SHARE = 0.8
# As programs for video calls and depth cameras give: the room is cut away behind the person.
_CUT_AWAY_SHARE = 0.2
_BLACK_SHARE = 0.6


def sample_room(
    rng: np.random.Generator, height: int, width: int, backgrounds: Path | None = None
) -> Picture:
    """Draw a room.

    Args:
        rng: Source of chance.
        height: Pixels.
        width: Pixels.
        backgrounds: Folder of pictures (searched with its subfolders) that most rooms are then
            cropped from; None for painted rooms only.

    Raises:
        DataError: If the folder holds no picture, or the one that is drawn is damaged.
    """
    if rng.random() < _CUT_AWAY_SHARE:
        return _cut_away_room(rng, height, width)
    if backgrounds is not None and rng.random() < _PICTURE_SHARE:
        room = _cropped_picture(rng, height, width, backgrounds)
    else:
        room = _painted_room(rng, height, width)
    blur = rng.uniform(0.0, 0.012) * height
    if blur > 0.3:
        room = np.asarray(cv2.GaussianBlur(room, (0, 0), blur), np.float32)
    lit: Picture = np.clip(room * np.float32(rng.uniform(0.45, 1.15)), 0.0, 3.0)
    return lit


def _cut_away_room(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Return what is left where the room is cut away: black, or one plain color."""
    black = rng.random() < _BLACK_SHARE
    color = np.zeros(3) if black else random_color(rng, 0.02, 1.0)
    return np.ones((height, width, 3), np.float32) * color.astype(np.float32)


def _cropped_picture(rng: np.random.Generator, height: int, width: int, folder: Path) -> Picture:
    """Crop a random part of a random picture to the wanted shape."""
    paths = list_backgrounds(folder)
    picture = read_background(paths[int(rng.integers(len(paths)))])
    full_height, full_width = picture.shape[:2]
    crop_height = min(full_height * rng.uniform(0.5, 1.0), full_width * height / width)
    crop_width = int(crop_height * width / height)
    top = int(rng.uniform(0.0, full_height - crop_height))
    left = int(rng.uniform(0.0, full_width - crop_width))
    crop = picture[top : top + int(crop_height), left : left + crop_width, ::-1]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    small = cv2.resize(np.ascontiguousarray(crop), (width, height), interpolation=cv2.INTER_AREA)
    return ((small.astype(np.float32) / 255.0) ** 2.2).astype(np.float32)


def _noise(rng: np.random.Generator, height: int, width: int, octaves: int) -> Picture:
    """Return smooth noise in [0, 1]."""
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cells = 2 ** (octave + 1)
        coarse = rng.random((cells + 1, cells + 2), dtype=np.float32)
        fine = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        total += np.float32(0.55**octave) * fine
    total -= total.min()
    return (total / max(float(total.max()), 1e-6)).astype(np.float32)


def _wall_color(rng: np.random.Generator) -> Picture:
    """Return a wall's color: mostly pale or gray, seldom bold."""
    color = random_color(rng, 0.35, 1.0)
    greyness = rng.uniform(0.3, 0.95)
    mixed = greyness * color.mean() + (1.0 - greyness) * color
    return np.asarray(mixed, np.float32)


def _painted_room(rng: np.random.Generator, height: int, width: int) -> Picture:
    """Paint walls, corners and things."""
    room = np.ones((height, width, 3), np.float32) * _wall_color(rng)
    room *= 1.0 + rng.uniform(0.0, 0.6) * (_noise(rng, height, width, 2)[..., None] - 0.5)
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :, None]
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None, None]
    room *= 1.0 + rng.uniform(-0.5, 0.5) * across + rng.uniform(-0.5, 0.5) * down
    if rng.random() < 0.5:
        edge = down - rng.uniform(-0.45, -0.1) < rng.uniform(-0.4, 0.4) * across
        room *= np.where(edge, np.float32(rng.uniform(0.6, 1.5)), np.float32(1.0))
    if rng.random() < 0.5:
        edge = across - rng.uniform(-0.5, 0.5) < rng.uniform(-0.15, 0.15) * down
        room *= np.where(edge, np.float32(rng.uniform(0.5, 1.4)), np.float32(1.0))
    for _ in range(int(rng.integers(1, 8))):
        _add_thing(rng, room)
    room *= 1.0 + rng.uniform(0.0, 0.35) * (_noise(rng, height, width, 5)[..., None] - 0.5)
    return room.astype(np.float32)


def _add_thing(rng: np.random.Generator, room: Picture) -> None:
    """Put one piece of furniture or decoration somewhere, a little see-through at times."""
    height, width = room.shape[:2]
    left, top = rng.uniform(-0.1, 0.95) * width, rng.uniform(-0.15, 0.85) * height
    right, bottom = left + rng.uniform(0.06, 0.45) * width, top + rng.uniform(0.08, 0.7) * height
    box = (int(left), int(top), int(right), int(bottom))
    painted = room.copy()
    things: tuple[Callable[[np.random.Generator, Picture, Box], None], ...] = (
        _paint_panel,
        _paint_window,
        _paint_shelf,
        _paint_lamp,
        _paint_curtain,
        _paint_framed_picture,
    )
    things[int(rng.integers(len(things)))](rng, painted, box)
    share = np.float32(rng.uniform(0.6, 1.0))
    room += share * (painted - room)


def _rectangle(picture: Picture, box: Box, color: NDArray[np.float64], thickness: int = -1) -> None:
    """Draw a rectangle in linear RGB."""
    cv2.rectangle(picture, box[:2], box[2:], tuple(float(c) for c in color), thickness)


def _paint_panel(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint a door, a cupboard or a screen."""
    _rectangle(picture, box, random_color(rng))
    _rectangle(picture, box, random_color(rng), int(rng.integers(1, 3)))


def _paint_window(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint a bright window, with bars or blinds."""
    left, top, right, bottom = box
    _rectangle(picture, box, np.full(3, rng.uniform(0.9, 2.2)))
    bar = np.full(3, rng.uniform(0.05, 0.5))
    for share in np.linspace(0.0, 1.0, int(rng.integers(2, 5))):
        x = int(left + share * (right - left))
        _rectangle(picture, (x, top, x + max(1, picture.shape[1] // 150), bottom), bar)
    if rng.random() < 0.4:
        for y in range(top, bottom, max(3, picture.shape[0] // 32)):
            _rectangle(picture, (left, y, right, y), bar)


def _paint_shelf(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint a shelf with books."""
    left, top, right, bottom = box
    _rectangle(picture, box, random_color(rng))
    rows = int(rng.integers(2, 5))
    row_height = (bottom - top) / rows
    for row in range(rows):
        base, x = int(top + (row + 1) * row_height), left
        while x < right:
            book = int(rng.integers(2, 7) * picture.shape[0] / 112)
            book_top = base - int(row_height * rng.uniform(0.4, 0.85))
            _rectangle(picture, (x, book_top, min(right, x + book), base - 2), random_color(rng))
            x += book + 1 + (4 if rng.random() < 0.2 else 0)


def _paint_lamp(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint something round: a lamp, a clock, a plant."""
    left, top, right, bottom = box
    axes = (max(1, (right - left) // 2), max(1, (bottom - top) // 2))
    color = tuple(float(c) for c in random_color(rng) * rng.uniform(0.7, 1.6))
    cv2.ellipse(picture, (left, top), axes, rng.uniform(0.0, 180.0), 0.0, 360.0, color, -1)


def _visible(picture: Picture, box: Box) -> Picture:
    """Return the part of the picture that the box covers, as a view."""
    left, top, right, bottom = box
    return picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def _paint_curtain(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint vertical folds."""
    area = _visible(picture, box)
    if area.size:
        folds = _noise(rng, 2, area.shape[1], 5)[0]
        area[:] = random_color(rng).astype(np.float32) * (0.4 + folds)[None, :, None]


def _paint_framed_picture(rng: np.random.Generator, picture: Picture, box: Box) -> None:
    """Paint a blotchy picture in a frame."""
    area = _visible(picture, box)
    if area.size:
        blotches = _noise(rng, area.shape[0], area.shape[1], 5)[..., None]
        first, second = random_color(rng), random_color(rng)
        area[:] = (first * blotches + second * (1.0 - blotches)).astype(np.float32)
        _rectangle(picture, box, random_color(rng, 0.0, 0.5), 1)

"""Reads the hand's box out of what the locator gives, whichever engine ran it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.network.backbones.layouts.base import FusionSite
from models.two_views.box import Box, Located, said_box

CELL_PIXELS = 8
"""Pixels of the whole view per cell of the locator's grid, along each side."""

TYPICAL_SIZE = 2.0**-1.5
"""Size of a box, in heights of the view, that the locator calls zero."""

BOX_VALUES = 3
"""What is said of the box at each cell: its middle's x and y from the cell's, and its size."""

# How far a hand may have moved, in its sizes, for a penalty of half a unit of log-probability.
_REACH_SIZES = 1.5
_LARGEST_PENALTY = 3.0
_REFUSAL = 4.0


def sites_to_locate_in(sites: Sequence[FusionSite]) -> tuple[FusionSite, FusionSite]:
    """Return the blocks whose inputs the locator reads: at `CELL_PIXELS`, and at twice that.

    Where a stage ends is where the next one's first block begins, so that these maps are complete.

    Args:
        sites: Of a backbone, from input to output.

    Raises:
        ModelError: The backbone has no such maps.
    """
    return _last_at(sites, CELL_PIXELS), _last_at(sites, 2 * CELL_PIXELS)


def _last_at(sites: Sequence[FusionSite], stride: int) -> FusionSite:
    entered = [site for site in sites if site.in_stride == stride]
    if not entered:
        raise ModelError(f"The backbone has no map with a stride of {stride} pixels to locate in.")
    return entered[-1]


def locate(
    scores: NDArray[np.float32],
    boxes: NDArray[np.float32],
    view_height: int,
    near: Box | None = None,
    refused: Sequence[Box] = (),
) -> Located:
    """Read the likeliest box out of what the locator gave for one picture.

    Args:
        scores: As in `locator.HandMap`, of shape (cells + 1,).
        boxes: As in `locator.HandMap`, of shape (3, rows, columns).
        view_height: Height of the whole view in pixels.
        near: Where a hand was just now; of two that are about as likely, the nearer one is taken.
        refused: Where there was none when one looked more closely; a hand there must be likelier.
    """
    columns = boxes.shape[2]
    places = _cell_middles(boxes.shape[1:], view_height)
    scores = np.append(scores[:-1] - _refusal(places, refused), scores[-1])
    cell = int((scores[:-1] - _farness(places, near)).argmax())
    row, column = divmod(cell, columns)
    right, down, size = (float(value) for value in boxes[:, row, column])
    cells_high = view_height / CELL_PIXELS
    x, y = (column + 0.5 + right) / cells_high, (row + 0.5 + down) / cells_high
    box = said_box(x, y, TYPICAL_SIZE, size)
    # The probability of "no hand" is one over a sum of exponentials: far scores may overflow to
    # infinity, which gives the right zero.
    with np.errstate(over="ignore"):
        nowhere = 1.0 / float(np.exp(scores.astype(np.float64) - float(scores[-1])).sum())
    return Located(box, 1.0 - nowhere)


def _cell_middles(grid: tuple[int, ...], view_height: int) -> NDArray[np.float32]:
    """Return x and y of the cells' middles in heights of the view, of shape (2, cells)."""
    rows, columns = np.indices(grid).reshape(2, -1)
    middles = (np.stack([columns, rows]) + 0.5) * (CELL_PIXELS / view_height)
    return middles.astype(np.float32)


def _farness(places: NDArray[np.float32], near: Box | None) -> NDArray[np.float32] | float:
    """Return what a cell's score loses for its distance from a box, of shape (cells,)."""
    if near is None:
        return 0.0
    away = np.square(places - np.array([[near.x], [near.y]], np.float32)).sum(axis=0)
    loss: NDArray[np.float32] = away / (2 * (_REACH_SIZES * near.size) ** 2)
    return np.minimum(loss, np.float32(_LARGEST_PENALTY))


def _refusal(places: NDArray[np.float32], refused: Sequence[Box]) -> NDArray[np.float32]:
    """Return what a cell's score loses for lying in a box without a hand, of shape (cells,)."""
    loss = np.zeros(places.shape[1], np.float32)
    for box in refused:
        off = np.abs(places - np.array([[box.x], [box.y]], np.float32)).max(axis=0)
        loss[off < box.size / 2] = _REFUSAL
    return loss

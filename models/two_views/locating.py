"""Reads the hand's box out of what the locator gives, whichever engine ran it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from models.two_views.box import Box, Located

CELL_PIXELS = 8
"""Pixels of the whole view per cell of the locator's grid, along each side."""

TYPICAL_SIZE = 2.0**-1.5
"""Size of a box, in heights of the view, that the locator calls zero."""

BOX_VALUES = 3
"""What is said of the box at each cell: its middle's x and y from the cell's, and its size."""


def locate(scores: NDArray[np.float32], boxes: NDArray[np.float32], view_height: int) -> Located:
    """Read the likeliest box out of what the locator gave for one picture.

    Args:
        scores: As in `locator.HandMap`, of shape (cells + 1,).
        boxes: As in `locator.HandMap`, of shape (3, rows, columns).
        view_height: Height of the whole view in pixels.
    """
    columns = boxes.shape[2]
    cell = int(scores[:-1].argmax())
    row, column = divmod(cell, columns)
    right, down, size = (float(value) for value in boxes[:, row, column])
    cells_high = view_height / CELL_PIXELS
    box = Box(
        (column + 0.5 + right) / cells_high,
        (row + 0.5 + down) / cells_high,
        TYPICAL_SIZE * math.exp2(size),
    )
    # The probability of "no hand" is one over a sum of exponentials: far scores may overflow to
    # infinity, which gives the right zero.
    with np.errstate(over="ignore"):
        nowhere = 1.0 / float(np.exp(scores.astype(np.float64) - float(scores[-1])).sum())
    return Located(box, 1.0 - nowhere)

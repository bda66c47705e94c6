"""The second view shows the square around the box, and nothing that the first does not show."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from models.two_views.box import Box
from models.two_views.cropping import OUTSIDE_BGR, hand_picture

SIDE = 64


def frame_with_square(height: int, width: int, box: Box) -> NDArray[np.uint8]:
    """Draw a white square where the box is, on black."""
    image = np.zeros((height, width, 3), np.uint8)
    half = box.size / 2
    rows = slice(round((box.y - half) * height), round((box.y + half) * height))
    image[rows, round((box.x - half) * height) : round((box.x + half) * height)] = 255
    return image


@pytest.mark.parametrize("height", [100, 480])
def test_the_box_fills_its_share_of_the_square(height: int) -> None:
    box = Box(0.5, 0.4, 0.3)
    image = frame_with_square(height, round(1.4 * height), box)
    square = hand_picture(image, box, 1.4, 0.5, SIDE)
    assert square.shape == (SIDE, SIDE, 3)
    white = (square[..., 0] > 127).nonzero()
    for axis in white:
        assert axis.min() == pytest.approx(SIDE / 4, abs=1.5)
        assert axis.max() == pytest.approx(3 * SIDE / 4, abs=1.5)


def test_beyond_the_picture_it_is_grey() -> None:
    image = np.zeros((100, 140, 3), np.uint8)
    square = hand_picture(image, Box(0.0, 0.0, 0.5), 1.4, 0.7, SIDE)
    assert tuple(square[5, 5]) == OUTSIDE_BGR
    assert square[-5, -5].max() == 0


def test_what_the_whole_view_cuts_off_is_not_shown() -> None:
    wide = np.full((100, 300, 3), 200, np.uint8)  # the whole view shows the middle 140 columns
    square = hand_picture(wide, Box(0.0, 0.5, 0.5), 1.4, 0.7, SIDE)
    assert tuple(square[SIDE // 2, 2]) == OUTSIDE_BGR
    assert square[SIDE // 2, -3, 0] == 200


def test_far_outside_nothing_is_left() -> None:
    square = hand_picture(np.zeros((100, 140, 3), np.uint8), Box(9.0, 9.0, 0.1), 1.4, 0.7, SIDE)
    assert (square == OUTSIDE_BGR).all()


def test_grey_frames_are_fine_and_others_are_refused() -> None:
    assert hand_picture(np.zeros((50, 70), np.uint8), Box(0.5, 0.5, 0.5), 1.4, 0.7, 8).max() < 125
    with pytest.raises(ValueError, match="8-bit"):
        hand_picture(np.zeros((50, 70), np.float32), Box(0.5, 0.5, 0.5), 1.4, 0.7, 8)

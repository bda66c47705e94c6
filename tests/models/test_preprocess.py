from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.preprocess import as_bgr, cover_crop, network_input
from tests.models.networks import tiny_spec

SPEC = tiny_spec()


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    channels=st.sampled_from([None, 1, 3, 4]),
)
def test_a_frame_of_any_size_and_kind_becomes_the_networks_input(
    height: int, width: int, channels: int | None
) -> None:
    shape = (height, width) if channels is None else (height, width, channels)
    result = network_input(np.full(shape, 128, np.uint8), SPEC)
    assert result.shape == (3, SPEC.input_height, SPEC.input_width)
    assert result.dtype == np.float32
    assert np.isfinite(result).all()


def test_colors_reach_the_network_as_normalized_rgb() -> None:
    blue = np.zeros((32, 48, 3), np.uint8)
    blue[..., 0] = 255
    red, green, blue_plane = network_input(blue, SPEC)
    assert red == pytest.approx(np.full_like(red, -0.485 / 0.229), abs=1e-5)
    assert green == pytest.approx(np.full_like(green, -0.456 / 0.224), abs=1e-5)
    assert blue_plane == pytest.approx(np.full_like(red, (1 - 0.406) / 0.225), abs=1e-5)


def test_the_center_is_kept_in_its_proportions() -> None:
    wide = np.zeros((64, 200, 3), np.uint8)
    cv2.circle(wide, (100, 32), 20, (255, 255, 255), -1)
    crop = cover_crop(wide, 32, 48)
    rows, columns = np.nonzero(crop[..., 0] > 128)
    assert np.ptp(rows) == pytest.approx(np.ptp(columns), abs=1)
    assert columns.mean() == pytest.approx(23.5, abs=0.6)


def test_left_stays_left() -> None:
    image = np.zeros((32, 48, 3), np.uint8)
    image[:, :10] = 255
    result = network_input(image, SPEC)
    assert result[0, 0, 0] > result[0, 0, -1]


@pytest.mark.parametrize(
    ("image", "complaint"),
    [
        (np.zeros((4, 4, 2), np.uint8), "1, 3 or 4 channels"),
        (np.zeros((0, 4, 3), np.uint8), "non-empty"),
        (np.zeros((4, 4, 3), np.float32), "8-bit"),
        (np.zeros((4,), np.uint8), "8-bit"),
    ],
)
def test_what_is_no_frame_is_refused(image: np.ndarray, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        as_bgr(image)

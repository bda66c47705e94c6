"""The strip shows what the network saw, oldest at the left, newest at the right and marked."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.ui.live.thumbnails import ThumbnailStrip
from app.ui.theme import LIGHT


def shade(value: int) -> NDArray[np.uint8]:
    return np.full((112, 112, 3), value, np.uint8)


@pytest.fixture
def strip(qtbot: QtBot) -> ThumbnailStrip:
    strip = ThumbnailStrip(slots=8, aspect=1.0)
    qtbot.addWidget(strip)
    strip.resize(842, 100)
    strip.show()
    qtbot.waitExposed(strip)
    return strip


def centers(strip: ThumbnailStrip) -> list[QColor]:
    image = strip.grab().toImage()
    return [
        image.pixelColor(round(rect.center().x()), round(rect.center().y()))
        for rect in strip.slot_rects()
    ]


def test_frames_stand_from_the_oldest_to_the_newest(strip: ThumbnailStrip) -> None:
    strip.show_images(tuple(shade(20 * index) for index in range(8)))

    assert [color.red() for color in centers(strip)] == [20 * index for index in range(8)]


def test_while_the_buffer_fills_the_newest_is_at_the_right(strip: ThumbnailStrip) -> None:
    strip.show_images((shade(10), shade(90)))

    assert [color.red() for color in centers(strip)][-2:] == [10, 90]
    assert {color.name() for color in centers(strip)[:-2]} == {LIGHT.track}


def test_only_the_newest_is_marked(strip: ThumbnailStrip) -> None:
    strip.show_images(tuple(shade(128) for _ in range(8)))
    image = strip.grab().toImage()
    edges = [
        image.pixelColor(round(rect.center().x()), round(rect.top()) + 1)
        for rect in strip.slot_rects()
    ]

    assert edges[-1] == QColor(LIGHT.accent)
    assert all(edge == QColor(128, 128, 128) for edge in edges[:-1])


def test_nothing_is_marked_before_the_first_frame(strip: ThumbnailStrip) -> None:
    assert {color.name() for color in centers(strip)} == {LIGHT.track}


def test_thumbnails_are_mirrored_like_the_view(strip: ThumbnailStrip) -> None:
    half = shade(0)
    half[:, :56] = 255
    strip.show_images((half,))
    rect = strip.slot_rects()[-1]
    left, right = (round(rect.left() + rect.width() * share) for share in (0.25, 0.75))
    middle = round(rect.center().y())

    mirrored = strip.grab().toImage()
    strip.set_mirrored(False)
    plain = strip.grab().toImage()

    assert mirrored.pixelColor(left, middle).red() == 0
    assert mirrored.pixelColor(right, middle).red() == 255
    assert plain.pixelColor(left, middle).red() == 255
    assert plain.pixelColor(right, middle).red() == 0


def test_too_many_frames_show_the_newest(strip: ThumbnailStrip) -> None:
    strip.show_images(tuple(shade(10 * index) for index in range(12)))

    assert [color.red() for color in centers(strip)] == [10 * index for index in range(4, 12)]

"""Of a model of two views the window shows the square around the hand, and where it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.ui.live.hand_square import HandSquare
from app.ui.live.video_view import VideoView
from models.two_views.box import Box
from models.two_views.stream import HandView
from tests.ui.scripted import a_frame, a_snapshot, a_spec

GREEN = QColor(0, 255, 0)


def a_hand(*, seen: bool = True) -> HandView:
    """A hand in the upper left of the square view; the square is green."""
    square = np.zeros((64, 64, 3), np.uint8)
    square[..., 1] = 255
    return HandView(square, Box(0.25, 0.25, 0.3), seen, 0.9)


def test_the_square_is_shown_as_the_network_sees_it(qtbot: QtBot) -> None:
    widget = HandSquare()
    qtbot.addWidget(widget)
    assert widget.isHidden()
    widget.show_hand(a_hand())
    widget.resize(90, 120)
    image = widget.grab().toImage()
    assert image.pixelColor(image.width() // 2, image.height() // 2) == GREEN
    assert "the hand was found" in widget.accessibleName()
    widget.show_hand(None)
    assert widget.isHidden()


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_box_stands_where_the_hand_is_in_the_picture(qtbot: QtBot, mirrored: bool) -> None:
    view = VideoView(a_spec())  # a square view: the middle 240 of the frame's 320 columns
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.set_mirrored(mirrored)
    view.show_frame(a_frame())
    view.show_snapshot(replace(a_snapshot(), hand=a_hand()))
    box = view.hand_rect()
    assert box is not None
    assert box.width() == pytest.approx(0.3 * 480)
    x = 80 + 0.25 * 480
    assert box.center().x() == pytest.approx(640 - x if mirrored else x)
    assert box.center().y() == pytest.approx(0.25 * 480)


def test_without_a_hand_there_is_no_box(qtbot: QtBot) -> None:
    view = VideoView(a_spec())
    qtbot.addWidget(view)
    view.show_frame(a_frame())
    for hand in (None, a_hand(seen=False)):
        view.show_snapshot(replace(a_snapshot(), hand=hand))
        assert view.hand_rect() is None

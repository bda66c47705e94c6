"""The live view shows the newest frame as a mirror does, and says what the network sees."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import QPointF
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.live.prediction_overlay import is_quiet
from app.ui.live.video_view import VideoView
from models.decision import Gesture
from tests.ui.scripted import a_frame, a_snapshot, a_spec

RED, BLUE = QColor(255, 0, 0), QColor(0, 0, 255)


@pytest.fixture
def view(qtbot: QtBot) -> VideoView:
    view = VideoView(a_spec())
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show()
    qtbot.waitExposed(view)
    return view


def pixel(widget: QWidget, x: float, y: float) -> QColor:
    """Return the color at a place given as fractions of the widget's size."""
    image = widget.grab().toImage()
    return image.pixelColor(round(x * (image.width() - 1)), round(y * (image.height() - 1)))


def test_the_picture_is_mirrored(view: VideoView) -> None:
    view.show_frame(a_frame())

    assert pixel(view, 0.2, 0.3) == BLUE
    assert pixel(view, 0.8, 0.3) == RED


def test_the_mirror_can_be_turned_off(view: VideoView) -> None:
    view.show_frame(a_frame())
    view.set_mirrored(False)

    assert pixel(view, 0.2, 0.3) == RED
    assert pixel(view, 0.8, 0.3) == BLUE


def test_every_pixel_is_mirrored(view: VideoView) -> None:
    rng = np.random.default_rng(1)
    image = np.kron(rng.integers(0, 255, (12, 16, 3)), np.ones((40, 40, 1))).astype(np.uint8)
    view.show_frame(a_frame(image))
    mirrored = view.grab().toImage()
    view.set_mirrored(False)
    plain = view.grab().toImage()

    for row in range(2, 12):
        for column in range(16):
            x, y = column * 40 + 20, row * 40 - 20
            assert mirrored.pixelColor(639 - x, y) == plain.pixelColor(x, y)
            blue, green, red = image[y, x].tolist()
            assert plain.pixelColor(x, y) == QColor(red, green, blue)


@pytest.mark.parametrize(
    "shape", [(480, 640), (720, 1280), (640, 480), (1, 1), (37, 1001), (2, 900)]
)
def test_proportions_are_kept(view: VideoView, shape: tuple[int, int]) -> None:
    view.show_frame(a_frame(np.full((*shape, 3), 255, np.uint8)))
    picture = view.picture_rect()

    assert picture.width() / picture.height() == pytest.approx(shape[1] / shape[0])
    assert picture.width() == pytest.approx(640) or picture.height() == pytest.approx(480)
    assert (picture.center() - QPointF(320, 240)).manhattanLength() < 0.01
    assert not view.grab().isNull()


def test_an_image_that_is_a_view_of_another_is_shown(view: VideoView) -> None:
    image = np.zeros((480, 1280, 3), np.uint8)[:, ::-2]

    view.show_frame(a_frame(image))

    assert pixel(view, 0.5, 0.3) == QColor(0, 0, 0)


def test_label_and_confidence_are_those_of_the_snapshot(view: VideoView) -> None:
    view.show_snapshot(a_snapshot(label="Swiping Right", confidence=0.873))

    assert view.prediction.label == "Swiping Right"
    assert view.prediction.confidence_text == "87%"
    assert view.prediction.accessibleName() == "Swiping Right, 87%"


@pytest.mark.parametrize("confidence", [0.0, 0.5, 1.0])
def test_the_bar_is_as_long_as_the_confidence(view: VideoView, confidence: float) -> None:
    view.show_status(PipelineStatus(PipelineState.RUNNING))
    view.show_snapshot(a_snapshot(confidence=confidence))
    plate = view.prediction
    image = plate.grab().toImage()
    row = image.height() - 17
    filled = sum(
        image.pixelColor(x, row).blue() - image.pixelColor(x, row).red() > 60
        for x in range(14, image.width() - 14)
    )

    assert filled == pytest.approx(confidence * (image.width() - 28), abs=4)


def test_before_the_first_prediction_the_view_says_so(view: VideoView) -> None:
    view.show_status(PipelineStatus(PipelineState.RUNNING))

    assert view.prediction.isVisible()
    assert "first prediction" in view.prediction.label
    assert view.prediction.confidence_text == ""


def test_every_label_fits_its_plate(view: VideoView) -> None:
    view.show_status(PipelineStatus(PipelineState.RUNNING))
    view.show_frame(a_frame())

    assert view.prediction.width() >= view.prediction.sizeHint().width()
    assert view.rect().contains(view.prediction.geometry())


def test_a_gesture_that_fires_appears_large_and_fades(view: VideoView, qtbot: QtBot) -> None:
    view.show_frame(a_frame())
    view.show_snapshot(a_snapshot(time_s=2.0, gesture=Gesture("Thumb Up", 0.9, 2.0)))

    assert view.flash.isVisible()
    assert view.flash.label == "Thumb Up"
    full = np.ptp([pixel(view, x, 0.5).lightness() for x in np.linspace(0.3, 0.7, 40)])
    assert full > 100  # white letters on a dark plate
    qtbot.waitUntil(lambda: not view.flash.isVisible(), timeout=2500)
    assert view.flash.label == ""


def test_a_gesture_flashes_once(view: VideoView, qtbot: QtBot) -> None:
    gesture = Gesture("Thumb Up", 0.9, 2.0)
    view.show_snapshot(a_snapshot(time_s=2.0, gesture=gesture))
    qtbot.waitUntil(lambda: not view.flash.isVisible(), timeout=2500)

    view.show_snapshot(a_snapshot(time_s=2.2, gesture=gesture))

    assert not view.flash.isVisible()


def test_a_gesture_does_not_cover_a_sentence(view: VideoView) -> None:
    view.show_frame(a_frame())
    view.show_notice("Could not switch", "talk.adafuse is a recording.")
    view.show_snapshot(a_snapshot(time_s=2.0, gesture=Gesture("Thumb Up", 0.9, 2.0)))

    assert view.flash.isVisible()
    assert view.flash.geometry().top() >= view.banner.geometry().bottom()


def test_a_gesture_of_long_ago_does_not_flash(view: VideoView) -> None:
    view.show_snapshot(a_snapshot(time_s=60.0, gesture=Gesture("Thumb Up", 0.9, 2.0)))

    assert not view.flash.isVisible()


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (PipelineState.STARTING, "Opening the source…"),
        (PipelineState.RECONNECTING, "Camera lost, reconnecting…"),
        (PipelineState.ENDED, "End of file"),
        (PipelineState.FAILED, "Stopped"),
    ],
)
def test_the_view_says_why_the_picture_stands_still(
    view: VideoView, state: PipelineState, text: str
) -> None:
    view.show_frame(a_frame())
    view.show_status(PipelineStatus(state, "Here is what you can do.", "Camera 0"))

    assert view.banner.isVisible()
    assert view.banner.text == f"{text}\nHere is what you can do."
    assert view.rect().contains(view.banner.geometry())
    view.show_status(PipelineStatus(PipelineState.RUNNING, "", "Camera 0"))
    assert not view.banner.isVisible()
    assert view.banner.text == ""


def test_a_long_message_is_wrapped_and_not_cut(view: VideoView) -> None:
    message = "The video broke in the middle of a frame; play another one. " * 4
    view.show_status(PipelineStatus(PipelineState.FAILED, message))

    assert view.rect().contains(view.banner.geometry())
    assert view.banner.height() >= view.banner.layout_height(view.banner.width())
    assert view.banner.height() > 80


def test_a_stale_prediction_is_not_shown_while_the_camera_is_lost(view: VideoView) -> None:
    view.show_status(PipelineStatus(PipelineState.RUNNING))
    view.show_snapshot(a_snapshot())
    view.show_status(PipelineStatus(PipelineState.RECONNECTING))
    assert not view.prediction.isVisible()

    view.show_status(PipelineStatus(PipelineState.RUNNING))
    assert view.prediction.isVisible()


def test_trouble_with_the_pictures_is_told_over_the_moving_picture(view: VideoView) -> None:
    view.show_status(PipelineStatus(PipelineState.RUNNING, "The camera's picture is black."))
    assert view.banner.text == "Check the camera\nThe camera's picture is black."
    assert view.prediction.isVisible()
    view.show_status(PipelineStatus(PipelineState.RUNNING))
    assert view.banner.text == ""


@pytest.mark.parametrize(
    ("label", "confidence", "quiet"),
    [
        ("Thumb Up", 0.9, False),
        ("Thumb Up", 0.11, True),
        ("No gesture", 0.99, True),
        ("", None, True),
    ],
)
def test_only_a_gesture_that_is_likely_is_written_loudly(
    label: str, confidence: float | None, quiet: bool
) -> None:
    assert is_quiet(label, confidence, ["No gesture"]) is quiet

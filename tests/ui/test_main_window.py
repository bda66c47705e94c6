"""The whole window: nothing is cut off at any size, and everything can be reached by keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.cards import ElidedLabel
from app.ui.theme import Scheme, apply_scheme
from app.ui.window import MainWindow
from tests.ui.conftest import WindowMaker
from tests.ui.scripted import (
    RESNET18,
    RESNET50,
    a_dense_trace,
    a_frame,
    a_snapshot,
    a_spec,
    a_trace,
)

RUNNING = PipelineStatus(PipelineState.RUNNING, "", "living-room-stream.mp4", 29.97)
FULL_HD_AT_200_PERCENT = (960, 500)
SIZES = [(960, 600), (1280, 800), (1920, 1080)]


def fill(window: MainWindow, names: tuple[str, ...] = RESNET50, *, dense: bool = False) -> None:
    """Show what a running pipeline would."""
    picture = np.full((480, 640, 3), 90, np.uint8)
    ring = tuple(np.full((112, 112, 3), 20 * index, np.uint8) for index in range(8))
    window.show_status(RUNNING)
    window.show_frame(a_frame(picture))
    trace = a_dense_trace() if dense else a_trace(names)
    window.show_snapshot(
        a_snapshot(label="Turning Hand Counterclockwise", trace=trace, ring=ring, step_ms=112.34)
    )


def press(
    qtbot: QtBot,
    window: MainWindow,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Press a key in the window; a display without a window manager gives nobody the keyboard."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, key, modifier)  # type: ignore[no-untyped-call]


def cut_labels(window: QWidget) -> list[str]:
    """Return the texts of all visible labels that have less room than they need."""
    return [
        f"{label.text()!r} has {label.size()}, needs {label.sizeHint()}"
        for label in window.findChildren(QLabel)
        if label.isVisible()
        and label.text()
        and not isinstance(label, ElidedLabel)
        and (
            label.width() < label.minimumSizeHint().width()
            or label.height() < label.minimumSizeHint().height()
        )
    ]


def outside(window: QWidget) -> list[str]:
    """Return the visible labels that reach over the edge of the widget they lie in."""
    return [
        label.text()
        for label in window.findChildren(QLabel)
        if label.isVisible()
        and label.text()
        and label.visibleRegion().boundingRect() != label.rect()
    ]


def wait_until_nothing_is_cut(qtbot: QtBot, window: QWidget) -> None:
    """Let the layout settle, which takes as long as the machine is busy."""

    def in_view() -> None:
        assert cut_labels(window) == []
        assert outside(window) == []

    qtbot.waitUntil(in_view, timeout=3000)


@pytest.mark.parametrize("size", [FULL_HD_AT_200_PERCENT, *SIZES])
@pytest.mark.parametrize("dense", [False, True], ids=["adaptive", "dense"])
def test_no_text_is_cut(
    make_window: WindowMaker, qtbot: QtBot, size: tuple[int, int], dense: bool
) -> None:
    window = make_window(a_spec(dense=dense), size)
    wait_until_nothing_is_cut(qtbot, window)

    fill(window, dense=dense)
    wait_until_nothing_is_cut(qtbot, window)

    assert (window.width(), window.height()) == size


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_the_status_line_is_shown_in_full(
    make_window: WindowMaker, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window = make_window(size=size)
    fill(window)
    qtbot.wait(20)

    for label in window.findChildren(ElidedLabel):
        assert label.shown_text() == label.text()


def test_a_narrow_status_line_still_says_source_model_and_engine(
    make_window: WindowMaker, qtbot: QtBot
) -> None:
    window = make_window(size=FULL_HD_AT_200_PERCENT)
    fill(window)
    qtbot.wait(20)
    line = window.status_line

    assert line.source.shown_text() == line.source.text()
    assert line.model.shown_text().startswith("Model resnet")
    assert line.engine.shown_text().startswith("Engine onnx")
    for label in (line.source, line.model, line.engine):
        assert label.toolTip() == label.text()  # whole
    assert not line.dropped.visibleRegion().isEmpty()


@pytest.mark.parametrize("size", SIZES)
def test_every_bar_of_a_resnet50_is_in_view(
    make_window: WindowMaker, qtbot: QtBot, size: tuple[int, int]
) -> None:
    window = make_window(size=size)
    fill(window)
    qtbot.wait(20)
    bars = window.policy.bars

    assert len(bars.blocks) == 16
    assert bars.visibleRegion().boundingRect() == bars.rect()


def test_the_panels_do_not_move_when_the_first_prediction_comes(
    make_window: WindowMaker, qtbot: QtBot
) -> None:
    window = make_window()
    panels: tuple[QWidget, ...] = (window.video, window.flops, window.policy, window.thumbnails)
    before = [panel.geometry() for panel in panels]

    fill(window, RESNET18)
    qtbot.wait(20)

    assert [panel.geometry() for panel in panels] == before


def test_the_window_does_not_get_smaller_than_readable(window: MainWindow) -> None:
    assert (window.minimumWidth(), window.minimumHeight()) == FULL_HD_AT_200_PERCENT
    window.resize(200, 200)
    assert (window.width(), window.height()) == FULL_HD_AT_200_PERCENT


def test_a_long_source_name_does_not_push_the_window_wider(
    window: MainWindow, qtbot: QtBot
) -> None:
    name = "a recording with a very long name " * 12
    window.show_status(PipelineStatus(PipelineState.RUNNING, "", name, 30.0))
    qtbot.wait(20)

    assert window.width() == 1280
    assert window.status_line.source.shown_text().endswith("…")
    assert window.status_line.dropped.visibleRegion().boundingRect().width() > 40


def test_the_status_line_says_what_runs(window: MainWindow) -> None:
    fill(window)
    line = window.status_line

    assert line.source.text() == "living-room-stream.mp4"
    assert line.rate.text() == "30.0 fps"
    assert line.model.text() == "Model resnet18-performer"
    assert "onnx: fastest dense engine" in line.engine.text()
    assert line.step.text() == "Step 112.3 ms"
    assert line.dropped.text() == "Dropped 3"
    assert "living-room-stream.mp4" in window.windowTitle()


def test_before_anything_runs_the_status_line_has_dashes(window: MainWindow) -> None:
    window.show_status(PipelineStatus(PipelineState.STARTING))

    assert window.status_line.rate.text() == "– fps"
    assert window.status_line.step.text() == "Step – ms"


def test_mirror_acts_on_view_and_thumbnails(window: MainWindow, qtbot: QtBot) -> None:
    left_white = np.zeros((112, 112, 3), np.uint8)
    left_white[:, :56] = 255
    window.show_frame(a_frame(left_white))
    window.show_snapshot(a_snapshot(ring=(left_white,)))
    strip = window.thumbnails
    newest = strip.slot_rects()[-1]

    def left_shade() -> tuple[int, int]:
        view = window.video.grab().toImage().pixelColor(window.video.width() // 3, 100)
        image = strip.grab().toImage()
        spot = image.pixelColor(round(newest.left()) + 12, round(newest.center().y()))
        return view.lightness(), spot.lightness()

    assert left_shade() == (0, 0)
    press(qtbot, window, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier)
    assert not window.mirror_action.isChecked()
    assert left_shade() == (255, 255)


def test_full_screen_by_keyboard_and_back_by_escape(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, Qt.Key.Key_F11)
    qtbot.waitUntil(window.isFullScreen)
    press(qtbot, window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isFullScreen())
    assert not window.full_screen_action.isChecked()


def test_quit_by_keyboard_closes(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed, timeout=1000):
        press(qtbot, window, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()


def test_about_does_not_hold_up_the_live_view(window: MainWindow, qtbot: QtBot) -> None:
    window.menus.about.trigger()
    boxes = window.findChildren(QMessageBox)

    assert len(boxes) == 1
    assert "AdaFuse" in boxes[0].text()
    fill(window)
    assert window.flops.figure.text() != "–"
    boxes[0].close()


def test_everything_that_shows_something_has_a_name_for_screen_readers(window: MainWindow) -> None:
    fill(window)

    assert window.video.accessibleName() == "Live view"
    assert window.video.prediction.accessibleName() == "Turning Hand Counterclockwise, 87%"
    assert "8 frames" in window.thumbnails.accessibleName()
    assert "GFLOPs" in window.flops.figure.accessibleName()
    assert window.policy.figures["Keep"].accessibleName().startswith("Keep ")
    assert "layer4.2: keep" in window.policy.bars.accessibleDescription()


def test_the_whole_window_turns_dark(window: MainWindow, qapp: QApplication, qtbot: QtBot) -> None:
    fill(window)
    apply_scheme(qapp, Scheme.DARK)
    qtbot.wait(20)
    image = window.grab().toImage()
    right = [
        QColor(image.pixel(x, y)).lightness()
        for x in range(840, 1275, 5)
        for y in range(30, 770, 5)
    ]

    assert np.median(right) < 70
    assert np.quantile(right, 0.05) < 50
    light = sum(value > 235 for value in right)
    assert light / len(right) < 0.02  # letters only

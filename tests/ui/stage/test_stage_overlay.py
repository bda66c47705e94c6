"""The overlay for the stage: what it shows, how it is moved, and how one gets back."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QPoint, QRect, QSize, Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QMenu, QToolTip
from pytestqt.qtbot import QtBot

from app.control.arming import Cause
from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.stage.stage_overlay import ARMED, StageOverlay
from app.ui.stage.window_drag import WindowDrag, edges_at, resized
from app.ui.window import MainWindow
from tests.ui.control.conftest import Stage, make_stage, stage
from tests.ui.scripted import a_frame, a_snapshot
from tests.ui.test_main_window import RUNNING, fill, press

__all__ = ["make_stage", "stage"]


def overlay_of(window: MainWindow) -> StageOverlay:
    overlay = window.stage.overlay
    assert overlay is not None
    return overlay


def on_stage(stage: Stage, qtbot: QtBot) -> StageOverlay:
    stage.window.show_status(RUNNING)
    stage.window.show_frame(a_frame())
    stage.window.stage.enter()
    overlay = overlay_of(stage.window)
    qtbot.waitExposed(overlay)
    stage.window.show_snapshot(a_snapshot(label="Thumb Up", confidence=0.87))
    return overlay


def edge_color(overlay: StageOverlay) -> QColor:
    image = overlay.grab().toImage()
    return image.pixelColor(2, image.height() // 2)


def test_the_key_exchanges_window_and_overlay_and_a_double_click_changes_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    fill(window)
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(qtbot, window, Qt.Key.Key_O, held)
    overlay = overlay_of(window)
    qtbot.waitUntil(overlay.isVisible)
    assert not window.isVisible()
    qtbot.mouseDClick(overlay, Qt.MouseButton.LeftButton)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(window.isVisible)
    assert not overlay.isVisible()


def test_it_never_asks_for_the_keyboard(window: MainWindow) -> None:
    window.stage.enter()
    overlay = overlay_of(window)
    assert overlay.testAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
    for flag in (
        Qt.WindowType.WindowDoesNotAcceptFocus,
        Qt.WindowType.WindowStaysOnTopHint,
        Qt.WindowType.FramelessWindowHint,
    ):
        assert overlay.windowFlags() & flag
    assert overlay.focusPolicy() is Qt.FocusPolicy.NoFocus
    overlay.left.emit()


def test_it_shows_the_mirrored_picture(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)

    def left() -> str:
        return overlay.grab().toImage().pixelColor(40, 100).name()

    assert left() == "#0000ff"
    stage.window.menus.mirror.trigger()
    assert left() == "#ff0000"


def test_it_says_clearly_whether_it_is_armed(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)
    assert overlay.accessibleName() == "Thumb Up 87%, disarmed"
    assert edge_color(overlay) != ARMED
    stage.control.toggle(Cause.BUTTON)
    assert overlay.accessibleName() == "Thumb Up 87%, armed"
    assert edge_color(overlay) == ARMED


def test_esc_disarms(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)
    stage.control.toggle(Cause.BUTTON)
    qtbot.keyClick(overlay, Qt.Key.Key_Escape)  # type: ignore[no-untyped-call]
    assert stage.controller.status.cause is Cause.ESCAPE
    assert overlay.isVisible()


def test_it_says_why_the_picture_stands_still(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)
    stage.window.show_status(PipelineStatus(PipelineState.RECONNECTING, "It is gone."))
    assert overlay.accessibleName() == "Camera lost, reconnecting…, disarmed"


def test_the_right_button_offers_what_the_keys_do(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)

    def entry(text: str) -> None:
        overlay.contextMenuEvent(None)
        menu = overlay.findChildren(QMenu)[-1]
        next(action for action in menu.actions() if action.text().startswith(text)).trigger()

    armed = []
    for text in ("&Arm", "&Disarm"):
        entry(text)
        armed.append(stage.controller.status.armed)
    assert armed == [True, False]
    entry("&Back")
    assert stage.window.isVisible()


def test_what_was_nothing_is_said_without_the_keyboard(stage: Stage, qtbot: QtBot) -> None:
    stage.window.stage.correctable = True
    overlay = on_stage(stage, qtbot)
    overlay.contextMenuEvent(None)
    menu = overlay.findChildren(QMenu)[-1]
    with qtbot.waitSignal(stage.window.stage.nothing):
        next(a for a in menu.actions() if a.text() == "That was &nothing").trigger()
    stage.window.stage.say("Swiping Left: was nothing")
    assert QToolTip.text() == "Swiping Left: was nothing"


def test_a_window_manager_that_closes_it_brings_the_window_back(stage: Stage, qtbot: QtBot) -> None:
    overlay = on_stage(stage, qtbot)
    overlay.close()
    assert stage.window.isVisible()


def test_its_place_and_size_are_taken_up_again(window: MainWindow, qtbot: QtBot) -> None:
    window.stage.geometry = QRect(60, 70, 400, 300)
    window.stage.enter()
    overlay = overlay_of(window)
    qtbot.waitExposed(overlay)
    assert overlay.geometry() == QRect(60, 70, 400, 300)
    overlay.setGeometry(80, 90, 360, 270)
    window.stage.leave()
    assert window.stage.geometry == QRect(80, 90, 360, 270)
    window.stage.enter()
    assert overlay.geometry() == QRect(80, 90, 360, 270)
    window.close()
    assert window.stage.geometry == QRect(80, 90, 360, 270)


def test_a_place_on_a_screen_that_is_gone_is_not_taken(window: MainWindow) -> None:
    window.stage.geometry = QRect(90_000, 70, 400, 300)
    window.stage.enter()
    overlay = overlay_of(window)
    assert overlay.size() == QSize(400, 300)
    assert overlay.x() < 10_000
    window.stage.leave()


@pytest.mark.parametrize(
    ("place", "edges"),
    [
        (QPoint(150, 100), Qt.Edge(0)),
        (QPoint(3, 100), Qt.Edge.LeftEdge),
        (QPoint(298, 198), Qt.Edge.RightEdge | Qt.Edge.BottomEdge),
        (QPoint(150, 2), Qt.Edge.TopEdge),
    ],
)
def test_it_is_resized_at_its_edges_and_moved_elsewhere(place: QPoint, edges: Qt.Edge) -> None:
    assert edges_at(place, QRect(0, 0, 300, 200)) == edges


def test_dragging_an_edge_leaves_the_opposite_one_where_it_is() -> None:
    start, smallest = QRect(100, 100, 300, 200), QSize(180, 135)
    both = Qt.Edge.LeftEdge | Qt.Edge.TopEdge
    assert resized(start, both, QPoint(-20, 30), smallest) == QRect(80, 130, 320, 170)
    tiny = resized(start, both, QPoint(500, 500), smallest)
    assert (tiny.size(), tiny.bottomRight()) == (smallest, start.bottomRight())
    assert resized(start, Qt.Edge.RightEdge, QPoint(40, 9), smallest) == QRect(100, 100, 340, 200)


def test_without_a_window_manager_it_follows_the_mouse(window: MainWindow, qtbot: QtBot) -> None:
    window.stage.geometry = QRect(60, 70, 300, 200)
    window.stage.enter()
    overlay = overlay_of(window)
    qtbot.waitExposed(overlay)
    drag = WindowDrag(overlay)
    drag._hand_over = lambda: False  # type: ignore[method-assign]
    drag.press(QPoint(150, 100), QPoint(210, 170))
    drag.move(QPoint(212, 171))
    assert overlay.pos() == QPoint(60, 70)
    drag.move(QPoint(310, 270))
    assert overlay.pos() == QPoint(160, 170)
    drag.release()
    drag.press(QPoint(298, 198), QPoint(458, 368))
    drag.move(QPoint(508, 398))
    assert overlay.geometry() == QRect(160, 170, 350, 230)
    window.stage.leave()

"""The page in the main window: its tab, its key, and a window of its own."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live.snapshot import RunningModel
from app.ui.application import run_window
from app.ui.control.polled_control import PolledControl
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from models.engines.dense_reference import DenseReference
from tests.app.control.fakes import RememberingSender
from tests.ui.scripted import StillPipeline, a_snapshot, a_spec

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, key, modifier)  # type: ignore[no-untyped-call]


def tabs_of(window: MainWindow) -> list[str]:
    return [window.tabs.tabText(number) for number in range(window.tabs.count())]


def test_it_has_a_tab_and_a_key_without_a_control(window: MainWindow, qtbot: QtBot) -> None:
    assert tabs_of(window) == ["Network", "Inspect", "Log"]
    window.show_snapshot(a_snapshot())
    press(qtbot, window, Qt.Key.Key_3, CONTROL)

    assert window.inspect.isVisible()
    assert window.inspect.model.rowCount() == 8
    press(qtbot, window, Qt.Key.Key_1, CONTROL)
    assert window.policy.isVisible()


def test_beside_a_control_it_is_the_third(qtbot: QtBot) -> None:
    controller = Controller(RememberingSender(), ControlSettings())
    control = PolledControl(controller, a_spec(), DecisionSettings())
    window = MainWindow(a_spec(), "onnx", "for a test", control)
    control.setParent(window)
    control.start()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)

    assert tabs_of(window) == ["Network", "Control", "Inspect", "Log"]
    press(qtbot, window, Qt.Key.Key_2, CONTROL)
    assert window.control_page is not None
    assert window.control_page.isVisible()
    press(qtbot, window, Qt.Key.Key_3, CONTROL)
    assert window.inspect.isVisible()


def test_it_can_have_a_window_of_its_own(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, Qt.Key.Key_I, CONTROL | SHIFT)
    own = window.inspect.window()
    assert own is not window
    assert own is not None
    qtbot.waitExposed(own)
    window.show_snapshot(a_snapshot())
    assert window.inspect.map_card.map.content is not None, "it is live there, too"

    own.close()
    assert window.inspect.window() is window
    assert not window.menus.detach.isChecked()


def test_a_page_that_is_away_can_be_fetched_back(window: MainWindow, qtbot: QtBot) -> None:
    window.tabs.setCurrentIndex(1)
    window.menus.detach.trigger()
    assert window.inspect_place.detached
    window.menus.detach.trigger()
    assert window.inspect.isVisible()
    assert window.inspect.window() is window


def test_the_cost_card_says_what_was_saved(window: MainWindow) -> None:
    snapshot = a_snapshot()
    totals = snapshot.totals.plus(snapshot.prediction.trace, step_ms=4.0)
    assert totals.saved_multiply_adds > 0
    window.show_snapshot(a_snapshot(totals=totals))
    without_time = window.flops.totals.text()
    window.set_dense_reference(DenseReference(step_ms=10.0))
    window.show_snapshot(a_snapshot(totals=totals))

    assert without_time.startswith("So far ")
    assert window.flops.totals.text() == without_time.replace(" saved", " and 6 ms saved")
    assert "ONNX Runtime" in window.flops.totals.toolTip()


@pytest.mark.usefixtures("qapp")
def test_blocks_are_timed_from_when_the_page_is_opened() -> None:
    pipeline = StillPipeline()
    timed = []

    def look() -> None:
        (shown,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow))
        timed.append(pipeline.times_blocks)
        shown.tabs.setCurrentIndex(1)
        timed.append(pipeline.times_blocks)

    QTimer.singleShot(300, look)
    assert run_window(pipeline, RunningModel(a_spec(), "sparse"), duration_s=0.8) == 0
    assert timed == [False, True]

"""The whole window by keyboard, and by ear: every control can be reached, seen and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QMenu,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live.switcher import ModelChoice, Switcher
from app.sources.camera_watch import CameraWatch
from app.ui.control.polled_control import PolledControl
from app.ui.control.timing_dialog import TimingDialog
from app.ui.help_windows import ShortcutsDialog, shortcuts
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.theme import Scheme, apply_scheme
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from tests.app.control.fakes import RememberingSender
from tests.ui.scripted import a_spec
from tests.ui.switching.test_switch_menus import Wishes
from tests.ui.test_main_window import fill, press, wait_until_nothing_is_cut

MOST_TABS = 200


@pytest.fixture
def whole(qtbot: QtBot) -> Iterator[MainWindow]:
    """The window with everything that it can have."""
    switcher = Switcher(Wishes(), lambda spec: spec.decision, chosen=ModelChoice())
    polled = PolledSwitcher(switcher, CameraWatch(lambda: ()))
    controller = Controller(RememberingSender(), ControlSettings())
    control = PolledControl(controller, a_spec(), DecisionSettings())
    window = MainWindow(a_spec(), "onnx", "for a test", control, polled)
    for poller in (polled, control):
        poller.setParent(window)
        poller.start()
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    fill(window)
    yield window
    polled.close()
    control.close()
    switcher.close()


def focusable(root: QWidget) -> list[QWidget]:
    """Return what Tab stops at, hidden pages included."""
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.isEnabled()
        and widget.window() is root.window()  # the list of a combo box is a window of its own
    ]


def nameless(root: QWidget) -> list[str]:
    """Return the controls of which a screen reader could say nothing."""
    return [
        f"{type(widget).__name__} in {type(widget.parent()).__name__}"
        for widget in focusable(root)
        if not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and not type(widget).__name__.startswith("QScrollBar")
        and not isinstance(widget.parent(), QAbstractScrollArea)
        and widget.objectName() != "qt_spinbox_lineedit"
    ]


def every_page(window: MainWindow) -> Iterator[int]:
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        yield page


def open_guide(window: MainWindow) -> QDialog:
    window.help.show_guide()
    assert window.help.guide is not None
    return window.help.guide


def open_shortcuts(window: MainWindow) -> QDialog:
    window.help.show_shortcuts()
    return window.findChildren(ShortcutsDialog)[0]


def open_timing(window: MainWindow) -> QDialog:
    assert window.control_page is not None
    dialog = window.control_page.bindings.open_timing()
    assert isinstance(dialog, TimingDialog)
    return dialog


def open_gesture(window: MainWindow) -> QDialog:
    assert window.control_page is not None
    return window.control_page.bindings.open_gesture("Thumb Up")


DIALOGS = [open_guide, open_shortcuts, open_timing, open_gesture]


def test_every_control_of_every_page_has_a_name(whole: MainWindow) -> None:
    for _ in every_page(whole):
        assert nameless(whole) == []


@pytest.mark.parametrize("open_dialog", DIALOGS)
def test_every_control_of_every_dialog_has_a_name(
    whole: MainWindow, open_dialog: Callable[[MainWindow], QDialog]
) -> None:
    dialog = open_dialog(whole)
    assert nameless(dialog) == []
    dialog.close()


@pytest.mark.parametrize("open_dialog", DIALOGS)
def test_no_text_of_a_dialog_is_cut(
    whole: MainWindow, qtbot: QtBot, open_dialog: Callable[[MainWindow], QDialog]
) -> None:
    dialog = open_dialog(whole)
    qtbot.waitExposed(dialog)
    wait_until_nothing_is_cut(qtbot, dialog)
    dialog.close()


def tab_through(window: MainWindow, qtbot: QtBot) -> list[QWidget]:
    """Press Tab until it has gone round, and return where it stopped."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.video.setFocus()
    stops: list[QWidget] = []
    for _ in range(MOST_TABS):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused in stops:
            return stops
        stops.append(focused)
    raise AssertionError("Tab does not come round")


def test_tab_reaches_every_control_in_view_from_the_upper_left_down(
    whole: MainWindow, qtbot: QtBot
) -> None:
    for page in every_page(whole):
        stops = tab_through(whole, qtbot)
        in_view = [widget for widget in focusable(whole) if widget.isVisible()]
        missed = [w for w in in_view if w not in stops and w.accessibleName()]
        assert [w.accessibleName() for w in missed] == [], f"page {page}"
        assert all(stop.isVisible() for stop in stops)
        assert any(isinstance(stop, QTabBar) for stop in stops)
        places = [
            stop.mapTo(whole, stop.rect().topLeft())
            for stop in stops
            if whole.control_page is not None and whole.control_page.isAncestorOf(stop)
        ]
        heights = [place.y() for place in places]
        # A line's second control may stand a few pixels higher than its first.
        assert all(b >= a - 12 for a, b in pairwise(heights))


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_whoever_has_the_keyboard_can_be_seen(
    whole: MainWindow, qtbot: QtBot, qapp: QApplication, scheme: Scheme
) -> None:
    apply_scheme(qapp, scheme)
    whole.tabs.setCurrentIndex(1)
    for stop in tab_through(whole, qtbot):
        stop.setFocus(Qt.FocusReason.BacktabFocusReason)
        qtbot.keyClick(stop, Qt.Key.Key_Tab)  # type: ignore[no-untyped-call]
        without = stop.grab().toImage()
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Backtab)  # type: ignore[no-untyped-call]
        assert stop.hasFocus()
        assert stop.grab().toImage() != without, stop.accessibleName()


def actions_of(window: MainWindow) -> list[QAction]:
    bar = window.menuBar()
    assert bar is not None
    menus = {*bar.findChildren(QMenu), *window.findChildren(QMenu)}
    return [action for menu in menus for action in menu.actions() if action.text()]


def test_every_menu_entry_with_a_shortcut_is_listed_once(whole: MainWindow) -> None:
    listed = shortcuts(whole)
    keys = [
        action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        for action in actions_of(whole)
        if not action.shortcut().isEmpty()
    ]
    assert sorted(keys) == sorted(set(keys))
    assert set(keys) <= set(listed)
    assert listed["F1"] == "Gesture guide"
    assert listed["Ctrl+Shift+O"] == "Stage overlay"
    assert listed["Esc"] == "Disarm, leave full screen"


def test_the_list_of_shortcuts_opens_by_its_own(whole: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, whole, Qt.Key.Key_Question, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(whole.findChildren(ShortcutsDialog)))
    whole.findChildren(ShortcutsDialog)[0].close()

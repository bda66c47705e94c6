"""The whole of it in a window whose camera looks at somebody who follows the lesson."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from app.control.arming import Cause
from app.control.controller import Controller
from app.control.senders.base import DryRun
from app.control.settings import ControlSettings
from app.live.pipeline import Pipeline, PipelineState
from app.live.run import Run
from app.live.switcher import ModelChoice, Switcher
from app.settings import SettingsStore
from app.sources.base import Frame
from app.teaching.course import TAKE_S, Phase
from app.ui.application import WindowServices, make_window
from app.ui.teach.teach_dialog import TeachDialog
from app.ui.window import MainWindow
from models.engines.factory import create_engine
from models.two_views.bundle import load_any_bundle

FPS = 8.0
CATCH_UP_S = 0.012
"""Time that the window has to follow every picture."""


class Follower:
    """A person before a camera: does what the lesson asks for, and waves once in a while."""

    name = "Camera 0"
    fps: float | None = FPS

    def __init__(self, *, live: bool) -> None:
        self.live = live  # otherwise its clock is its own, and faster than ours
        self.dialog: TeachDialog | None = None
        self.waves = False
        self._index = 0
        self._random = np.random.default_rng(3)

    def read(self) -> Frame | None:
        time.sleep(CATCH_UP_S)
        image = self._random.integers(90, 130, (48, 64, 3), np.uint8)
        time_s = self._index / FPS
        if self._waves(time_s):
            image[8:40, 8:56] = (20, 240, 250)
        self._index += 1
        return Frame(image, time_s, self._index, time.monotonic())

    def close(self) -> None:
        pass

    def _waves(self, time_s: float) -> bool:
        course = None if self.dialog is None else self.dialog.course
        if course is not None:
            return course.phase is Phase.TAKING and 0.7 < course.left_s < TAKE_S - 0.7
        return self.waves and time_s % 4 < 1.2


class Studio:
    """A window over a real pipeline, and the person before its camera."""

    def __init__(self, qtbot: QtBot, bundle: Path, folder: Path, *, live: bool = False) -> None:
        self.qtbot = qtbot
        self.person = Follower(live=live)
        opened = create_engine(load_any_bundle(bundle), "onnx")
        self.control = Controller(DryRun(), ControlSettings())
        self.settings = SettingsStore(folder / "settings.json")
        run = Run(opened.engine, opened.spec.decision, control=self.control)
        self.pipeline = Pipeline(lambda: self.person, run, paced=False)
        self.switcher = Switcher(
            self.pipeline,
            self.settings.decision_for,
            chosen=ModelChoice(str(bundle), "onnx"),
            opened=opened,
        )
        services = WindowServices(
            settings=self.settings,
            control=self.control,
            switcher=self.switcher,
            steps=self.pipeline.steps,
        )
        self.pipeline.start()
        self.window, self.polled = make_window(self.pipeline, self.pipeline.model, services)
        qtbot.addWidget(self.window)
        with qtbot.waitActive(self.window):
            self.window.show()
            self.window.activateWindow()
        self.polled.start()

    @property
    def dialog(self) -> TeachDialog:
        (dialog,) = (w for w in QApplication.topLevelWidgets() if isinstance(w, TeachDialog))
        return dialog

    def close(self) -> None:
        self.window.close()
        self.switcher.close()
        self.pipeline.close()
        self.control.close()

    def wait(self, condition: object, timeout_ms: int = 60_000) -> None:
        self.qtbot.waitUntil(condition, timeout=timeout_ms)  # type: ignore[arg-type]

    def teach(self, *gestures: str) -> None:
        """Press Ctrl+T and go through a lesson with gestures of one's own."""
        self.qtbot.keyClick(self.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
        self.wait(lambda: any(isinstance(w, TeachDialog) for w in QApplication.topLevelWidgets()))
        dialog = self.person.dialog = self.dialog
        for label in gestures:
            dialog.choose.own.setText(label)
            dialog.choose.add_own()
        dialog.choose.name.setText("Mina")
        dialog.choose.begin.click()
        course = dialog.course
        assert course is not None
        self.wait(lambda: course.phase is Phase.READY_FOR_ORDINARY)
        dialog.take.pause.click()
        self.wait(lambda: course.ordinary_s > 12)
        dialog.take.enough.click()
        self.wait(dialog.outcome.use.isEnabled)


@pytest.fixture
def studio(
    qtbot: QtBot, tiny_two_view_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    monkeypatch.setattr("app.ui.teach.teach_dialog.POLL_INTERVAL_MS", 4)
    monkeypatch.setattr("app.teaching.course.TAKES", 3)
    monkeypatch.setattr("app.teaching.course.LEAST_SEEN", 0.0)
    monkeypatch.setattr("app.teaching.course.EMPTY", -1.0)  # a tiny network finds no hand
    made = Studio(qtbot, tiny_two_view_bundle, tmp_path)
    yield made
    made.close()


def fired(window: MainWindow, label: str) -> bool:
    return any(entry.gesture.label == label for entry in window.log.entries)


def test_teach_fire_correct_switch_and_delete(studio: Studio) -> None:
    window, person = studio.window, studio.person
    studio.teach("Heart")
    assert "takes would be right" in studio.dialog.outcome.headline.text()
    studio.control.arm(Cause.BUTTON)
    assert not studio.control.status.armed  # not while gestures are taught
    studio.dialog.outcome.keep.setChecked(True)
    studio.dialog.outcome.use.click()
    person.dialog = None
    studio.wait(lambda: studio.pipeline.model.person == "Mina")
    assert "Heart" in studio.pipeline.model.spec.labels
    person.waves = True
    studio.wait(lambda: fired(window, "Heart"))
    with studio.qtbot.waitActive(window):
        window.activateWindow()
    studio.qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    studio.wait(lambda: any("learning" not in e.remark and e.remark for e in window.log.entries))
    for box in QApplication.topLevelWidgets():
        if isinstance(box, QMessageBox):
            box.close()
    menu = window.switch_menus and window.switch_menus.person
    assert menu
    menu.general.trigger()
    studio.wait(lambda: studio.pipeline.model.person is None)
    studio.wait(lambda: not window.log.nothing.isEnabled())
    assert studio.settings.people_folder.is_dir()


def test_a_correction_leaves_the_control_armed(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.teaching.corrections.Corrected.worse", property(lambda self: False))
    window = studio.window
    studio.teach("Heart")
    studio.dialog.outcome.use.click()
    studio.person.dialog = None
    studio.wait(lambda: studio.pipeline.model.person == "Mina")
    studio.person.waves = True
    studio.wait(lambda: fired(window, "Heart"))
    studio.control.arm(Cause.BUTTON)
    before = studio.pipeline.model
    with studio.qtbot.waitActive(window):
        window.activateWindow()
    studio.qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    studio.wait(lambda: studio.pipeline.model is not before)
    assert window.control is not None
    shown = window.control
    studio.wait(lambda: shown.decision == studio.pipeline.model.spec.decision)
    assert studio.control.status.armed
    assert studio.pipeline.model.person == "Mina"
    assert studio.pipeline.status.state is PipelineState.RUNNING


def test_teaching_is_offered_once_before_a_camera(
    qtbot: QtBot, tiny_two_view_bundle: Path, tmp_path: Path
) -> None:
    studio = Studio(qtbot, tiny_two_view_bundle, tmp_path, live=True)
    studio.wait(lambda: "learn your own gestures" in studio.window.video.banner.text)
    assert studio.settings.current.teaching_offered
    studio.close()


def test_the_status_line_says_why_nobody_can_be_corrected(studio: Studio) -> None:
    for modifiers in (
        Qt.KeyboardModifier.ControlModifier,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    ):
        studio.window.status_line.clearMessage()
        studio.qtbot.keyClick(studio.window, Qt.Key.Key_Z, modifiers)  # type: ignore[no-untyped-call]
        studio.wait(lambda: "Ctrl+T" in studio.window.status_line.currentMessage())


def test_closing_the_window_keeps_what_was_taken(studio: Studio) -> None:
    studio.qtbot.keyClick(studio.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)  # type: ignore[no-untyped-call]
    studio.wait(lambda: any(isinstance(w, TeachDialog) for w in QApplication.topLevelWidgets()))
    dialog = studio.person.dialog = studio.dialog
    dialog.begin("Mina", ("Heart",))
    course = dialog.course
    assert course is not None
    studio.wait(lambda: len(course.takes) == 1)
    studio.window.close()
    assert list(studio.settings.people_folder.glob("*.lesson"))
    assert not studio.control.status.armed

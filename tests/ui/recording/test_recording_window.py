"""Recording from the window: by keyboard, with a mark that nobody can overlook."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from app.live.pipeline import Pipeline
from app.live.run import Run
from app.recording import recorder as recorder_module
from app.recording import writer as writer_module
from app.recording.header import RecordedModel
from app.recording.reader import Recording
from app.recording.recorder import Recorder
from app.recording.schema import TABLES
from app.recording.target import new_path
from app.ui.live.polled_pipeline import PolledPipeline
from app.ui.recording import polled_recorder as polled_recorder_module
from app.ui.recording.polled_recorder import PolledRecorder
from app.ui.recording.recording_mark import RecordingMark, clock
from app.ui.recording.recording_menu import RecordingMenu, attach_recording
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from tests.ui.conftest import WindowMaker
from tests.ui.scripted import ScriptedEngine, SteadySource, a_spec
from tests.ui.test_main_window import cut_labels, press

CONTROL = Qt.KeyboardModifier.ControlModifier


class Studio:
    """A window over a running pipeline, and a folder for recordings."""

    def __init__(self, window: MainWindow, folder: Path) -> None:
        self.window = window
        self.folder = folder
        self.recorder = Recorder(RecordedModel(a_spec(), "0" * 64, "scripted"))
        self.polled_recorder: PolledRecorder = attach_recording(window, self.recorder)
        self.pipeline = Pipeline(
            lambda: SteadySource(30),
            Run(
                ScriptedEngine(a_spec()),
                DecisionSettings(),
                on_event=self.recorder.see_event,
                recorder=self.recorder,
            ),
        )
        self.polled_pipeline = PolledPipeline(self.pipeline, window)
        window.connect_pipeline(self.polled_pipeline)
        self.polled_pipeline.start()
        self.pipeline.start()

    @property
    def mark(self) -> RecordingMark:
        return self.window.findChildren(RecordingMark)[0]

    @property
    def menu(self) -> RecordingMenu:
        return self.window.findChildren(RecordingMenu)[0]

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.adafuse"))

    def close(self) -> None:
        self.polled_pipeline.close()
        self.pipeline.close()
        self.recorder.stop()


@pytest.fixture
def studio(
    make_window: WindowMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Studio]:
    folder = tmp_path / "Videos" / "AdaFuse Live"
    monkeypatch.setattr(polled_recorder_module, "recordings_folder", lambda: folder)
    studio = Studio(make_window(), folder)
    yield studio
    studio.close()


def test_one_key_records_and_the_same_key_ends_it(studio: Studio, qtbot: QtBot) -> None:
    assert not studio.mark.isVisible()
    assert not studio.folder.exists()

    press(qtbot, studio.window, Qt.Key.Key_R, CONTROL)
    qtbot.waitUntil(lambda: "REC 0:01" in studio.mark.text(), timeout=5000)

    assert studio.mark.isVisible()
    assert studio.menu.record_action.isChecked()
    assert str(studio.files()[0]) in studio.mark.toolTip()
    assert studio.mark.accessibleName() == "REC 0:01"
    corner = (
        studio.mark.geometry().topLeft() - studio.window.video.picture_rect().topLeft().toPoint()
    )
    assert 0 < corner.x() < 30
    assert 0 < corner.y() < 30
    assert cut_labels(studio.window) == []

    press(qtbot, studio.window, Qt.Key.Key_R, CONTROL)

    assert studio.mark.text().endswith("Recording saved")
    assert not studio.menu.record_action.isChecked()
    recording = Recording(studio.files()[0])
    assert recording.header.finished
    assert recording.predictions
    assert recording.duration_s > 0.5
    recording.close()


def test_the_mark_itself_ends_the_recording_and_goes(studio: Studio, qtbot: QtBot) -> None:
    studio.menu.record_action.trigger()
    assert studio.recorder.status.path is not None
    studio.mark.click()
    assert not studio.polled_recorder.recording
    assert studio.mark.isVisible()
    studio.mark.click()
    assert not studio.mark.isVisible()
    assert len(studio.files()) == 1


def test_nothing_is_recorded_unless_it_is_asked_for(studio: Studio, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: studio.pipeline.snapshots.peek() is not None)
    qtbot.wait(250)
    assert not studio.mark.isVisible()
    assert studio.recorder.status.path is None
    assert not studio.folder.exists()


def test_a_recording_that_breaks_off_is_told_until_it_is_seen(
    studio: Studio, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "COMMIT_INTERVAL_S", 0.05)
    monkeypatch.setattr(writer_module, "TABLES", f"{TABLES} PRAGMA max_page_count = 30;")
    studio.menu.record_action.trigger()
    qtbot.waitUntil(lambda: "cut short" in studio.mark.text(), timeout=8000)
    assert "the disk is full" in studio.mark.toolTip()
    assert not studio.menu.record_action.isChecked()
    assert studio.pipeline.status.state == "running"
    studio.mark.click()
    assert not studio.mark.isVisible()
    qtbot.wait(250)
    assert not studio.mark.isVisible()


def test_a_file_of_ones_choice_is_asked_for_without_holding_up_the_view(
    studio: Studio, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    studio.menu.record_to_action.trigger()
    dialog = studio.window.findChildren(QFileDialog)[0]
    assert dialog.selectedFiles()[0].endswith(".adafuse")
    chosen = tmp_path / "talk.adafuse"
    dialog.fileSelected.emit(str(chosen))
    dialog.reject()
    assert studio.recorder.status.path == chosen
    assert not studio.menu.record_to_action.isEnabled()


def test_what_cannot_be_recorded_to_is_told(studio: Studio, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    studio.polled_recorder.record_to(tmp_path / "notes.txt")
    box = studio.window.findChildren(QMessageBox)[0]
    assert "is left alone" in box.text()
    box.findChildren(QPushButton)[0].click()
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not studio.polled_recorder.recording


def test_the_menu_stands_before_help(studio: Studio) -> None:
    bar = studio.window.menuBar()
    assert bar is not None
    titles = [action.text() for action in bar.actions()]
    assert titles.index("&Recording") == titles.index("&Help") - 1


def test_a_new_name_says_when_and_is_nobody_elses(tmp_path: Path) -> None:
    now = datetime(2026, 3, 4, 15, 6, 7)
    first = new_path(tmp_path, now)
    assert first.name == "Recording 2026-03-04 15.06.07.adafuse"
    first.touch()
    assert new_path(tmp_path, now).name == "Recording 2026-03-04 15.06.07 (2).adafuse"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0:00"), (7.9, "0:07"), (754, "12:34"), (3723, "1:02:03")]
)
def test_a_time_is_read_as_on_a_camera(seconds: float, text: str) -> None:
    assert clock(seconds) == text

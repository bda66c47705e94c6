"""A recording of a real run can be scrubbed by mouse and keyboard, and shows what was there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PyQt6 import sip
from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.errors import AppError
from app.inspection.recording import Recording
from app.ui.inspection.recording_opener import RecordingOpener
from app.ui.inspection.recording_window import (
    EMPTY_TEXT,
    RecordingWindow,
    open_recording_window,
)
from app.ui.window import MainWindow
from models.spec import ModelSpec
from tests.app.inspection.fakes import FakeRecording

Run = tuple[FakeRecording, ModelSpec]


Shower = Callable[..., RecordingWindow]


@pytest.fixture
def show(real_run: Run, qtbot: QtBot) -> Iterator[Shower]:
    """Show a recording, and close its window unless the test did: that deletes it."""
    windows: list[RecordingWindow] = []

    def show(recording: FakeRecording) -> RecordingWindow:
        windows.append(open_recording_window(recording, real_run[1], "talk.session"))
        qtbot.waitExposed(windows[-1])
        return windows[-1]

    yield show
    for window in windows:
        if not sip.isdeleted(window):
            window.close()


@pytest.fixture
def viewer(real_run: Run, show: Shower) -> RecordingWindow:
    return show(real_run[0])


def press(qtbot: QtBot, viewer: RecordingWindow, key: Qt.Key) -> None:
    qtbot.keyClick(viewer.slider, key)  # type: ignore[no-untyped-call]


def settled(viewer: RecordingWindow, qtbot: QtBot, number: int) -> None:
    """Wait until the window shows a prediction."""
    expected = viewer.playback.recording.predictions[number]
    qtbot.waitUntil(lambda: viewer.ranking.ranking == expected.ranking)
    content = viewer.page.map_card.map.content
    assert content is not None
    assert content.position == number


def test_it_begins_with_the_first_prediction(viewer: RecordingWindow, qtbot: QtBot) -> None:
    settled(viewer, qtbot, 0)
    assert viewer.windowTitle() == "talk.session – AdaFuse Live"
    assert viewer.fired.text() == "No gesture has fired yet"
    assert viewer.picture.image is not None


def test_keys_go_from_prediction_to_prediction(viewer: RecordingWindow, qtbot: QtBot) -> None:
    for _ in range(3):
        press(qtbot, viewer, Qt.Key.Key_Right)
    settled(viewer, qtbot, 3)
    press(qtbot, viewer, Qt.Key.Key_Left)
    settled(viewer, qtbot, 2)
    press(qtbot, viewer, Qt.Key.Key_End)
    settled(viewer, qtbot, len(viewer.playback.recording.predictions) - 1)
    press(qtbot, viewer, Qt.Key.Key_Home)
    settled(viewer, qtbot, 0)


def test_keys_reach_it_from_the_list_of_blocks(viewer: RecordingWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(viewer.page.table, Qt.Key.Key_Right)  # type: ignore[no-untyped-call]
    settled(viewer, qtbot, 1)
    qtbot.keyClick(viewer.page.table, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert viewer.page.table.selected == 1
    assert viewer.playback.number == 1


def test_keys_go_from_gesture_to_gesture(viewer: RecordingWindow, qtbot: QtBot) -> None:
    first, second = viewer.playback.recording.gestures
    press(qtbot, viewer, Qt.Key.Key_PageDown)
    assert viewer.playback.time_s == first.time_s
    press(qtbot, viewer, Qt.Key.Key_PageDown)
    press(qtbot, viewer, Qt.Key.Key_PageDown)
    assert viewer.playback.time_s == second.time_s
    qtbot.waitUntil(lambda: viewer.fired.text().startswith(second.label))
    press(qtbot, viewer, Qt.Key.Key_Right)
    press(qtbot, viewer, Qt.Key.Key_PageUp)
    assert viewer.playback.time_s == second.time_s
    press(qtbot, viewer, Qt.Key.Key_PageUp)
    assert viewer.playback.time_s == first.time_s


def test_the_picture_is_that_of_the_moment(viewer: RecordingWindow, qtbot: QtBot) -> None:
    recording = viewer.playback.recording
    shown = []
    for time_s in (2.5, 0.4, 3.1):
        viewer.seek(time_s)
        qtbot.wait(30)
        shown.append(viewer.picture.image is recording.frame_at(time_s))
    assert shown == [True, True, True]


def test_the_mouse_chooses_a_time(viewer: RecordingWindow, qtbot: QtBot) -> None:
    slider = viewer.slider
    place = QPoint(round(slider.x_of(2.0)), slider.height() // 2)
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=place)  # type: ignore[no-untyped-call]

    assert viewer.playback.time_s == pytest.approx(2.0, abs=0.02)
    qtbot.waitUntil(lambda: viewer.time.text().startswith(f"{viewer.playback.time_s:.2f} / "))


def test_marks_stand_where_gestures_fired(viewer: RecordingWindow) -> None:
    for gesture in viewer.playback.recording.gestures:
        assert viewer.slider.gesture_at(viewer.slider.x_of(gesture.time_s) + 2) == gesture
    assert viewer.slider.gesture_at(viewer.slider.x_of(0.0)) is None


def test_it_plays_to_the_end_and_from_there_again(viewer: RecordingWindow, qtbot: QtBot) -> None:
    viewer.seek(viewer.playback.recording.duration_s - 0.2)
    press(qtbot, viewer, Qt.Key.Key_Space)
    assert viewer.playing
    assert viewer.play.text() == "&Pause"
    qtbot.waitUntil(lambda: not viewer.playing)
    assert viewer.playback.time_s == viewer.playback.recording.duration_s

    viewer.play.click()
    assert viewer.playing
    assert viewer.playback.time_s < 1.0
    viewer.play.click()
    assert not viewer.playing


def test_blocks_show_the_step_of_the_moment(viewer: RecordingWindow, qtbot: QtBot) -> None:
    viewer.seek(2.0)
    number = viewer.playback.number
    assert number is not None
    settled(viewer, qtbot, number)
    model, trace = viewer.page.model, viewer.playback.recording.predictions[number].trace
    for row, block in enumerate(trace.blocks):
        counts = model.counts(model.index(row, 1))
        assert counts is not None
        expected = [block.kept, block.reused_cached, block.reused_late, block.skipped]
        assert counts.tolist() == expected
    assert "– / " not in str(model.data(model.index(0, 4))), "the run was timed"


def test_closing_it_closes_the_recording(viewer: RecordingWindow, real_run: Run) -> None:
    before = real_run[0].closed
    viewer.close()
    assert real_run[0].closed == before + 1


class Damaged(FakeRecording):
    def frame_at(self, time_s: float) -> NDArray[np.uint8] | None:
        if time_s > 1.0:
            raise AppError("The recording is damaged from here on; record it again.")
        return super().frame_at(time_s)


def test_a_damaged_picture_stops_it_with_a_sentence(
    real_run: Run, show: Shower, qtbot: QtBot
) -> None:
    recording = Damaged(real_run[0].predictions, duration_s=4.0)
    viewer = show(recording)
    viewer.seek(0.9)
    viewer.toggle_play()
    qtbot.waitUntil(lambda: not viewer.playing)
    assert viewer.fired.text().startswith("The recording is damaged")


def test_a_recording_without_predictions_can_be_looked_at(show: Shower, qtbot: QtBot) -> None:
    viewer = show(FakeRecording([], duration_s=2.0))
    viewer.step(1)
    viewer.go_to_gesture(1)
    viewer.seek(1.0)
    qtbot.waitUntil(lambda: viewer.time.text() == "1.00 / 2.00 s")
    assert viewer.fired.text() == "No gesture fired"


@pytest.fixture
def live(qtbot: QtBot, real_run: Run) -> MainWindow:
    window = MainWindow(real_run[1], "sparse", "for a test")
    qtbot.addWidget(window)
    return window


def test_the_menu_opens_a_recording_and_the_live_window_closes_it(
    live: MainWindow, real_run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording, spec = real_run
    assert not live.menus.open_recording.isVisible(), "nobody can open one yet"
    live.set_recording_loader(lambda path, cancelled: (recording, spec))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/talks/one.session", ""))
    live.show()
    live.menus.open_recording.trigger()

    recordings = live.recordings
    assert isinstance(recordings, RecordingOpener)
    qtbot.waitUntil(lambda: len(recordings.windows) == 1)
    (viewer,) = recordings.windows
    assert viewer.windowTitle().startswith("one.session")
    before = recording.closed
    live.close()
    assert recording.closed == before + 1
    assert recordings.windows == ()


def test_a_file_that_is_no_recording_is_told(live: MainWindow, qtbot: QtBot) -> None:
    def load(path: Path, cancelled: Callable[[], bool]) -> tuple[Recording, ModelSpec]:
        raise AppError(f"{path} is not a recording; choose one that --record wrote.")

    live.set_recording_loader(load)
    assert live.recordings is not None
    live.recordings.open(Path("notes.txt"), mirrored=True)

    qtbot.waitUntil(lambda: bool(live.findChildren(QMessageBox)))
    (box,) = live.findChildren(QMessageBox)
    assert box.text() == "notes.txt is not a recording; choose one that --record wrote."
    assert live.recordings.windows == ()
    box.close()


class SlowFile:
    """A file that is read until somebody has had enough of it."""

    def __init__(self, recording: FakeRecording, spec: ModelSpec) -> None:
        self.loaded = recording, spec
        self.begun = threading.Event()
        self.given_up = threading.Event()

    def __call__(self, path: Path, cancelled: Callable[[], bool]) -> tuple[Recording, ModelSpec]:
        self.begun.set()
        while not cancelled():
            time.sleep(0.005)
        self.given_up.set()
        return self.loaded


def test_a_long_recording_is_read_beside_the_window_and_can_be_cancelled(
    live: MainWindow, real_run: Run, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.inspection.recording_opener.PATIENCE_MS", 10)
    recording, spec = real_run
    slow = SlowFile(recording, spec)
    live.set_recording_loader(slow)
    live.show()
    assert live.recordings is not None
    before = recording.closed
    recordings = live.recordings
    recordings.open(Path("long.adafuse"), mirrored=True)
    (notice,) = live.findChildren(QProgressDialog)
    qtbot.waitUntil(notice.isVisible)
    assert "long.adafuse" in notice.labelText()
    assert recordings.reading == 1
    (button,) = notice.findChildren(QPushButton)
    button.click()

    assert slow.given_up.wait(1)
    qtbot.waitUntil(lambda: recording.closed > before)
    assert recordings.reading == 0
    assert recordings.windows == ()


def test_a_recording_that_is_being_read_ends_with_the_window(
    live: MainWindow, real_run: Run, qtbot: QtBot
) -> None:
    recording, spec = real_run
    slow = SlowFile(recording, spec)
    live.set_recording_loader(slow)
    live.show()
    assert live.recordings is not None
    live.recordings.open(Path("long.adafuse"), mirrored=True)
    assert slow.begun.wait(1)
    live.close()
    assert slow.given_up.is_set()
    assert live.recordings.windows == ()


def test_people_start_where_recordings_are_kept_and_then_where_they_were(
    live: MainWindow, real_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = tmp_path / "kept", tmp_path / "other"
    asked: list[str] = []
    answers = iter([str(other / "no.adafuse"), "", ""])

    def answer(_: object, __: str, folder: str) -> tuple[str, str]:
        asked.append(folder)
        return next(answers), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    monkeypatch.setattr("app.ui.inspection.recording_opener.recordings_folder", lambda: kept)
    live.set_recording_loader(SlowFile(*real_run))
    assert live.recordings is not None
    kept.mkdir()
    other.mkdir()
    live.recordings.ask(mirrored=True)
    live.recordings.ask(mirrored=True)
    assert asked == [str(kept), str(other)]
    live.recordings.close()


def test_a_recording_in_which_nothing_was_recognized_says_so(show: Shower) -> None:
    viewer = show(FakeRecording([], duration_s=2.0))
    assert viewer.page.note.isVisible()
    assert viewer.page.note.text() == EMPTY_TEXT

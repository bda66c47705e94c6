"""Gives a window everything that recording needs."""

from __future__ import annotations

from app.recording.recorder import Recorder
from app.ui.recording.desk import RecordingDesk
from app.ui.recording.mark import RecordingMark
from app.ui.recording.menu import RecordingMenu
from app.ui.window import MainWindow


def attach_recording(window: MainWindow, recorder: Recorder) -> RecordingDesk:
    """Put menu and mark into a window.

    Args:
        window: The window.
        recorder: The recorder; it is not stopped from here.

    Returns:
        What the widgets talk to; it belongs to the window.
    """
    desk = RecordingDesk(recorder, window)
    RecordingMenu(desk, window)
    window.video.set_corner(RecordingMark(desk), left=True)
    window.stage.recording = desk
    window.closed.connect(desk.dismiss)
    desk.poll()
    return desk

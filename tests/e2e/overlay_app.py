"""The real window on its stage overlay, over a still picture.

    python overlay_app.py LOG

The log gets a line for each key that reached the program, and one when the main window is back.
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.process.native_libraries import forget_cv2_qt_paths

forget_cv2_qt_paths()

from PyQt6.QtCore import QEvent, QObject  # noqa: E402
from PyQt6.QtGui import QKeyEvent  # noqa: E402

from app.live.pipeline import PipelineState, PipelineStatus  # noqa: E402
from app.ui.application import qt_application  # noqa: E402
from app.ui.window import MainWindow  # noqa: E402
from tests.ui.scripted import a_frame, a_snapshot, a_spec  # noqa: E402


class KeyLog(QObject):
    """Notes the keys that any widget gets, and when the main window is shown."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            self.note(f"key {event.key()}")
        shown = event is not None and event.type() == QEvent.Type.Show
        if shown and isinstance(watched, MainWindow):
            self.note("window shown")
        return False

    def note(self, line: str) -> None:
        with self._log.open("a") as file:
            file.write(f"{line}\n")


if __name__ == "__main__":
    application = qt_application()
    keys = KeyLog(Path(sys.argv[1]))
    window = MainWindow(a_spec(), "onnx", "for a test")
    window.closed.connect(application.quit)
    application.installEventFilter(keys)
    window.show_status(PipelineStatus(PipelineState.RUNNING, "", "Camera 0", 30.0))
    window.show_frame(a_frame())
    window.stage.enter()
    window.show_snapshot(a_snapshot())
    sys.exit(application.exec())

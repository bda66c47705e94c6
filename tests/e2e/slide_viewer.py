"""A slide show of ten pages in a process of its own: turns them by keys, and notes every key.

    python slide_viewer.py LOG

Every line of the log is one key press: its name and the page that is on show afterwards.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QFont, QKeyEvent
from PyQt6.QtWidgets import QApplication, QLabel

PAGES = 10
TITLE = "Slides of the test"

_STEPS = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}


class Slides(QLabel):
    """Shows the number of a page."""

    def __init__(self, log: Path) -> None:
        super().__init__()
        self._log = log
        self._page = 1
        self.setWindowTitle(TITLE)
        self.setFont(QFont(self.font().family(), 90))
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.resize(400, 300)
        self._show()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        assert event is not None
        key = Qt.Key(event.key())
        self._page = min(PAGES, max(1, self._page + _STEPS.get(key, 0)))
        self._show()
        with self._log.open("a") as file:
            file.write(f"{key.name} {self._page}\n")

    def _show(self) -> None:
        self.setText(f"{self._page} / {PAGES}")


if __name__ == "__main__":
    application = QApplication(sys.argv)
    slides = Slides(Path(sys.argv[1]))
    slides.show()
    sys.exit(application.exec())

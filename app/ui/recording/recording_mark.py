"""The red mark over the live view that shows that a recording is running."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import Qt, QTimer
from PyQt6.QtWidgets import QPushButton

from app.recording.recorder import RecorderStatus
from app.ui.cards import scaled_font
from app.ui.recording.polled_recorder import PolledRecorder

SAVED_MS = 4000
"""How long it shows that a recording was saved, in milliseconds."""

RECORD_SHORTCUT = "Ctrl+R"

# On the picture, which may be light or dark: a contrast of 4.5:1 or better over anything.
_RED = "color: #ffffff; background: #b3261e; border: 1px solid #ffffff;"
_DARK = "color: #ffffff; background: rgba(13, 16, 20, 205); border: 1px solid #8a93a0;"
_STYLE = """
    QPushButton {{ {colors} border-radius: 10px; padding: 6px 14px; }}
    QPushButton:focus {{ border: 2px solid #6cc0f0; padding: 5px 13px; }}
"""


class RecordingMark(QPushButton):
    """Shows by words, a sign and a color that a recording is running, and for how long.

    A click stops the recording. Afterwards the mark says for a moment that it was saved, or, until
    the next click, that it was cut short.
    """

    def __init__(self, recorder: PolledRecorder) -> None:
        super().__init__()
        self._recorder = recorder
        self._failure_seen = ""
        self.setFont(scaled_font(self.font(), 1.15, bold=True))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self._away = QTimer(self)
        self._away.setSingleShot(True)
        self._away.timeout.connect(self.hide)
        self.clicked.connect(self._click)
        recorder.status_changed.connect(self.show_status)
        recorder.saved.connect(self.show_saved)
        self.hide()

    def show_status(self, status: RecorderStatus) -> None:
        """Show whether a recording is running, or why it stopped."""
        self._away.stop()
        if status.path is not None:
            self._failure_seen = ""
            self._show_recording(status, status.path)
        elif status.failure and status.failure != self._failure_seen:
            self._show("⚠  Recording was cut short", _DARK, status.failure, "Click to close.")
        else:
            self.hide()

    def show_saved(self, path: Path) -> None:
        """Show for a moment where a recording was saved."""
        self._show("✓  Recording saved", _DARK, f"Saved to {path}.", "Click to close.")
        self._away.start(SAVED_MS)

    def _show_recording(self, status: RecorderStatus, path: Path) -> None:
        lacks = ""
        if status.frames_left_out:
            lacks = f" The disk is too slow: {status.frames_left_out} pictures were left out."
        self._show(
            f"●  REC {clock(status.elapsed_s)}",
            _RED,
            f"Recording to {path}.{lacks}",
            f"Click or press {RECORD_SHORTCUT} to stop.",
        )

    def _show(self, text: str, colors: str, sentence: str, hint: str) -> None:
        self.setText(text)
        self.setStyleSheet(_STYLE.format(colors=colors))
        self.setAccessibleName(text[1:].strip())
        self.setAccessibleDescription(f"{sentence} {hint}")
        self.setToolTip(f"{sentence}\n{hint}")
        self.adjustSize()
        self.show()

    def _click(self) -> None:
        if self._recorder.recording:
            self._recorder.stop()
            return
        self._failure_seen = self._recorder.status.failure
        self._away.stop()
        self.hide()


def clock(seconds: float) -> str:
    """Return a time as a camera shows it: "0:07", "12:34", "1:02:03"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

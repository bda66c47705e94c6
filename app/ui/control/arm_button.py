"""The button over the live view that arms the control and always shows whether it is armed."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QPushButton

from app.control.arming import Cause
from app.control.controller import ControlStatus
from app.control.hotkey import HOTKEY
from app.ui.cards import scaled_font
from app.ui.control.polled_control import PolledControl
from app.ui.control.wording import status_text

# On the picture, which may be light or dark: a contrast of 4.5:1 or better over anything.
_DISARMED_COLORS = "color: #ffffff; background: rgba(13, 16, 20, 205); border: 1px solid #8a93a0;"
_ARMED_COLORS = "color: #ffffff; background: #b3261e; border: 1px solid #ffffff;"
_STYLE = """
    QPushButton {{ {colors} border-radius: 10px; padding: 6px 14px; }}
    QPushButton:focus {{ border: 2px solid #6cc0f0; padding: 5px 13px; }}
"""


class ArmButton(QPushButton):
    """Shows "Disarmed" or "Armed" by a word, a sign and a color; a click changes it."""

    def __init__(self, control: PolledControl) -> None:
        super().__init__()
        self._control = control
        self.setFont(scaled_font(self.font(), 1.15, bold=True))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.clicked.connect(lambda: control.toggle(Cause.BUTTON))
        control.status_changed.connect(self.show_status)
        self.show_status(control.controller.status)

    def show_status(self, status: ControlStatus) -> None:
        """Show whether the control is armed."""
        dry = "" if self._control.controller.sends else " (dry run)"
        self.setText(f"●  Armed{dry}" if status.armed else "○  Disarmed")
        self.setStyleSheet(
            _STYLE.format(colors=_ARMED_COLORS if status.armed else _DISARMED_COLORS)
        )
        sentence = status_text(status, sends=self._control.controller.sends)
        act = "disarm" if status.armed else "arm"
        self.setAccessibleName(f"Control {'armed' if status.armed else 'disarmed'}")
        self.setAccessibleDescription(f"{sentence} Press to {act}.")
        self.setToolTip(f"{sentence}\nClick or press {HOTKEY} to {act}; Esc disarms.")
        self.adjustSize()

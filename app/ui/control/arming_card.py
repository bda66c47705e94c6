"""The card that arms the control, chooses the program that gets the keys, and sends a test key."""

from __future__ import annotations

from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QFormLayout, QPushButton

from app.control.arming import Cause
from app.control.controller import ControlStatus
from app.control.hotkey import HOTKEY
from app.control.profiles import PROFILES
from app.ui.cards import Card, role_label
from app.ui.control.entry_fields import CalmComboBox
from app.ui.control.polled_control import PolledControl
from app.ui.control.wording import action_text, status_text

COUNTDOWN_S = 3
"""Time to click on the slides before the test key is sent, in seconds."""

_TEST_TEXT = "Send &test key"


class ArmingCard(Card):
    """Arms and disarms the control, and says why it was disarmed."""

    def __init__(self, control: PolledControl) -> None:
        super().__init__("Control")
        self._control = control
        self.switch = QPushButton()
        self.state = role_label("", "muted")
        way = control.controller.sender_name
        self.way = role_label(f"Keys: {way}" if control.controller.sends else way, "muted")
        self.profile = CalmComboBox()
        self.test = QPushButton(_TEST_TEXT)
        self.result = role_label("", "muted")
        self._left_s = 0
        self._countdown = QTimer(self)
        self._countdown.setInterval(1000)
        self._countdown.timeout.connect(self._count)
        self._build()
        self.show_status(control.controller.status)

    def show_status(self, status: ControlStatus) -> None:
        """Show whether the control is armed."""
        self.switch.setText(f"{'Dis&arm' if status.armed else '&Arm'} ({HOTKEY})")
        self.state.setText(status_text(status, sends=self._control.controller.sends))

    def start_test(self) -> None:
        """Start the countdown to the test key, or cancel it."""
        if self._countdown.isActive():
            self._countdown.stop()
            self._end_test("The test key was canceled.")
            return
        self._left_s = COUNTDOWN_S
        self._show_countdown()
        self._countdown.start()

    def _count(self) -> None:
        self._left_s -= 1
        if self._left_s > 0:
            self._show_countdown()
            return
        self._countdown.stop()
        self._end_test(f"{action_text(self._control.send_test_key())}.")

    def _show_countdown(self) -> None:
        self.test.setText(f"Cancel ({self._left_s})")
        self.result.setText("Click on the slides now: they will get the key.")
        self.result.show()

    def _end_test(self, result: str) -> None:
        self.test.setText(_TEST_TEXT)
        self.result.setText(result)

    def _build(self) -> None:
        for label in (self.state, self.way, self.result):
            label.setWordWrap(True)
        self.result.hide()
        for profile in PROFILES.values():
            self.profile.addItem(profile.title, profile.name)
        self.profile.setCurrentIndex(self.profile.findData(self._control.settings.profile))
        self.profile.setAccessibleName("Program that gets the keys")
        self.profile.activated.connect(
            lambda _: self._control.set_profile(self.profile.currentData())
        )
        self.switch.clicked.connect(lambda: self._control.toggle(Cause.BUTTON))
        self.test.clicked.connect(self.start_test)
        self.test.setToolTip("Sends the key for the next slide after a short countdown")
        self._control.status_changed.connect(self.show_status)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("&Program", self.profile)
        self.body.addWidget(self.switch)
        self.body.addWidget(self.state)
        self.body.addLayout(form)
        self.body.addWidget(self.way)
        self.body.addWidget(self.test)
        self.body.addWidget(self.result)

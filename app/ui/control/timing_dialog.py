"""The dialog with the settings of all gestures: thresholds, times, and how to arm."""

from __future__ import annotations

import msgspec
from PyQt6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QVBoxLayout,
    QWidget,
)

from app.control.actions import ControlAction
from app.control.settings import ControlSettings
from app.ui.control.entry_fields import CalmComboBox, PercentField, SecondsField
from app.ui.control.polled_control import PolledControl
from models.decision import DecisionSettings

_NOBODY = "None"


class TimingDialog(QDialog):
    """Changes the settings when it is accepted."""

    def __init__(self, control: PolledControl, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control = control
        self.setWindowTitle("When gestures become keys")
        self.fire = PercentField("Fires at", None)
        self.hold = SecondsField("Must last", None)
        self.release = PercentField("Ends below", None)
        self.release_time = SecondsField("Stays below for", None)
        self.lockout = SecondsField("Ignore the way back for", None)
        self.cool_downs = {
            action: SecondsField(f"Pause after {action.caption}", None)
            for action in ControlAction
            if action is not ControlAction.NONE
        }
        self.arm_gesture = CalmComboBox()
        self.arm_hold = SecondsField("Held for", None)
        self.arm_above = PercentField("Probability of at least", None)
        self.focus_loss = QCheckBox("Disarm when another program gets the keyboard focus")
        button = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(button.Ok | button.Cancel | button.RestoreDefaults)
        self._build()
        self._show(control.decision, control.settings)

    def accept(self) -> None:
        """Apply what was entered."""
        decision, settings = self._control.decision, self._control.settings
        self._control.set_decision(
            msgspec.structs.replace(
                decision,
                fire_above=self.fire.share,
                hold_s=self.hold.seconds,
                release_below=self.release.share,
                release_s=self.release_time.seconds,
                opposite_lockout_s=self.lockout.seconds,
            )
        )
        default = ControlSettings()
        changed = msgspec.structs.replace(
            settings,
            cool_down_s={
                action: field.seconds
                for action, field in self.cool_downs.items()
                if field.seconds != default.cool_down_s_for(action)
            },
            arm_gesture=self.arm_gesture.currentData(),
            arm_hold_s=self.arm_hold.seconds,
            arm_above=self.arm_above.share,
            disarm_on_focus_loss=self.focus_loss.isChecked(),
        )
        self._control.configure(lambda _: changed)
        super().accept()

    def _show(self, decision: DecisionSettings, settings: ControlSettings) -> None:
        self.fire.setValue(round(100 * decision.fire_above))
        self.hold.setValue(decision.hold_s)
        self.release.setValue(round(100 * decision.release_below))
        self.release_time.setValue(decision.release_s)
        self.lockout.setValue(decision.opposite_lockout_s)
        for action, field in self.cool_downs.items():
            field.setValue(settings.cool_down_s_for(action))
        self.arm_gesture.setCurrentIndex(max(0, self.arm_gesture.findData(settings.arm_gesture)))
        self.arm_hold.setValue(settings.arm_hold_s)
        self.arm_above.setValue(round(100 * settings.arm_above))
        self.focus_loss.setChecked(settings.disarm_on_focus_loss)

    def _restore(self) -> None:
        """Show the defaults of the model and of the control."""
        self._show(self._control.usual_decision, ControlSettings())

    def _build(self) -> None:
        self.arm_gesture.addItem(_NOBODY, "")
        for gesture in self._control.gestures:
            self.arm_gesture.addItem(gesture, gesture)
        self.arm_gesture.setAccessibleName("Gesture that arms when held")
        self.release.setMaximum(self.fire.value())
        self.fire.valueChanged.connect(self.release.setMaximum)
        firing = _group(
            "A gesture",
            {
                "Fires at": self.fire,
                "Must last": self.hold,
                "Ends below": self.release,
                "Stays below for": self.release_time,
                "Ignore the way back for": self.lockout,
            },
        )
        arming = _group(
            "Arming",
            {
                "Gesture": self.arm_gesture,
                "Held for": self.arm_hold,
                "Probability of at least": self.arm_above,
            },
        )
        pauses = _group(
            "Pause after each action",
            {action.caption: field for action, field in self.cool_downs.items()},
        )
        left = QVBoxLayout()
        for group in (firing, arming):
            left.addWidget(group)
        left.addWidget(self.focus_loss)
        left.addStretch(1)
        columns = QHBoxLayout()
        columns.addLayout(left)
        columns.addWidget(pauses)
        layout = QVBoxLayout(self)
        layout.addLayout(columns)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        restore = self.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
        assert restore is not None  # asked for above
        restore.clicked.connect(self._restore)


def _group(title: str, fields: dict[str, QWidget]) -> QGroupBox:
    group = QGroupBox(title)
    form = QFormLayout(group)
    for name, field in fields.items():
        form.addRow(name, field)
    return group

"""The dialog with the settings of one gesture: its action, its own key and its own thresholds."""

from __future__ import annotations

from PyQt6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QKeySequenceEdit,
    QVBoxLayout,
    QWidget,
)

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.keys import KeyStroke
from app.ui.cards import role_label
from app.ui.control.entry_fields import (
    CalmComboBox,
    PercentField,
    SecondsField,
    sequence_of,
    stroke_of,
)
from app.ui.control.polled_control import PolledControl
from models.decision import GestureThresholds

_UNSET = "same as all gestures"


class GestureDialog(QDialog):
    """Changes one gesture when it is accepted."""

    def __init__(
        self,
        control: PolledControl,
        gesture: str,
        action: ControlAction | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Create the dialog with the current settings.

        Args:
            control: Whose settings are changed.
            gesture: The label.
            action: Proposed instead of the current action; None proposes that one.
            parent: The window of the dialog.
        """
        super().__init__(parent)
        self._control = control
        self._gesture = gesture
        binding = control.settings.binding_for(gesture)
        own = control.decision.gestures.get(gesture, GestureThresholds())
        self.action = CalmComboBox()
        for each in ControlAction:
            self.action.addItem(each.caption, each)
        self.action.setCurrentIndex(list(ControlAction).index(action or binding.action))
        self.key = QKeySequenceEdit()
        self.key.setMaximumSequenceLength(1)
        if binding.key:
            self.key.setKeySequence(sequence_of(KeyStroke.parse(binding.key)))
        self.threshold = PercentField("Required probability", own.fire_above, _UNSET)
        self.hold = SecondsField("Required duration", own.hold_s, _UNSET)
        self.complaint = role_label("", "muted")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self._build()
        self._follow_action()

    def accept(self) -> None:
        """Apply what was entered; a key that cannot be sent keeps the dialog open."""
        action: ControlAction = self.action.currentData()
        key = ""
        if action is ControlAction.CUSTOM:
            try:
                key = str(stroke_of(self.key.keySequence()))
            except ValueError:
                self.complaint.setText(
                    "Click the field and press the key to send, such as F7 or Ctrl+Right."
                )
                self.key.setFocus()
                return
        self._control.bind(self._gesture, Binding(action, key))
        self._control.set_thresholds(
            self._gesture, GestureThresholds(self.threshold.share, self.hold.seconds)
        )
        super().accept()

    def _build(self) -> None:
        self.setWindowTitle(self._gesture)
        self.complaint.setWordWrap(True)
        self.action.setAccessibleName(f"What {self._gesture} does")
        self.key.setAccessibleName("Own key")
        form = QFormLayout()
        form.addRow("&Does", self.action)
        form.addRow("Own &key", self.key)
        form.addRow("&Needs at least", self.threshold)
        form.addRow("Must &last", self.hold)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.complaint)
        layout.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.action.currentIndexChanged.connect(self._follow_action)
        self.setMinimumWidth(380)

    def _follow_action(self) -> None:
        self.key.setEnabled(self.action.currentData() is ControlAction.CUSTOM)

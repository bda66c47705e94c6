"""What every gesture does: one line each, editable in place."""

from __future__ import annotations

from PyQt6.QtCore import QSignalBlocker
from PyQt6.QtWidgets import QGridLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.ui.cards import Card, ElidedLabel
from app.ui.control.entry_fields import CalmComboBox
from app.ui.control.gesture_dialog import GestureDialog
from app.ui.control.polled_control import PolledControl
from app.ui.control.timing_dialog import TimingDialog
from models.decision import GestureThresholds


class BindingsCard(Card):
    """Edits the bindings of all gestures."""

    def __init__(self, control: PolledControl) -> None:
        super().__init__("What gestures do")
        self._control = control
        self.timing = QPushButton("&Times and thresholds…")
        self.timing.clicked.connect(self.open_timing)
        self.choices: dict[str, CalmComboBox] = {}
        self.details: dict[str, QToolButton] = {}
        self.body.addWidget(self.timing)
        self._lines = QWidget()
        self.body.addWidget(self._lines)
        self._build_lines()
        control.gestures_changed.connect(self._build_lines)
        control.settings_changed.connect(self._show)
        control.decision_changed.connect(self._show)

    def _build_lines(self) -> None:
        """Create a line for every gesture of the running model."""
        before, self._lines = self._lines, QWidget()
        self.body.replaceWidget(before, self._lines)
        before.deleteLater()
        self.choices, self.details = {}, {}
        grid = QGridLayout(self._lines)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, gesture in enumerate(self._control.gestures):
            self._add_line(grid, row, gesture)
        self._show()

    def open_timing(self) -> TimingDialog:
        """Open the dialog with the settings of all gestures."""
        dialog = TimingDialog(self._control, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_gesture(self, gesture: str, action: ControlAction | None = None) -> GestureDialog:
        """Open the dialog with the settings of one gesture."""
        dialog = GestureDialog(self._control, gesture, action, self.window())
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _add_line(self, grid: QGridLayout, row: int, gesture: str) -> None:
        name = ElidedLabel(gesture)
        name.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        name.setToolTip(gesture)
        choice = CalmComboBox()
        choice.setAccessibleName(f"What {gesture} does")
        choice.activated.connect(lambda index: self._choose(gesture, index))
        detail = QToolButton()
        detail.setText("…")
        detail.clicked.connect(lambda: self.open_gesture(gesture))
        for column, widget in enumerate((name, choice, detail)):
            grid.addWidget(widget, row, column)
        self.choices[gesture] = choice
        self.details[gesture] = detail

    def _choose(self, gesture: str, index: int) -> None:
        action = list(ControlAction)[index]
        if action is ControlAction.CUSTOM:
            self._show()  # nothing changes before a key is chosen
            self.open_gesture(gesture, action)
            return
        self._control.bind(gesture, Binding(action))

    def _show(self) -> None:
        """Show the current bindings; the keys depend on the profile."""
        for gesture, choice in self.choices.items():
            binding = self._control.settings.binding_for(gesture)
            with QSignalBlocker(choice):
                choice.clear()
                for action in ControlAction:
                    choice.addItem(self._entry(action, binding))
                choice.setCurrentIndex(list(ControlAction).index(binding.action))
            choice.setToolTip(choice.currentText())
            self._show_detail(gesture)

    def _entry(self, action: ControlAction, binding: Binding) -> str:
        if action is ControlAction.NONE:
            return action.caption
        if action is ControlAction.CUSTOM:
            own = binding.key if binding.action is ControlAction.CUSTOM else "…"
            return f"{action.caption} ({own})"
        stroke = self._control.settings.keys.keys.get(action)
        if stroke is not None and stroke.key.lower() == action.caption.replace(" ", "").lower():
            return action.caption  # such as "Volume up"
        return f"{action.caption} ({stroke or 'no key'})"

    def _show_detail(self, gesture: str) -> None:
        own = self._control.decision.gestures.get(gesture, GestureThresholds())
        is_own = own != GestureThresholds()
        detail = self.details[gesture]
        detail.setText("…*" if is_own else "…")
        what = "has its own thresholds" if is_own else "key and thresholds"
        detail.setToolTip(f"{gesture}: {what}")
        detail.setAccessibleName(f"More about {gesture}")

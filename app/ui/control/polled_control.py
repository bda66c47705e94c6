"""From the control, which any thread may use, to the widgets that show and change it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PyQt6.QtCore import QObject, Qt, pyqtSignal
from PyQt6.QtGui import QGuiApplication

from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.controller import Controller, ControlStatus
from app.control.hotkey import Hotkey
from app.control.settings import ControlSettings
from app.live.events import ActionEvent
from app.ui.polled import PolledObject
from models.decision import DecisionSettings, GestureThresholds
from models.spec import ModelSpec

POLL_INTERVAL_MS = 50
"""How often to look whether a gesture or a key armed or disarmed the control, in milliseconds."""


class PolledControl(PolledObject[ControlStatus]):
    """Shows the widgets what the control is doing, and changes it for them."""

    settings_changed = pyqtSignal(object)
    """The user changed the `ControlSettings`."""
    decision_changed = pyqtSignal(object)
    """The user changed the `DecisionSettings`."""

    gestures_changed = pyqtSignal()
    """Another model runs, with other `gestures`."""

    def __init__(
        self,
        controller: Controller,
        spec: ModelSpec,
        decision: DecisionSettings,
        hotkey: Hotkey | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Create it at rest.

        Args:
            controller: The control.
            spec: The model whose gestures are bound.
            decision: The current rules by which a probability becomes a gesture.
            hotkey: Arms and disarms while another program has the keyboard; closed by `close`.
            parent: Deletes this object along with itself.
        """
        super().__init__(controller.status, POLL_INTERVAL_MS, parent)
        self.controller = controller
        self.gestures = tuple(name for name in spec.labels if name not in spec.silent_labels)
        self.usual_decision = spec.decision
        self._decision = decision
        self._hotkey = hotkey
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self._note_state)
            self._note_state(application.applicationState())

    def show_model(self, spec: ModelSpec, decision: DecisionSettings) -> None:
        """Bind the gestures of another model, which already uses `decision`."""
        gestures = tuple(name for name in spec.labels if name not in spec.silent_labels)
        self.usual_decision, self._decision = spec.decision, decision
        if gestures != self.gestures:
            self.gestures = gestures
        self.gestures_changed.emit()

    @property
    def settings(self) -> ControlSettings:
        """The user's settings of the control."""
        return self.controller.settings

    @property
    def decision(self) -> DecisionSettings:
        """The current rules by which a probability becomes a gesture."""
        return self._decision

    def poll(self) -> None:
        """Follow the hotkey, and emit what changed."""
        if self._hotkey is not None and self._hotkey.pressed():
            self.controller.toggle(Cause.HOTKEY)
        super().poll()

    def toggle(self, cause: Cause) -> None:
        """Arm or disarm."""
        self.controller.toggle(cause)
        self.poll()

    def disarm(self, cause: Cause) -> None:
        """Disarm."""
        self.controller.disarm(cause)
        self.poll()

    def send_test_key(self) -> ActionEvent:
        """Send the key for the next slide and return what became of it."""
        event = self.controller.send_test_key()
        self.poll()
        return event

    def configure(self, change: Callable[[ControlSettings], ControlSettings]) -> None:
        """Change the settings of the control."""
        settings = change(self.settings)
        if settings != self.settings:
            self.controller.configure(settings)
            self.settings_changed.emit(settings)

    def set_profile(self, name: str) -> None:
        """Send the keys of another program."""
        self.configure(lambda settings: msgspec.structs.replace(settings, profile=name))

    def bind(self, gesture: str, binding: Binding) -> None:
        """Bind a gesture to another action."""
        self.configure(
            lambda settings: msgspec.structs.replace(
                settings, bindings=settings.bindings | {gesture: binding}
            )
        )

    def set_thresholds(self, gesture: str, thresholds: GestureThresholds) -> None:
        """Give a gesture its own thresholds; empty ones remove them."""
        gestures = {name: own for name, own in self._decision.gestures.items() if name != gesture}
        if thresholds != GestureThresholds():
            gestures[gesture] = thresholds
        self.set_decision(msgspec.structs.replace(self._decision, gestures=gestures))

    def set_decision(self, decision: DecisionSettings) -> None:
        """Use other rules by which a probability becomes a gesture."""
        if decision != self._decision:
            self._decision = decision
            self.decision_changed.emit(decision)

    def action_of(self, gesture: str) -> str:
        """Return what a gesture does now, in a few words."""
        if gesture == self.settings.arm_gesture:
            return "arms and disarms when held"
        binding = self.settings.binding_for(gesture)
        caption = binding.action.caption
        stroke = binding.key or self.settings.keys.keys.get(binding.action)
        return f"{caption} ({stroke})" if stroke else caption

    def close(self) -> None:
        """Stop polling, and release the hotkey."""
        super().close()
        if self._hotkey is not None:
            self._hotkey.close()

    def _read(self) -> ControlStatus:
        return self.controller.status

    def _note_state(self, state: Qt.ApplicationState) -> None:
        self.controller.set_active(state == Qt.ApplicationState.ApplicationActive)
        self.poll()

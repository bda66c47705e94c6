"""Entry fields with units, and a combo box that ignores the mouse wheel."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QSpinBox

from app.control.keys import KeyStroke

LONGEST_S = 60.0
"""The longest time that can be entered, in seconds."""

# Qt's names of keys, where ours differ.
_QT_NAMES = {
    "PgDown": "PageDown",
    "PgUp": "PageUp",
    "Return": "Enter",
    "Del": "Delete",
    "Volume Up": "VolumeUp",
    "Volume Down": "VolumeDown",
    "Volume Mute": "VolumeMute",
}


def stroke_of(sequence: QKeySequence) -> KeyStroke:
    """Return the key that was pressed in a key field.

    Raises:
        ValueError: The key cannot be sent; one sentence.
    """
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    *held, key = text.split("+")
    return KeyStroke.parse("+".join((*held, _QT_NAMES.get(key, key))))


def sequence_of(stroke: KeyStroke) -> QKeySequence:
    """Return a key as Qt's key sequence."""
    ours = {ours: qt for qt, ours in _QT_NAMES.items()}
    text = "+".join((*stroke.modifiers, ours.get(stroke.key, stroke.key)))
    return QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)


class CalmComboBox(QComboBox):
    """A combo box that keeps its choice when the page under the mouse is scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A long entry widens the list, not the window.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Leave the wheel to the page."""
        if event is not None:
            event.ignore()


class SecondsField(QDoubleSpinBox):
    """A time in seconds."""

    def __init__(self, name: str, value: float | None, unset: str = "") -> None:
        """Create the field.

        Args:
            name: Accessible name, without the unit.
            value: The time in seconds; None shows `unset`.
            unset: Text that stands for no value; empty if there must be one.
        """
        super().__init__()
        self._may_be_unset = bool(unset)
        self.setDecimals(2)
        self.setSingleStep(0.05)
        self.setRange(-0.05 if unset else 0.0, LONGEST_S)
        self.setSpecialValueText(unset)
        self.setSuffix(" s")
        self.setAccessibleName(f"{name}, in seconds")
        self.setValue(self.minimum() if value is None else value)

    @property
    def seconds(self) -> float | None:
        """The time in seconds; None if it is unset."""
        return None if self._may_be_unset and self.value() < 0 else round(self.value(), 2)


class PercentField(QSpinBox):
    """A probability in percent."""

    def __init__(self, name: str, value: float | None, unset: str = "") -> None:
        """Create the field.

        Args:
            name: Accessible name, without the unit.
            value: The probability, 0 to 1; None shows `unset`.
            unset: Text that stands for no value; empty if there must be one.
        """
        super().__init__()
        self._may_be_unset = bool(unset)
        self.setRange(0 if unset else 1, 100)
        self.setSpecialValueText(unset)
        self.setSuffix(" %")
        self.setAccessibleName(f"{name}, in percent")
        self.setValue(0 if value is None else round(100 * value))

    @property
    def share(self) -> float | None:
        """The probability, 0 to 1; None if it is unset."""
        return None if self._may_be_unset and self.value() == 0 else self.value() / 100

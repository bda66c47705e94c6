"""Entry fields of the control, with their units, and a box that keeps its choice from the wheel."""

from __future__ import annotations

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence, QWheelEvent
from PyQt6.QtWidgets import QComboBox, QDoubleSpinBox, QSizePolicy, QSpinBox

from app.control.keys import KeyStroke

LONGEST_S = 60.0

# Qt's names for keys, where they are not ours.
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
    """Return the key that somebody pressed in a field for keys.

    Raises:
        ValueError: It is none that can be sent; one sentence.
    """
    text = sequence.toString(QKeySequence.SequenceFormat.PortableText)
    *held, key = text.split("+")
    return KeyStroke.parse("+".join((*held, _QT_NAMES.get(key, key))))


def sequence_of(stroke: KeyStroke) -> QKeySequence:
    """Return a key as Qt writes it."""
    ours = {ours: qt for qt, ours in _QT_NAMES.items()}
    text = "+".join((*stroke.modifiers, ours.get(stroke.key, stroke.key)))
    return QKeySequence.fromString(text, QKeySequence.SequenceFormat.PortableText)


class CalmComboBox(QComboBox):
    """A box to choose from that does not change when the page under the mouse is scrolled."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A long entry makes the list wide, and not the window.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def wheelEvent(self, event: QWheelEvent | None) -> None:
        """Let the page have it."""
        if event is not None:
            event.ignore()


class SecondsField(QDoubleSpinBox):
    """A time in seconds."""

    def __init__(self, name: str, value: float | None, unset: str = "") -> None:
        """Create the field.

        Args:
            name: What it is, for those who cannot see it.
            value: The time in seconds; None if `unset` holds.
            unset: What stands below zero for "no value of its own"; empty if there must be one.
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
        """The time in seconds; None if it has no value of its own."""
        return None if self._may_be_unset and self.value() < 0 else round(self.value(), 2)


class PercentField(QSpinBox):
    """A probability in percent."""

    def __init__(self, name: str, value: float | None, unset: str = "") -> None:
        """Create the field.

        Args:
            name: What it is, for those who cannot see it.
            value: The probability, 0 to 1; None if `unset` holds.
            unset: What stands at zero for "no value of its own"; empty if there must be one.
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
        """The probability, 0 to 1; None if it has no value of its own."""
        return None if self._may_be_unset and self.value() == 0 else self.value() / 100

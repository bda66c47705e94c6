"""Cards, the panels that the window consists of, and their labels."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout


class Card(QFrame):
    """A panel with a title, a muted remark on its right, and widgets in its `body`."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self.remark = role_label("", "muted")
        self.heading = QHBoxLayout()
        self.heading.addWidget(role_label(title, "title"))
        self.heading.addStretch(1)
        self.heading.addWidget(self.remark)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(14, 10, 14, 12)
        self.body.setSpacing(8)
        self.body.addLayout(self.heading)


def role_label(text: str, role: str) -> QLabel:
    """Return a label in one of the roles of the theme's style sheet: "title" or "muted"."""
    label = QLabel(text)
    label.setProperty("role", role)
    return label


def scaled_font(base: QFont, factor: float, *, bold: bool = False) -> QFont:
    """Return `base` made `factor` times as large: everything follows the system's text size."""
    font = QFont(base)
    if base.pointSizeF() > 0:
        font.setPointSizeF(base.pointSizeF() * factor)
    else:
        font.setPixelSize(max(1, round(base.pixelSize() * factor)))
    if bold:
        font.setWeight(QFont.Weight.DemiBold)
    return font


class ElidedLabel(QLabel):
    """A one-line label that ends in "…" where its text does not fit.

    A plain QLabel would either be cut off in the middle of a letter or widen the window.
    """

    def __init__(
        self, text: str = "", *, least_letters: int = 6, most_letters: int | None = None
    ) -> None:
        """Create the label, as wide as its text at most.

        Args:
            text: What to show.
            least_letters: How many letters of average width always fit; where room is short, a
                layout shortens other labels first.
            most_letters: For how many letters it asks; it takes more where nobody else needs the
                room. None for all of them.
        """
        super().__init__(text)
        self._least_letters = least_letters
        self._most_letters = most_letters
        self.setTextFormat(Qt.TextFormat.PlainText)
        asks = QSizePolicy.Policy.Maximum if most_letters is None else QSizePolicy.Policy.Preferred
        self.setSizePolicy(asks, QSizePolicy.Policy.Preferred)

    def setText(self, text: str | None) -> None:
        super().setText(text)
        if self._most_letters is not None:
            self.setMaximumWidth(super().sizeHint().width())

    def sizeHint(self) -> QSize:
        """Return room for the whole text, or for as much of it as the label asks for."""
        hint = super().sizeHint()
        if self._most_letters is None:
            return hint
        return QSize(min(hint.width(), self._width_of(self._most_letters)), hint.height())

    def minimumSizeHint(self) -> QSize:
        """Return room for the letters that always fit, or for a shorter text."""
        hint = self.sizeHint()
        return QSize(min(self._width_of(self._least_letters), hint.width()), hint.height())

    def shown_text(self) -> str:
        """Return the text as it fits now."""
        return self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(self.contentsRect(), self.alignment(), self.shown_text())

    def _width_of(self, letters: int) -> int:
        return self.fontMetrics().averageCharWidth() * letters

"""The live meter: how sure the model is of its best guess, and why it fires or not."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from app.control.controller import ControlStatus
from app.ui.cards import Card, ElidedLabel, role_label, scaled_font
from app.ui.control.wording import action_text, verdict_text
from app.ui.formatting import UNKNOWN, percent
from app.ui.theme import Theme
from models.decision import Outcome, Verdict

LINES = 4
"""How many gestures are listed, newest first."""

_NOTHING_YET = "What your gestures did is listed here."


class MeterCard(Card):
    """A bar for the most probable label with a mark at its threshold, and the last actions."""

    def __init__(self) -> None:
        super().__init__("Why a gesture fires, or not")
        self.label = ElidedLabel(UNKNOWN)
        self.label.setFont(scaled_font(self.font(), 1.15, bold=True))
        self.figure = QLabel(UNKNOWN)
        self.bar = ThresholdBar()
        self.reason = role_label("", "muted")
        self.reason.setWordWrap(True)
        # Always two lines, so that nothing below jumps.
        self.reason.setMinimumHeight(2 * self.reason.fontMetrics().lineSpacing())
        self.reason.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.lines = [ElidedLabel(_NOTHING_YET if n == 0 else "") for n in range(LINES)]
        self._build()

    def show_verdict(self, verdict: Verdict) -> None:
        """Show the newest verdict."""
        self.label.setText(verdict.label)
        self.figure.setText(percent(verdict.confidence))
        self.reason.setText(verdict_text(verdict))
        self.bar.show_verdict(verdict)
        self.bar.setAccessibleDescription(
            f"{verdict.label} {percent(verdict.confidence)}. {self.reason.text()}"
        )

    def show_status(self, status: ControlStatus) -> None:
        """Show what became of the newest gestures."""
        if not status.history:
            return
        newest = status.history[: -LINES - 1 : -1]
        for line, event in zip(self.lines, newest, strict=False):
            text = action_text(event)
            line.setText(text)
            line.setToolTip(text)

    def _build(self) -> None:
        heading = QHBoxLayout()
        heading.addWidget(self.label)
        heading.addStretch(1)
        heading.addWidget(self.figure)
        self.body.setSpacing(4)
        self.body.addLayout(heading)
        self.body.addWidget(self.bar)
        self.body.addWidget(self.reason)
        for line in self.lines:
            line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self.body.addWidget(line)


class ThresholdBar(QWidget):
    """A probability as a bar, with a mark at the threshold."""

    def __init__(self) -> None:
        super().__init__()
        self._verdict: Verdict | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Confidence against its threshold")

    def show_verdict(self, verdict: Verdict) -> None:
        """Show a newer verdict."""
        self._verdict = verdict
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 18)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        track = QRectF(0, 4, self.width(), self.height() - 8)
        painter.setBrush(QColor(theme.track))
        painter.drawRoundedRect(track, 5, 5)
        verdict = self._verdict
        if verdict is None:
            return
        bar = QRectF(track)
        bar.setWidth(max(6.0, track.width() * min(1.0, verdict.confidence)))
        painter.setBrush(QColor(_bar_color(verdict, theme)))
        painter.drawRoundedRect(bar, 5, 5)
        if verdict.outcome is not Outcome.SILENT:
            mark = QRectF(track.width() * verdict.threshold - 1.5, 0, 3, self.height())
            painter.setBrush(QColor(theme.text))
            painter.drawRoundedRect(mark, 1.5, 1.5)


def _bar_color(verdict: Verdict, theme: Theme) -> str:
    """Return a color that says how close a verdict is to firing: far, held back or close."""
    if verdict.outcome in (Outcome.SILENT, Outcome.LOW):
        return theme.skip
    if verdict.outcome in (Outcome.UNRELEASED, Outcome.RETURNING):
        return theme.reuse_late
    return theme.keep

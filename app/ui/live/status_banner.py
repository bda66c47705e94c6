"""The banner over the live view that says why the picture has stopped, or what is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import QRect, QRectF, Qt
from PyQt6.QtGui import QFont, QPainter, QPaintEvent
from PyQt6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.cards import scaled_font
from app.ui.live.prediction_overlay import PLATE

HEADLINES = {
    PipelineState.STARTING: "Opening the source…",
    PipelineState.RECONNECTING: "Camera lost, reconnecting…",
    PipelineState.ENDED: "End of file",
    PipelineState.FAILED: "Stopped",
}
"""The headline in each state; in the others there is no banner, unless there is a message."""

TROUBLE = "Check the camera"
"""The headline if frames arrive, but something is wrong with them."""

_MARGIN = 24


class StatusBanner(QWidget):
    """A plate with a headline and, if there is more to say, one sentence below it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._headline = self._line(scaled_font(self.font(), 1.35, bold=True), "#ffffff")
        self._detail = self._line(scaled_font(self.font(), 1.0), "#ccd2da")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 14, _MARGIN, 14)
        layout.setSpacing(4)
        layout.addWidget(self._headline)
        layout.addWidget(self._detail)
        self._status = ("", "")
        self._notice = ("", "")
        self._warning = ("", "")
        self.hide()

    @property
    def text(self) -> str:
        """Everything on the plate; empty while it is hidden."""
        if self.isHidden():
            return ""
        return "\n".join(line.text() for line in (self._headline, self._detail) if line.text())

    def show_status(self, status: PipelineStatus) -> None:
        """Show what the user should know about `status`, or nothing while all is well."""
        headline = HEADLINES.get(status.state, TROUBLE if status.message else "")
        self._status = (headline, "" if status.message == headline else status.message)
        self._refresh()

    def show_notice(self, headline: str, detail: str = "") -> None:
        """Show a notice instead of anything else; an empty headline removes it."""
        self._notice = (headline, detail)
        self._refresh()

    def show_warning(self, headline: str, detail: str = "") -> None:
        """Show a warning while there is nothing else to show; an empty headline removes it."""
        self._warning = (headline, detail)
        self._refresh()

    def _refresh(self) -> None:
        texts = (self._notice, self._status, self._warning)
        headline, detail = next((text for text in texts if text[0]), ("", ""))
        self._headline.setText(headline)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail))
        self.setAccessibleName(" ".join((headline, detail)).strip())
        self.setVisible(bool(headline))

    def fit_into(self, area: QRectF, *, in_the_middle: bool, corners: Sequence[QRect] = ()) -> None:
        """Move to the middle of `area`, or to its top, clear of `corners`."""
        room = max(120, round(area.width() - 32))
        # Wrapping labels alone would make a narrow, tall plate.
        widest = max(
            line.fontMetrics().horizontalAdvance(line.text())
            for line in (self._headline, self._detail)
        )
        width = min(room, widest + 2 * _MARGIN + 4, 560)
        height = self.layout_height(width)
        left = round(area.center().x() - width / 2)
        top = area.center().y() - height / 2 if in_the_middle else area.top() + 16
        place = QRect(left, round(top), width, height)
        for corner in corners:
            if place.adjusted(-12, 0, 12, 0).intersects(corner):
                place.moveTop(corner.bottom() + 10)
        self.setGeometry(place)

    def layout_height(self, width: int) -> int:
        """Return the height in pixels that the text needs at `width` pixels."""
        layout = self.layout()
        if layout is None:
            return 0
        needed = layout.heightForWidth(width)
        return needed if needed > 0 else layout.sizeHint().height()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(PLATE)
        painter.drawRoundedRect(QRectF(self.rect()), 12, 12)

    def _line(self, font: QFont, color: str) -> QLabel:
        label = QLabel(self)
        label.setFont(font)
        label.setStyleSheet(f"color: {color};")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        return label

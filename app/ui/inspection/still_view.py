"""One moment of a recording: the picture and the ranking of the labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import QRectF, QSize, QSizeF, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import QSizePolicy, QWidget

from app.live.recognizer import RANKING_LENGTH
from app.live.snapshot import Prediction
from app.ui.formatting import percent
from app.ui.image_drawing import draw_image, fitted
from app.ui.theme import Theme

NO_PICTURE = "There is no picture of this moment."
_GAP = 8


class StillView(QWidget):
    """Shows one frame with its aspect ratio."""

    def __init__(self) -> None:
        super().__init__()
        self._image: NDArray[np.uint8] | None = None
        self._mirrored = True
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture at this moment")

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """The frame on show, BGR; None if there is none."""
        return self._image

    def show_image(self, image: NDArray[np.uint8] | None) -> None:
        """Show a BGR frame, or that there is none."""
        self._image = image
        self.update()

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the frame, or not."""
        self._mirrored = mirrored
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(640, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(280, 200)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        area = QRectF(self.rect())
        painter.fillRect(area, QColor(theme.track))
        if self._image is None:
            painter.setPen(QColor(theme.muted))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, NO_PICTURE)
            return
        height, width = self._image.shape[:2]
        rect = fitted(QSizeF(width, height), area)
        draw_image(painter, rect, self._image, mirrored=self._mirrored)


class RankingView(QWidget):
    """The most probable labels with their probabilities, as bars."""

    def __init__(self) -> None:
        super().__init__()
        self._ranking: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Ranking of the labels")

    @property
    def ranking(self) -> tuple[tuple[str, float], ...]:
        """Labels and probabilities on show, most probable first."""
        return self._ranking

    def show_prediction(self, prediction: Prediction | None) -> None:
        """Show a prediction, or none."""
        self._ranking = () if prediction is None else prediction.ranking
        self.setAccessibleDescription(
            ", ".join(f"{label} {percent(share)}" for label, share in self._ranking)
        )
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(380, RANKING_LENGTH * self._line_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        metrics, height = painter.fontMetrics(), self._line_height()
        figure_width = metrics.horizontalAdvance("100%")
        label_width = (self.width() - figure_width - 2 * _GAP) // 2
        left = label_width + _GAP
        room = self.width() - left - _GAP - figure_width
        for line, (label, share) in enumerate(self._ranking):
            top = line * height
            painter.setPen(QColor(theme.text if line == 0 else theme.muted))
            text = metrics.elidedText(label, Qt.TextElideMode.ElideRight, label_width)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, label_width, height), middle, text)
            bar = QRectF(left, top + height / 2 - 4, room, 8)
            painter.fillRect(bar, QColor(theme.track))
            bar.setWidth(room * min(1.0, share))
            painter.fillRect(bar, QColor(theme.keep))
            area = QRectF(self.width() - figure_width, top, figure_width, height)
            painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, percent(share))

    def _line_height(self) -> int:
        return self.fontMetrics().height() + 4

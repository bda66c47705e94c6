"""The last page of a lesson: the figure before it is used, and what can still be chosen."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.cards import role_label, scaled_font
from app.ui.control.entry_fields import CalmComboBox
from models.personal.calibration import FALSE_PER_MIN
from models.personal.figure import HonestFigure

RATES = {
    0.5: "1 in 2 minutes",
    FALSE_PER_MIN: "1 in 10 minutes",
    1 / 30: "1 in 30 minutes",
    1 / 60: "1 in an hour",
}
"""False activations a minute that can be chosen, for people."""


class ResultPage(QWidget):
    """Shows the fit, then what it is worth."""

    rate_chosen = pyqtSignal(float)
    """Fit again for this many false activations a minute."""
    use_pressed = pyqtSignal(bool)
    """Use the set; whether the features of the takes are kept."""
    more_pressed = pyqtSignal()
    """Go back to the takes."""

    def __init__(self) -> None:
        super().__init__()
        self.headline = QLabel()
        self.headline.setFont(scaled_font(self.font(), 1.5, bold=True))
        self.progress = QProgressBar()
        self.figure = QLabel()
        self.rate = CalmComboBox()
        self.keep = QCheckBox("&Keep what was taken, so that it can be corrected")
        self.use = QPushButton("&Use these gestures")
        self.more = QPushButton("Back to the &takes")
        self._build()

    @property
    def false_per_min(self) -> float:
        """False activations a minute that the person accepts."""
        return float(self.rate.currentData())

    def show_progress(self, fraction: float | None) -> None:
        """Show that the set is being fitted."""
        self.headline.setText("Learning…")
        self.progress.show()
        self.progress.setRange(0, 0 if fraction is None else 100)
        self.progress.setValue(round(100 * (fraction or 0)))
        self.figure.setText("")
        self._enable(False)

    def show_figure(self, figure: HonestFigure) -> None:
        """Show what the set is worth, judged by takes that it was not fitted to."""
        self.headline.setText(f"{figure.right} of {figure.judged} takes would be right")
        self.progress.hide()
        self.figure.setText("\n\n".join(figure.sentences()))
        self._enable(True)
        self.use.setDefault(True)
        self.use.setFocus()

    def show_failure(self, sentence: str) -> None:
        """Show why there is no set."""
        self.headline.setText("Nothing was learned")
        self.progress.hide()
        self.figure.setText(sentence)
        self._enable(True)
        self.use.setEnabled(False)
        self.more.setFocus()

    def _enable(self, enabled: bool) -> None:
        for widget in (self.use, self.rate, self.more, self.keep):
            widget.setEnabled(enabled)

    def _build(self) -> None:
        for rate, text in RATES.items():
            self.rate.addItem(text, rate)
        self.rate.setCurrentIndex(list(RATES).index(FALSE_PER_MIN))
        self.rate.setAccessibleName("False activations that you accept")
        self.rate.activated.connect(lambda _: self.rate_chosen.emit(self.false_per_min))
        self.figure.setWordWrap(True)
        self.figure.setTextFormat(Qt.TextFormat.PlainText)
        self.figure.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.use.clicked.connect(lambda: self.use_pressed.emit(self.keep.isChecked()))
        self.more.clicked.connect(self.more_pressed)
        self.more.setAutoDefault(False)
        scroll = QScrollArea()
        scroll.setWidget(self.figure)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        form = QFormLayout()
        form.addRow("&False activations that you accept", self.rate)
        form.addRow(self.keep)
        form.addRow(
            role_label("Features, not pictures, are what is kept. Without it, none.", "muted")
        )
        buttons = QHBoxLayout()
        buttons.addWidget(self.more)
        buttons.addStretch(1)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.headline)
        layout.addWidget(self.progress)
        layout.addWidget(scroll, 1)
        layout.addLayout(form)
        layout.addLayout(buttons)

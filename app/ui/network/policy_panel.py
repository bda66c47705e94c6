"""What the policy networks decided, overall and block by block."""

from __future__ import annotations

from PyQt6.QtCore import QRectF, QSize, Qt
from PyQt6.QtGui import QColor, QPainter, QPaintEvent
from PyQt6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStackedLayout,
    QWidget,
)

from app.inspection.channel_state import COUNTED_STATES, ChannelState
from app.live.snapshot import Snapshot
from app.ui.cards import Card, role_label, scaled_font
from app.ui.formatting import UNKNOWN, percent
from app.ui.network.policy_bars import (
    SMALLEST_ROW,
    PolicyBars,
    draw_stacked_bar,
    state_counts,
)
from app.ui.theme import Theme

DENSE_TEXT = "This model has no policy networks:\nit computes every channel of every frame."
WAITING_TEXT = "One bar per fused block appears here\nwith the first prediction."


class PolicyPanel(Card):
    """Keep, reuse and skip: three figures, a bar for the network, a bar for every fused block."""

    def __init__(self, *, dense_model: bool) -> None:
        """Create the panel.

        Args:
            dense_model: The model has no policy networks, and so no bars.
        """
        super().__init__("Channels")
        self.figures = {name: _Figure(name) for name in ("Keep", "Reuse", "Skip")}
        self.total = TotalBar()
        self.bars = PolicyBars()
        self.note = role_label(DENSE_TEXT if dense_model else WAITING_TEXT, "muted")
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._build()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show the newest step."""
        trace = snapshot.prediction.trace
        for figure, share in zip(self.figures.values(), trace.shares(), strict=True):
            figure.show_share(share)
        counts = [sum(states) for states in zip(*map(state_counts, trace.blocks), strict=True)]
        self.total.show_counts(counts or [1, 0, 0, 0])
        self.bars.show_blocks(trace.blocks)
        channels = sum(block.channels for block in trace.blocks)
        self.remark.setText(f"{channels:,} in {len(trace.blocks)} blocks" if trace.blocks else "")
        if not trace.blocks:
            self.note.setText(DENSE_TEXT)
        self._pages.setCurrentIndex(0 if trace.blocks else 1)

    def show_model(self, *, dense_model: bool) -> None:
        """Wait for the first step of another model."""
        for figure in self.figures.values():
            figure.value.setText(UNKNOWN)
        self.total.show_counts([])
        self.bars.show_blocks(())
        self.remark.setText("")
        self.note.setText(DENSE_TEXT if dense_model else WAITING_TEXT)
        self._pages.setCurrentIndex(1)

    def _build(self) -> None:
        figures = QHBoxLayout()
        figures.setSpacing(4)
        for figure in self.figures.values():
            figures.addWidget(figure, 1)
        self._pages.addWidget(_BarsArea(self.bars))
        self._pages.addWidget(self.note)
        self._pages.setCurrentIndex(1)
        self.body.addLayout(figures)
        self.body.addWidget(self.total)
        self.body.addWidget(Legend())
        self.body.addLayout(self._pages, 1)


class _BarsArea(QScrollArea):
    """Scrolls the bars where a network has more blocks than fit."""

    def __init__(self, bars: PolicyBars) -> None:
        super().__init__()
        self._bars = bars
        self.setWidget(bars)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bars.parentWidget().setAutoFillBackground(False)  # type: ignore[union-attr]
        bars.setAutoFillBackground(False)

    def sizeHint(self) -> QSize:
        return self._bars.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the size at which the bars of a ResNet-18 fit without scrolling."""
        return QSize(self._bars.minimumSizeHint().width(), SMALLEST_ROW * 8)


class _Figure(QWidget):
    """A share of all channels, in percent, with its name."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.value = QLabel(UNKNOWN)
        self.value.setFont(scaled_font(self.font(), 1.8, bold=True))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.value, 0, Qt.AlignmentFlag.AlignBaseline)
        layout.addWidget(role_label(name.lower(), "muted"), 0, Qt.AlignmentFlag.AlignBaseline)
        layout.addStretch(1)

    def show_share(self, share: float) -> None:
        """Show a fraction, 0 to 1."""
        self.value.setText(percent(share))
        self.setAccessibleName(f"{self._name} {percent(share)}")


class TotalBar(QWidget):
    """The whole network's channels as one stacked bar."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: list[int] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Keep, reuse and skip of the whole network")

    def show_counts(self, counts: list[int]) -> None:
        """Show the channels in each of `COUNTED_STATES`; empty for none yet."""
        self._counts = counts
        self.update()
        if not counts:
            self.setToolTip("")
            return
        total = max(1, sum(counts))
        self.setToolTip(
            "\n".join(
                f"{state.words.capitalize()}: {percent(count / total)}"
                for state, count in zip(COUNTED_STATES, counts, strict=True)
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(380, 18)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        theme = Theme.of(self)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar = QRectF(self.rect())
        if self._counts:
            draw_stacked_bar(painter, bar, self._counts, theme)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.track))
            painter.drawRoundedRect(bar, 3, 3)


class Legend(QWidget):
    """The colors of the states and their names."""

    def __init__(self) -> None:
        super().__init__()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 2)
        layout.setSpacing(5)
        for state in COUNTED_STATES:
            layout.addWidget(_Swatch(state))
            layout.addWidget(role_label(state.words.capitalize(), "muted"))
            layout.addSpacing(5)
        layout.addStretch(1)


class _Swatch(QWidget):
    """A small square in the color of a state."""

    def __init__(self, state: ChannelState) -> None:
        super().__init__()
        self._state = state
        self.setFixedSize(11, 11)

    def paintEvent(self, event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Theme.of(self).state_color(self._state))
        painter.drawRoundedRect(self.rect(), 3, 3)

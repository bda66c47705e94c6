"""The status line: where frames come from, and what runs."""

from __future__ import annotations

from PyQt6.QtWidgets import QLabel, QStatusBar

from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import Snapshot
from app.teaching.names import UNNAMED, shown_name
from app.ui.cards import ElidedLabel
from app.ui.formatting import UNKNOWN


class StatusLine(QStatusBar):
    """Source and frame rate on the left; what runs, step time and dropped frames on the right.

    Attributes:
        person: Whose gestures run; hidden for the model's own.
    """

    def __init__(
        self, model_name: str, engine_name: str, engine_reason: str, person: str | None = None
    ) -> None:
        """Create the line.

        Args:
            model_name: Name of the model.
            engine_name: Name of the engine.
            engine_reason: Why this engine, as one sentence.
            person: Whose gestures run; None for the model's own.
        """
        super().__init__()
        self.setSizeGripEnabled(False)
        self.setContentsMargins(8, 0, 8, 0)
        # Where room is short, the model's long name and, before that, the engine's reason are
        # shortened.
        self.source = ElidedLabel(UNKNOWN, least_letters=28)
        self.rate = QLabel()
        self.person = ElidedLabel(least_letters=20)
        self.model = ElidedLabel(least_letters=14)
        self.engine = ElidedLabel(least_letters=14, most_letters=80)
        self.step = QLabel()
        self.dropped = QLabel()
        self._build()
        self.show_model(model_name, engine_name, engine_reason, person)

    def show_model(
        self, model_name: str, engine_name: str, engine_reason: str, person: str | None = None
    ) -> None:
        """Show another model, its engine and whose gestures run; see the constructor."""
        reason = engine_reason.rstrip(".")
        self.person.setVisible(person is not None)
        whose = "" if person is None else f"Gestures of {shown_name(person) or UNNAMED}"
        self.person.setText(whose)
        self.model.setText(f"Model {model_name}")
        self.engine.setText(
            f"Engine {engine_name}: {reason}" if reason else f"Engine {engine_name}"
        )
        for label in (self.person, self.model, self.engine):
            label.setToolTip(label.text())
        self._show_step(None, None)

    def show_status(self, status: PipelineStatus) -> None:
        """Show the source and its frame rate."""
        self.source.setText(status.source_name or "Opening…")
        self.source.setToolTip(self.source.text())
        running = status.state is PipelineState.RUNNING and status.fps is not None
        self.rate.setText(f"{status.fps:.1f} fps" if running else f"{UNKNOWN} fps")

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show how long the newest step took."""
        self._show_step(snapshot.prediction.step_ms, snapshot.dropped)

    def _show_step(self, step_ms: float | None, dropped: int | None) -> None:
        self.step.setText(f"Step {UNKNOWN if step_ms is None else f'{step_ms:.1f}'} ms")
        self.dropped.setText(f"Dropped {UNKNOWN if dropped is None else dropped}")

    def _build(self) -> None:
        self.rate.setToolTip("Frames per second from the source")
        self.step.setToolTip("Time that the engine took for the newest frame")
        self.dropped.setToolTip("Frames skipped because the engine was still busy")
        # Room for the largest usual figure, so that the neighbors do not move.
        for label, widest in (
            (self.rate, "00.0 fps"),
            (self.step, "Step 000.0 ms"),
            (self.dropped, "Dropped 000"),
        ):
            label.setMinimumWidth(label.fontMetrics().horizontalAdvance(widest) + 14)
        left, right = (
            (self.source, self.rate),
            (self.person, self.model, self.engine, self.step, self.dropped),
        )
        for label in (*left, *right):
            label.setContentsMargins(6, 3, 6, 3)
        for label in left:
            self.addWidget(label)
        for label in right:
            self.addPermanentWidget(label, 1 if label is self.engine else 0)

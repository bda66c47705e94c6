"""What a run saved, since its start."""

from __future__ import annotations

from dataclasses import dataclass

from models.trace import StepTrace


@dataclass(frozen=True)
class RunTotals:
    """Sums over all steps of a run.

    Attributes:
        steps: How many there were.
        multiply_adds: What they executed, policy networks included.
        dense_multiply_adds: What they would have with every channel kept.
        step_ms: How long they took, in milliseconds.
    """

    steps: int = 0
    multiply_adds: int = 0
    dense_multiply_adds: int = 0
    step_ms: float = 0.0

    @property
    def saved_multiply_adds(self) -> int:
        """Operations that were saved; negative if there were more."""
        return self.dense_multiply_adds - self.multiply_adds

    def saved_ms(self, dense_step_ms: float) -> float:
        """Return the milliseconds that were saved against steps that take so long."""
        return self.steps * dense_step_ms - self.step_ms

    def plus(self, trace: StepTrace, step_ms: float) -> RunTotals:
        """Return the sums with one more step."""
        return RunTotals(
            self.steps + 1,
            self.multiply_adds + trace.multiply_adds,
            self.dense_multiply_adds + trace.dense_multiply_adds,
            self.step_ms + step_ms,
        )

"""What a run saved, since its start."""

from __future__ import annotations

from dataclasses import dataclass

from models.trace import StepTrace


@dataclass(frozen=True)
class RunTotals:
    """Sums over all steps of a run.

    Attributes:
        steps: Steps of the run.
        multiply_adds: Operations that were executed, policy networks included.
        dense_multiply_adds: Operations with every channel kept.
        step_ms: Time of all steps, in milliseconds.
    """

    steps: int = 0
    multiply_adds: int = 0
    dense_multiply_adds: int = 0
    step_ms: float = 0.0

    @property
    def saved_multiply_adds(self) -> int:
        """Operations that were saved; negative if the run executed more."""
        return self.dense_multiply_adds - self.multiply_adds

    def saved_ms(self, dense_step_ms: float) -> float:
        """Return the milliseconds saved against dense steps of `dense_step_ms` each."""
        return self.steps * dense_step_ms - self.step_ms

    def plus(self, trace: StepTrace, step_ms: float) -> RunTotals:
        """Return the totals with one more step."""
        return RunTotals(
            self.steps + 1,
            self.multiply_adds + trace.multiply_adds,
            self.dense_multiply_adds + trace.dense_multiply_adds,
            self.step_ms + step_ms,
        )

"""A run that stops before it was planned to says why."""

from __future__ import annotations

from pathlib import Path

from tests.training.fit.fit_process import fit_to_the_end
from tests.training.jester_folder import write_jester


def test_a_run_that_learns_nothing_stops_and_says_so(tmp_path: Path) -> None:
    for part in ("train", "val"):
        write_jester(tmp_path / part, 4)
    changes = ("--early_stopping", "2", "--trainer.max_epochs", "9", "--model.learning_rate", "0")
    *epochs, last = fit_to_the_end(tmp_path, *changes)
    # The first one set the mark.
    assert len(epochs) == 3
    assert last == "Stopped after epoch 3: 2 validations without a better accuracy."

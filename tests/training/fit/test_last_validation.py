"""A run of so many steps tells how good its last weights are."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.training.fit.fit_process import fit_to_the_end
from tests.training.jester_folder import write_jester


def test_a_run_that_ends_within_an_epoch_is_validated_at_its_end(tmp_path: Path) -> None:
    for part in ("train", "val"):
        write_jester(tmp_path / part, 8)
    changes = ("--data.batch_size", "2", "--trainer.max_epochs", "9", "--trainer.max_steps", "2")
    (line,) = fit_to_the_end(tmp_path, *changes)
    assert line.startswith("epoch 1 of 9, ")
    assert "% accuracy" in line
    (best,) = (tmp_path / "runs").rglob("best.ckpt")
    assert torch.load(best, weights_only=True)["global_step"] == 2

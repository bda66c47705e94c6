"""Finds the run that a command started before, and was killed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from training.fit.checkpoints import LAST

LOGS = "lightning_logs"
"""Folder of all runs, under the recipe's `trainer.default_root_dir`."""


@dataclass(frozen=True)
class EarlierRun:
    """A run on disk.

    Attributes:
        version: Its number.
        folder: Where it is.
    """

    version: int
    folder: Path

    @property
    def checkpoint(self) -> Path:
        """Return its newest state."""
        return self.folder / "checkpoints" / LAST


def find_earlier_run(root: Path) -> EarlierRun | None:
    """Return the newest run under `root` that was saved, or None if there is none.

    A start that failed, such as by a mistyped folder of data, leaves a newer folder without a
    checkpoint, and must not hide the run that it was to go on with.
    """
    runs = (
        EarlierRun(int(match[1]), folder)
        for folder in (root / LOGS).glob("version_*")
        if (match := re.fullmatch(r"version_(\d+)", folder.name))
    )
    saved = (run for run in runs if run.checkpoint.is_file())
    return max(saved, key=lambda run: run.version, default=None)

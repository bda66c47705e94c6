"""Finds the run that a command started before, and was killed in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from training.checkpointing import LAST

LOGS = "lightning_logs"
"""Folder of all runs, under the recipe's `trainer.default_root_dir`."""


@dataclass(frozen=True)
class EarlierRun:
    """A run on disk.

    Attributes:
        version: Its number.
        checkpoint: Its newest state.
    """

    version: int
    checkpoint: Path


def find_earlier_run(root: Path) -> EarlierRun | None:
    """Return the newest run under `root`, or None if there is none that was saved.

    A newer run that was killed before it was first saved is passed over in favour of a fresh
    start, not of an older run: that one is another experiment.
    """
    versions = {
        int(match[1]): folder
        for folder in (root / LOGS).glob("version_*")
        if (match := re.fullmatch(r"version_(\d+)", folder.name))
    }
    if not versions:
        return None
    newest = max(versions)
    checkpoint = versions[newest] / "checkpoints" / LAST
    return EarlierRun(newest, checkpoint) if checkpoint.is_file() else None

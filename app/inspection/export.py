"""Histories as CSV files, for a spreadsheet or a notebook."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import AppError
from app.inspection.channel_state import ChannelState
from app.inspection.figures import BlockFigures
from app.inspection.history import BlockHistory, PolicyHistory
from models.files import failure_reason, staged_file
from models.trace import Action

TABLE_COLUMNS = (
    *("block", "channels", "steps", "keep", "reuse_cached", "reuse_late", "skip"),
    *("multiply_adds", "dense_multiply_adds", "convolutions_ms", "policy_ms", "dense_ms"),
    *("median_keep_steps", "median_reuse_steps", "median_skip_steps"),
    *("always_keep", "always_reuse", "always_skip", "never_changes"),
)
"""Columns of the table of blocks; shares are fractions, an unknown value is empty."""


class ExportError(AppError):
    """A file could not be written."""


def write_channel_map(
    path: Path, history: PolicyHistory, block: BlockHistory, order: NDArray[np.intp]
) -> None:
    """Write what happened to every channel at every step.

    The first line holds the times of the steps in seconds, every other line one channel.

    Args:
        path: The file.
        history: The history that the block belongs to.
        block: The block.
        order: Indices of the channels, from the first line to the last.

    Raises:
        ExportError: The file cannot be written.
    """
    words = np.array([state.words for state in ChannelState])
    times = [f"{time_s:.3f}" for time_s in history.times_s]
    cells = words[block.states[order]]
    lines = ([str(channel), *line] for channel, line in zip(order, cells.tolist(), strict=True))
    _write_csv(path, ("channel", *times), lines)


def write_block_table(path: Path, blocks: Iterable[BlockFigures]) -> None:
    """Write one line per fused block.

    Raises:
        ExportError: The file cannot be written.
    """
    _write_csv(path, TABLE_COLUMNS, (_table_line(block) for block in blocks))


def write_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make a file completely or not at all; an older one stays until then.

    Raises:
        ExportError: It cannot be written.
    """
    try:
        with staged_file(path) as new:
            write(new)
    except OSError as error:
        reason = failure_reason(error)
        raise ExportError(f"{path} cannot be written ({reason}); choose another folder.") from error


def _table_line(block: BlockFigures) -> list[str]:
    times, runs = block.times, block.runs
    known: tuple[float | None, ...] = (None, None, None)
    if times is not None:
        known = times.convolutions_ms, times.policy_ms, times.dense_ms
    return [
        block.name,
        str(block.channels),
        str(block.steps),
        *(f"{share:.4f}" for share in block.shares),
        f"{block.multiply_adds:.0f}",
        str(block.dense_multiply_adds),
        *("" if value is None else f"{value:.4f}" for value in known),
        *("" if math.isnan(steps) else f"{steps:g}" for steps in runs.medians[list(Action)]),
        *(f"{share:.4f}" for share in runs.always[list(Action)]),
        f"{runs.static:.4f}",
    ]


def _write_csv(path: Path, header: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    def write(new: Path) -> None:
        with new.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(lines)

    write_whole(path, write)

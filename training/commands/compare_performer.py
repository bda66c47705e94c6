"""Tells where the performer's movements are not as people's, by measured ones of theirs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.arguments import count, seed

if TYPE_CHECKING:
    from training.performer.kinematics.comparison import Comparison

HELP = "compare the performer's movements with measured ones"

CLIPS = count(20, 100_000)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--kinematics", type=Path, required=True, help="folder of hands.npz and arms_*.npz"
    )
    parser.add_argument("--clips", type=CLIPS, default=200, help="performances a label (200)")
    parser.add_argument("--seed", type=seed, default=0, help="chooses them (0)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> None:
    """Compare and print.

    Raises:
        DataError: The measured movements are missing or damaged.
    """
    from training.commands.progress import progress_bar
    from training.performer.kinematics.comparison import compare

    with progress_bar(1, "of all labels") as reach:
        rows = compare(options.kinematics, options.clips, options.seed, reach)
    print(json.dumps(_facts(rows)) if options.json else _table(rows))


def _facts(rows: Sequence[Comparison]) -> dict[str, object]:
    listed = [
        {
            "label": row.label,
            "part": row.part,
            "measure": row.measure,
            "people": row.people,
            "performer": row.performer,
            "covered": row.covered,
            "outside": row.outside,
        }
        for row in rows
    ]
    covered = sum(row.covered for row in rows) / max(len(rows), 1)
    outside = sum(row.outside for row in rows)
    return {"covered": covered, "outside": outside, "of": len(rows), "measures": listed}


def _table(rows: Sequence[Comparison]) -> str:
    lines = ["5th, 50th and 95th percentile; covered: share of people within the performer's range"]
    label = ""
    for row in rows:
        if row.label + row.part != label:
            label = row.label + row.part
            lines.append(f"{row.label} ({row.part})")
        people, performer = (
            " ".join(f"{value:7.2f}" for value in values) for values in (row.people, row.performer)
        )
        mark = "  OUTSIDE" if row.outside else ""
        lines.append(
            f"  {row.measure:12} people {people}   performer {performer}   covered "
            f"{row.covered:4.0%}{mark}"
        )
    outside = [row for row in rows if row.outside]
    lines.append(f"outside in {len(outside)} of {len(rows)} measures")
    lines += [f"  {row.label}: {row.meaning}" for row in outside]
    return "\n".join(lines)

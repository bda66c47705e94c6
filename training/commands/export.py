"""Turns a checkpoint into a bundle."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "turn a checkpoint into a bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint of a fit")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--card", type=Path, help="Markdown file that becomes the card")


def run(options: argparse.Namespace) -> None:
    """Export, and say what came of it.

    Raises:
        ModelError: The checkpoint or the card cannot be read, or the bundle cannot be written.
    """
    from models.bundle import bundle_size, card_in, check_bundle_folder
    from training.fit.exporting import export_checkpoint

    check_bundle_folder(options.out)
    kept = options.card is None and card_in(options.out) is not None
    bundle = export_checkpoint(options.checkpoint, options.out, options.card)
    note = "; the card that was there stays (another one: --card)" if kept else ""
    size = bundle_size(bundle.path) / 2**20
    print(f"{bundle.path}: {bundle.spec.name}, {size:.1f} MiB{note}")

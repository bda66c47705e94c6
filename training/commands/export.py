"""Turns a checkpoint into a bundle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.bundle import Bundle

HELP = "turn a checkpoint into a bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint of a fit")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--card", type=Path, help="Markdown file that becomes the card")


def run(options: argparse.Namespace) -> None:
    """Export a bundle and print what it holds.

    Raises:
        ModelError: The checkpoint or the card cannot be read, or the bundle cannot be written.
    """
    from models.bundle import bundle_size, card_in, check_bundle_folder

    check_bundle_folder(options.out)
    kept = options.card is None and card_in(options.out) is not None
    bundle = export_checkpoint(options.checkpoint, options.out, options.card)
    note = "; the existing card stays (replace it with --card)" if kept else ""
    size = bundle_size(bundle.path) / 2**20
    print(f"{bundle.path}: {bundle.spec.name}, {size:.1f} MiB{note}")


def export_checkpoint(checkpoint: Path, out: Path, card: Path | None = None) -> Bundle:
    """Export the network of a Lightning checkpoint.

    Args:
        checkpoint: Written by `fit`.
        out: Folder of the bundle.
        card: Markdown file that becomes the card; by default the card in `out` stays, and a short
            one is written where there is none.

    Raises:
        ModelError: The checkpoint or the card cannot be read, its weights are not finite, or the
            bundle cannot be written.
    """
    from models.bundle import card_in, read_card
    from models.errors import ModelError
    from models.network.adafuse import AdaFuse
    from models.network.export import export_bundle
    from training.fit.checkpoints import read_checkpoint
    from training.fit.recipe import build_spec

    text = card_in(out) if card is None else read_card(card)
    fitted = read_checkpoint(checkpoint)
    spec, _ = build_spec(fitted.spec)
    network = AdaFuse(spec)
    try:
        network.load_state_dict(fitted.weights)
    except RuntimeError as error:
        raise ModelError(
            f"The weights in {checkpoint} are not those of the network that it describes."
        ) from error
    return export_bundle(network, out, text or f"# {spec.name}\n")

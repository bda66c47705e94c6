"""Turns a checkpoint into a bundle."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.bundle import Bundle
    from models.two_views.bundle import AnyBundle
    from training.fit.checkpoints import FittedCheckpoint

HELP = "turn a checkpoint into a bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument(
        "--checkpoint", type=Path, required=True, help="checkpoint of a fit, of one view or two"
    )
    parser.add_argument(
        "--whole", type=Path, help="checkpoint with the whole view, for a square trained alone"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--card", type=Path, help="Markdown file that becomes the card")


def run(options: argparse.Namespace) -> None:
    """Export a bundle and print what it holds.

    Raises:
        ModelError: A checkpoint or the card cannot be read, the checkpoints do not fit each other,
            or the bundle cannot be written.
    """
    from models.bundle import card_in

    kept = options.card is None and card_in(options.out) is not None
    bundle = export_checkpoint(options.checkpoint, options.out, options.card, options.whole)
    note = "; the existing card stays (replace it with --card)" if kept else ""
    print(f"{bundle.path}: {bundle.spec.name}, {_size(bundle) / 2**20:.1f} MiB{note}")


def export_checkpoint(
    checkpoint: Path, out: Path, card: Path | None = None, whole: Path | None = None
) -> AnyBundle:
    """Export the network of a Lightning checkpoint.

    Args:
        checkpoint: Written by `fit` or `fit-two-views`.
        out: Folder of the bundle.
        card: Markdown file that becomes the card; by default the card in `out` stays, and a short
            one is written where there is none.
        whole: Checkpoint of the whole view, if `checkpoint` holds a square that was trained alone.

    Raises:
        ModelError: A checkpoint or the card cannot be read, its weights are not finite, the
            checkpoints do not fit each other, or the bundle cannot be written.
    """
    from models.bundle import card_in, check_bundle_folder, read_card
    from models.errors import ModelError
    from models.two_views.bundle import is_two_views
    from training.fit.checkpoints import read_checkpoint

    fitted = read_checkpoint(checkpoint)
    if fitted.trained is None:
        check_bundle_folder(out)
    else:
        check_bundle_folder(out, is_two_views)
    text = card_in(out) if card is None else read_card(card)
    if fitted.trained is not None:
        from training.two_views.exporting import export_pair

        return export_pair(checkpoint, whole, out, text)
    if whole is not None:
        raise ModelError(
            f"The checkpoint {checkpoint} holds a model of one view; leave out --whole."
        )
    return _export_one(fitted, checkpoint, out, text)


def _export_one(fitted: FittedCheckpoint, checkpoint: Path, out: Path, card: str | None) -> Bundle:
    from models.network.adafuse import AdaFuse
    from models.network.export import export_bundle
    from training.fit.checkpoints import take_weights
    from training.fit.recipe import build_spec

    spec, _ = build_spec(fitted.spec)
    network = AdaFuse(spec)
    take_weights(network, fitted.weights, checkpoint)
    return export_bundle(network, out, card or f"# {spec.name}\n")


def _size(bundle: AnyBundle) -> int:
    """Return the size of the bundle's files, in bytes."""
    from models.bundle import BUNDLE_FILES, bundle_size
    from models.two_views.bundle import TWO_VIEW_FILES, TwoViewBundle

    two = isinstance(bundle, TwoViewBundle)
    return bundle_size(bundle.path, TWO_VIEW_FILES if two else BUNDLE_FILES)

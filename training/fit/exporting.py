"""From a checkpoint of a fit to a bundle."""

from __future__ import annotations

from pathlib import Path

from models.bundle import Bundle, card_in, read_card
from models.errors import ModelError
from models.network.adafuse import AdaFuse
from models.network.export import export_bundle
from training.fit.checkpoints import read_checkpoint
from training.fit.recipe import build_spec


def export_checkpoint(checkpoint: Path, out: Path, card: Path | None = None) -> Bundle:
    """Export the network of a Lightning checkpoint.

    Args:
        checkpoint: Written by `fit`.
        out: Folder of the bundle.
        card: Markdown file that becomes the card; by default the one that is in `out` stays, and
            where there is none a short one is written.

    Raises:
        ModelError: The checkpoint or the card cannot be read, its weights are not finite, or the
            bundle cannot be written.
    """
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

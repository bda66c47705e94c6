"""Puts the views of one checkpoint, or of two, together in a bundle."""

from __future__ import annotations

from pathlib import Path

from models.errors import ModelError
from models.two_views.bundle import TwoViewBundle
from models.two_views.export import export_two_views
from models.two_views.network import TwoViews
from training.fit.checkpoints import (
    FittedCheckpoint,
    read_checkpoint,
    take_weights,
)
from training.fit.given import network_change
from training.two_views.recipe import build_pair
from training.two_views.views import Views

_OF_WHOLE = ("whole", "locator_hidden")
"""Fields of a pair that describe the whole view."""

_WHOLE_PREFIX, _SCORES_PREFIX = "whole.", "whole.head."


def export_pair(checkpoint: Path, whole: Path | None, out: Path, card: str | None) -> TwoViewBundle:
    """Export a network of two views.

    Args:
        checkpoint: Of both views, or of a square trained alone.
        whole: Of the whole view, for such a square; None if `checkpoint` holds both.
        out: Folder of the bundle.
        card: Text of the card; a short one is written by default.

    Raises:
        ModelError: A checkpoint cannot be read or lacks a view, the checkpoints do not fit each
            other, or the bundle cannot be written.
    """
    fitted = read_checkpoint(checkpoint)
    trained = Views(str(fitted.trained))
    if trained is Views.WHOLE:
        raise ModelError(
            f"The checkpoint {checkpoint} holds the whole view alone; give that of the square with "
            "--checkpoint, and this one with --whole."
        )
    if trained is Views.BOTH and whole is not None:
        raise ModelError(
            f"The checkpoint {checkpoint} holds both views, which were trained together; leave out "
            "--whole."
        )
    weights = dict(fitted.weights)
    if trained is Views.SQUARE:
        if whole is None:
            raise ModelError(
                f"The checkpoint {checkpoint} holds the square alone; give that of the whole view "
                "with --whole."
            )
        other = _whole_view(whole, checkpoint, fitted)
        # The square learned to tell the labels without the whole view.
        weights |= {
            name: value
            for name, value in other.weights.items()
            if name.startswith(_WHOLE_PREFIX) and not name.startswith(_SCORES_PREFIX)
        }
    pair, _ = build_pair(fitted.spec)
    network = TwoViews(pair)
    take_weights(network, weights, checkpoint)
    return export_two_views(network.eval(), out, card or f"# {pair.whole.name}\n")


def _whole_view(path: Path, square: Path, fitted: FittedCheckpoint) -> FittedCheckpoint:
    """Read the checkpoint of the whole view and compare it with what the square's expects."""
    other = read_checkpoint(path)
    if other.trained is None or not Views(other.trained).whole:
        raise ModelError(f"The checkpoint {path} holds no trained whole view.")
    there, here = ({key: side.spec[key] for key in _OF_WHOLE} for side in (other, fitted))
    change = network_change(there, here)
    if change is not None:
        raise ModelError(
            f"The whole view in {path} is another one than {square} was trained for: "
            f"{change.in_words('there', 'here')}."
        )
    return other

"""Writes a bundle again with another classifier, of one view or of two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.engines.torch import load_network
from models.errors import ModelError
from models.linear_head import LinearHead
from models.network.adafuse import AdaFuse
from models.network.export import export_bundle
from models.two_views.bundle import AnyBundle, TwoViewBundle
from models.two_views.export import export_two_views
from models.two_views.network import TwoViews
from models.two_views.stream import CROP, WHOLE


def write_with_head(bundle: AnyBundle, head: LinearHead, out: Path, card: str) -> None:
    """Write a bundle that differs in its classifier alone.

    Args:
        bundle: The bundle, which stays as it is.
        head: Over the same features as the bundle's own `head()`.
        out: Folder of the new bundle.
        card: Text of its card.

    Raises:
        ModelError: The bundle's weights are damaged, or the new one cannot be written.
    """
    if isinstance(bundle, TwoViewBundle):
        pair = load_pair(bundle)
        take_pair_head(pair, head, bundle.reads)
        export_two_views(pair, out, card)
    else:
        network = load_network(bundle)
        take_head(network, head)
        export_bundle(network, out, card)


def take_head(network: AdaFuse, head: LinearHead) -> None:
    """Give a network of one view another classifier."""
    _copy(network.head.weight, head.weight)
    _copy(network.head.bias, head.bias)


def take_pair_head(network: TwoViews, head: LinearHead, reads: frozenset[str]) -> None:
    """Give a network of two views another classifier, whose three parts lie in three layers.

    Args:
        network: Changed in place. What the square says of the hand stays as it is.
        head: The classifier of `TwoViewResult.features`.
        reads: The views whose features these hold; see `TwoViewBundle.reads`.
    """
    last = network.place[-1]
    assert isinstance(last, nn.Linear)
    labels = len(head.bias)
    views = {WHOLE: network.whole.head.weight, CROP: network.crop.head.weight[:labels]}
    parts = [*(views[view] for view in (WHOLE, CROP) if view in reads), last.weight]
    ends = np.cumsum([part.shape[1] for part in parts])
    for part, values in zip(parts, np.split(head.weight, ends[:-1], axis=1), strict=True):
        _copy(part, values)
    own = network.whole.head.bias.detach().double().numpy()
    _copy(network.crop.head.bias[:labels], head.bias - own)


def load_pair(bundle: TwoViewBundle) -> TwoViews:
    """Build the network of a bundle of two views, in evaluation mode.

    Raises:
        ModelError: The weights are damaged or do not fit the description.
    """
    network = TwoViews(bundle.pair)
    weights = {name: torch.from_numpy(value).float() for name, value in bundle.weights().items()}
    try:
        missing, unexpected = network.load_state_dict(weights, strict=False)
    except RuntimeError as error:  # tensors of another shape
        raise ModelError(f"The weights in {bundle.path} do not fit its description.") from error
    # Bundles hold no counters of batches, on which no result depends.
    if unexpected or not all(name.endswith("num_batches_tracked") for name in missing):
        raise ModelError(f"The weights in {bundle.path} do not fit its description.")
    return network.eval()


def _copy(parameter: Tensor, values: NDArray[np.float64]) -> None:
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(values))

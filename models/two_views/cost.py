"""What a network of two views costs per frame: both views, the locator and the places."""

from __future__ import annotations

from msgspec.structs import replace
from torch import nn

from models.flops import NetworkCost
from models.network.adafuse import AdaFuse
from models.network.cost import measure_cost
from models.two_views.locating import CELL_PIXELS
from models.two_views.network import TwoViews, WholeView
from models.two_views.stream import joined_cost


def two_view_cost(model: TwoViews) -> NetworkCost:
    """Measure the multiply-adds of one frame; see `stream.joined_cost`."""
    whole, crop = whole_view_cost(model.whole), measure_cost(model.crop)
    return joined_cost(whole, crop, place_cost(model))


def whole_view_cost(view: WholeView) -> NetworkCost:
    """Measure the multiply-adds of one frame of the whole view, locator included."""
    cost = measure_cost(AdaFuse(view.spec))
    return replace(cost, fixed=cost.fixed + _locator_cost(view))


def _locator_cost(view: WholeView) -> int:
    """Count convolutions, the mean over the coarse map and the spread sum, biases included."""
    spec, locator = view.spec, view.locator
    fine_cells, coarse_cells = (
        -(-spec.input_height // stride) * -(-spec.input_width // stride)
        for stride in (CELL_PIXELS, 2 * CELL_PIXELS)
    )
    fine = sum(_per_pixel(layer) for layer in (locator.fine, locator.mix, locator.cells))
    coarse = _per_pixel(locator.coarse) + locator.no_hand.in_features
    spread = locator.fine.out_channels
    return fine_cells * (fine + spread) + coarse_cells * coarse + _layer(locator.no_hand)


def _per_pixel(layer: nn.Conv2d) -> int:
    return layer.out_channels * (int(layer.weight[0].numel()) + 1)


def _layer(layer: nn.Linear) -> int:
    return (layer.in_features + (layer.bias is not None)) * layer.out_features


def place_cost(model: TwoViews) -> int:
    """Count the layers that read the places, and the sums of three scores for each label."""
    layers = sum(_layer(layer) for layer in model.place if isinstance(layer, nn.Linear))
    return layers + 2 * len(model.spec.whole.labels)

"""The reference: a network of two views in PyTorch, frame by frame."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.bundle import Bundle
from models.engines.torch import TorchEngine, TorchState, load_network, with_weights
from models.flops import step_trace
from models.network.cost import measure_cost
from models.spec import ModelSpec
from models.two_views.bundle import TwoViewBundle, read_views
from models.two_views.cost import whole_view_cost
from models.two_views.network import TwoViews, WholeView
from models.two_views.spec import TwoViewSpec
from models.two_views.stream import CROP, WHOLE, PlaceReader, TwoViewStream, WholeResult


def _array(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy()


class TorchWholeEngine:
    """Runs the whole view and its locator.

    Args:
        view: In evaluation mode.
    """

    name = "torch"

    def __init__(self, view: WholeView) -> None:
        self._view = view
        self._cost = whole_view_cost(view)

    @property
    def spec(self) -> ModelSpec:
        """The network that runs."""
        return self._view.spec

    def init_state(self) -> TorchState:
        """Return the state before the first frame."""
        return self._view.init_state(), None

    def step(self, frame: NDArray[np.float32], state: TorchState) -> WholeResult:
        """Run one frame of shape (3, H, W)."""
        memory, previous = state
        with torch.inference_mode():
            seen = self._view.see_frame(torch.from_numpy(frame)[None], memory)
        actions = tuple(block[0].to(torch.int8).cpu().numpy() for block in seen.actions)
        return WholeResult(
            _array(seen.logits[0]),
            _array(seen.hands.scores[0]),
            _array(seen.hands.boxes[0]),
            (seen.state, actions),
            step_trace(self._cost, actions, previous),
            _array(seen.features[0]),
        )


def place_reader(network: TwoViews) -> PlaceReader:
    """Return the part of the classifier that reads the places, without PyTorch."""
    layers = [layer for layer in network.place if isinstance(layer, nn.Linear)]
    return PlaceReader(
        tuple((_array(layer.weight), _array(layer.bias)) for layer in layers[:-1]),
        _array(layers[-1].weight),
    )


def load_whole(bundle: Bundle, pair: TwoViewSpec) -> WholeView:
    """Build the whole view of a bundle, with its locator, in evaluation mode.

    Args:
        bundle: The whole view's.
        pair: The pair of networks.

    Raises:
        ModelError: The weights are damaged or do not fit the description.
    """
    return with_weights(WholeView(pair), bundle)


def open_torch(bundle: TwoViewBundle) -> TwoViewStream:
    """Return a stream of a bundle, on the CPU.

    Raises:
        ModelError: The weights are damaged or do not fit the description.
    """
    return TwoViewStream(
        bundle.pair,
        TorchWholeEngine(load_whole(bundle.whole, bundle.pair)),
        TorchEngine(load_network(bundle.crop), bundle.crop.cost),
        bundle.places,
        reads=bundle.reads,
    )


def torch_stream(network: TwoViews) -> TwoViewStream:
    """Return a stream of a network in evaluation mode."""
    return TwoViewStream(
        network.spec,
        TorchWholeEngine(network.whole),
        TorchEngine(network.crop, measure_cost(network.crop)),
        place_reader(network),
        reads=read_views(
            {
                WHOLE: _array(network.whole.head.weight),
                CROP: _array(network.crop.head.weight[: len(network.spec.whole.labels)]),
            }
        ),
    )

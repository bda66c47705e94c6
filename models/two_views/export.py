"""Exports a trained network of two views, and checks that both forms compute the same."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from models.bundle import CARD_FILE, GRAPH_FILE, WEIGHTS_FILE, load_bundle, write_description
from models.engines.base import EngineState, StepResult
from models.errors import ModelError
from models.network.export import (
    FlatStep,
    flat_outputs,
    rounded_weights,
    take_rounded,
    unflatten_state,
    write_graph,
    write_network,
    write_weights,
)
from models.network.export_check import check_engines
from models.spec import ModelSpec
from models.two_views.bundle import (
    PLACES_FILE,
    TWO_VIEW_FILES,
    TwoViewBundle,
    load_two_views,
    staged_two_views,
    write_two_view_description,
)
from models.two_views.cost import whole_view_cost
from models.two_views.network import TwoViews, WholeView
from models.two_views.onnx_whole import HAND_OUTPUTS, OnnxWholeEngine
from models.two_views.spec import TwoViewSpec
from models.two_views.stream import CROP, WHOLE, WholeEngine
from models.two_views.torch_stream import TorchWholeEngine, load_whole


class _FlatWhole(FlatStep):
    """One step of the whole view, with what its locator gives."""

    extra = HAND_OUTPUTS

    def forward(self, frame: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        """Return logits, the locator's maps, and what every network gives."""
        view = self.network
        assert isinstance(view, WholeView)
        seen = view.see_frame(frame, unflatten_state(view, memory))
        return (seen.logits, *seen.hands, *flat_outputs(view, seen))


def export_two_views(network: TwoViews, out: Path, card: str) -> TwoViewBundle:
    """Write a bundle, check it, and only then put it in place.

    Args:
        network: The trained network; it is not changed.
        out: Folder of the bundle; new, empty, or with a bundle of two views, which is replaced.
        card: Text of the card, in Markdown.

    Raises:
        ModelError: A view looks ahead, `out` is something else or cannot be written, or a graph
            differs from its network.
    """
    pair = network.spec
    if not (pair.whole.can_stream and pair.crop.can_stream):
        raise ModelError(
            f"The model {pair.whole.name} looks one frame ahead, which a model of two views "
            "cannot do; train it with shift: one_way."
        )
    with staged_two_views(out) as folder:
        (folder / CARD_FILE).write_text(card, encoding="utf-8")
        for view in (WHOLE, CROP):
            (folder / view).mkdir()
        _write_whole(network.whole, pair, folder / WHOLE)
        write_network(network.crop, folder / CROP)
        places = network.place.state_dict()
        write_weights(
            {name: _rounded(value) for name, value in places.items()}, folder / PLACES_FILE
        )
        write_two_view_description(folder, pair)
        load_two_views(folder)
    return load_two_views(out)


def export_with_places(
    bundle: TwoViewBundle, places: Mapping[str, Tensor], out: Path, card: str
) -> TwoViewBundle:
    """Write a bundle again with other layers that read places and joints.

    Args:
        bundle: The bundle, of which everything else is copied as it is.
        places: Tensors of `bundle.place_shapes`, by name.
        out: Folder of the new bundle, as in `export_two_views`.
        card: Text of its card.

    Raises:
        ModelError: The tensors do not fit, or `out` is something else or cannot be written.
    """
    with staged_two_views(out) as folder:
        (folder / CARD_FILE).write_text(card, encoding="utf-8")
        for name in TWO_VIEW_FILES:
            if "/" in name and (bundle.path / name).exists():
                (folder / name).parent.mkdir(exist_ok=True)
                shutil.copyfile(bundle.path / name, folder / name)
        rounded = {name: _rounded(value) for name, value in places.items()}
        write_weights(rounded, folder / PLACES_FILE)
        write_two_view_description(folder, bundle.pair)
        load_two_views(folder)
    return load_two_views(out)


def _rounded(value: Tensor) -> Tensor:
    return (value.half() if value.ndim > 1 else value.float()).contiguous()


def _write_whole(view: WholeView, pair: TwoViewSpec, folder: Path) -> None:
    """Write the whole view as a bundle whose graph gives the locator's maps as well."""
    write_weights(rounded_weights(view), folder / WEIGHTS_FILE)
    rounded = WholeView(pair)
    take_rounded(view, rounded)
    write_graph(_FlatWhole(rounded), folder)
    write_description(folder, view.spec, whole_view_cost(view), (WEIGHTS_FILE, GRAPH_FILE))
    bundle = load_bundle(folder)
    reference = TorchWholeEngine(load_whole(bundle, pair))
    check_engines(_Joined(reference), _Joined(OnnxWholeEngine(bundle)))


class _Joined:
    """Takes what the locator gives for further logits, so that a check compares them as well."""

    def __init__(self, engine: WholeEngine) -> None:
        self._engine = engine

    @property
    def name(self) -> str:
        return self._engine.name

    @property
    def spec(self) -> ModelSpec:
        return self._engine.spec

    def init_state(self) -> EngineState:
        return self._engine.init_state()

    def step(self, frame: NDArray[np.float32], state: EngineState) -> StepResult:
        seen = self._engine.step(frame, state)
        values = np.concatenate([seen.logits, seen.scores, seen.boxes.ravel()])
        return StepResult(values, seen.state, seen.trace, seen.features)

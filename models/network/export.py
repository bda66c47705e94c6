"""Exports a trained network as a bundle, and checks that both compute the same.

The graph's weights are external data at byte offsets of `model.safetensors`, so that nothing is
stored twice.
"""

from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from typing import Protocol

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from onnxscript.optimizer import fold_constants, remove_unused_nodes
from safetensors.torch import save_file
from torch import Tensor, nn

from models.bundle import (
    CARD_FILE,
    GRAPH_FILE,
    WEIGHTS_FILE,
    Bundle,
    digest,
    load_bundle,
    staged_bundle,
    write_description,
)
from models.engines.onnx import (
    ACTIONS_PREFIX,
    FEATURES,
    INPUT,
    LOGITS,
    NEXT_PREFIX,
    STATE_PREFIX,
    WEIGHTS_DIGEST,
)
from models.engines.torch import load_network
from models.network.adafuse import AdaFuse, StreamState
from models.network.cost import measure_cost
from models.network.export_check import check_graph
from models.network.fusion import SiteState
from models.network.policy import PolicyBank

OPSET = 18
"""Version of the ONNX operators that the graph uses."""


def rounded_weights(network: AdaFuse) -> dict[str, Tensor]:
    """Return the weights as a bundle stores them: matrices in half precision, vectors in single.

    Vectors are small, and a batch norm's variance may be too small for half precision. Actions that
    the mode of the policies rules out are already ruled out by these weights.
    """
    weights = dict(network.state_dict())
    if isinstance(network.policies, PolicyBank):
        folded = network.policies.folded_weights()
        weights |= {f"policies.{name}": value for name, value in folded.items()}
    return {
        name: (value.half() if value.ndim > 1 else value.float()).contiguous()
        for name, value in weights.items()
        if not name.endswith("num_batches_tracked")
    }


class FlatStep(nn.Module):
    """`AdaFuse.step` with its state as a flat list of tensors, which an ONNX graph needs.

    Attributes:
        extra: Names of outputs between the logits and the features; none of a plain network.
    """

    extra: tuple[str, ...] = ()

    def __init__(self, network: AdaFuse) -> None:
        super().__init__()
        self.network = network

    def forward(self, frame: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        """Return logits, features, the actions of each block as int8, and the next memory."""
        result = self.network.step(frame, unflatten_state(self.network, memory))
        return (result.logits, *flat_outputs(self.network, result))


class FrameOutputs(Protocol):
    """What every network gives for a frame; see `FrameResult`."""

    @property
    def features(self) -> Tensor:
        """What the classifier read, of shape (B, F)."""
        ...

    @property
    def state(self) -> StreamState:
        """State for the next frame."""
        ...

    @property
    def actions(self) -> tuple[Tensor, ...]:
        """The `Action` of each channel, for every fused block, of shape (B, C)."""
        ...


def flat_outputs(network: AdaFuse, result: FrameOutputs) -> tuple[Tensor, ...]:
    """Return features, actions as int8 and the tensors of the state, as a graph gives them."""
    memory = (value for _, value in flatten_state(network, result.state))
    return (result.features, *(block.to(torch.int8) for block in result.actions), *memory)


def flatten_state(network: AdaFuse, state: StreamState) -> list[tuple[str, Tensor]]:
    """Return the tensors of a state with their names, such as "layer1.0/raw"."""
    return [
        (f"{site.name}/{field}", value)
        for site, site_state in zip(network.backbone.sites, state, strict=True)
        for field, value in zip(SiteState._fields, site_state, strict=True)
        if value is not None
    ]


def unflatten_state(network: AdaFuse, memory: tuple[Tensor, ...]) -> StreamState:
    """Undo `flatten_state`."""
    remaining = iter(memory)
    return tuple(
        SiteState(*(None if value is None else next(remaining) for value in site_state))
        for site_state in network.init_state()
    )


def _export_graph(flat: FlatStep) -> onnx.ModelProto:
    network, spec = flat.network, flat.network.spec
    memory = flatten_state(network, network.init_state())
    names = [name for name, _ in memory]
    image = torch.zeros(1, 3, spec.input_height, spec.input_width)
    with warnings.catch_warnings():
        # The exporter warns about its own internals; whether the graph is right is checked later.
        warnings.simplefilter("ignore")
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            flat.eval(),
            (image, *(value for _, value in memory)),
            dynamo=True,
            opset_version=OPSET,
            input_names=[INPUT, *(STATE_PREFIX + name for name in names)],
            output_names=[
                LOGITS,
                *flat.extra,
                FEATURES,
                *(ACTIONS_PREFIX + site.name for site in network.fused_sites),
                *(NEXT_PREFIX + name for name in names),
            ],
            # The optimizer would fold batch norms into weights, which then are no longer the stored
            # ones; ONNX Runtime folds them when it loads the graph.
            optimize=False,
            verbose=False,
        )
    assert program is not None
    # Shapes that are computed at run time hide a batch norm's constants from ONNX Runtime, which
    # then folds no batch norm and no ReLU into a convolution.
    fold_constants(program.model)
    remove_unused_nodes(program.model)
    model = program.model_proto
    _strip_notes(model)
    return model


def _strip_notes(model: onnx.ModelProto) -> None:
    """Remove the exporter's notes: stack traces, larger than the graph, with local paths."""
    graph = model.graph
    for item in (*graph.node, *graph.initializer, *graph.input, *graph.output, *graph.value_info):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    graph.ClearField("metadata_props")
    model.ClearField("metadata_props")


def _tensor_offsets(weights: Path) -> dict[str, tuple[int, int]]:
    """Return where each tensor of a safetensors file begins, in bytes, and how long it is."""
    with weights.open("rb") as file:
        header_size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(header_size))
    begin = 8 + header_size
    return {
        name: (
            begin + entry["data_offsets"][0],
            entry["data_offsets"][1] - entry["data_offsets"][0],
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }


def _point_into(graph: onnx.GraphProto, weights: Path) -> None:
    """Replace the graph's weights by references into a safetensors file, cast if stored as half."""
    offsets = _tensor_offsets(weights)
    casts = []
    for tensor in graph.initializer:
        name = tensor.name.removeprefix("network.")
        if name not in offsets:
            continue
        begin, length = offsets[name]
        halved = length * 2 == np.prod(tensor.dims, dtype=int) * 4
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = TensorProto.EXTERNAL
        del tensor.external_data[:]
        for key, value in (("location", weights.name), ("offset", begin), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        if halved:
            stored = f"{tensor.name}/half"
            casts.append(helper.make_node("Cast", [stored], [tensor.name], to=TensorProto.FLOAT))
            tensor.name = stored
            tensor.data_type = TensorProto.FLOAT16
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def export_bundle(network: AdaFuse, out: Path, card: str) -> Bundle:
    """Write a bundle, check it, and only then put it in place.

    Args:
        network: The trained network; it is not changed.
        out: Folder of the bundle; new, empty, or with a bundle, whose files are replaced.
        card: Text of the card, in Markdown.

    Raises:
        ModelError: `out` is something else or cannot be written, or the graph differs from the
            network.
    """
    with staged_bundle(out) as folder:
        _write(network, folder, card)
    return load_bundle(out)


def _write(network: AdaFuse, folder: Path, card: str) -> None:
    (folder / CARD_FILE).write_text(card, encoding="utf-8")
    write_network(network, folder)


def write_network(network: AdaFuse, folder: Path) -> None:
    """Write all of a bundle but its card into a folder, and check it.

    Raises:
        ModelError: The graph differs from the network.
    """
    write_weights(rounded_weights(network), folder / WEIGHTS_FILE)
    if not network.spec.can_stream:
        # A network that looks ahead is evaluated over whole clips; a graph runs single steps.
        write_description(folder, network.spec, measure_cost(network), (WEIGHTS_FILE,))
        load_network(load_bundle(folder))
        return
    rounded = AdaFuse(network.spec)
    take_rounded(network, rounded)
    write_graph(FlatStep(rounded), folder)
    write_description(folder, network.spec, measure_cost(network), (WEIGHTS_FILE, GRAPH_FILE))
    check_graph(load_bundle(folder))


def write_weights(weights: dict[str, Tensor], path: Path) -> None:
    """Write tensors as a bundle stores them."""
    save_file(weights, path)
    # The library makes it private; a bundle may be read by everybody who may read its folder.
    path.chmod(0o644)


def take_rounded(network: AdaFuse, other: AdaFuse) -> None:
    """Give another network of the same kind the weights that a bundle would store."""
    weights = {name: value.float() for name, value in rounded_weights(network).items()}
    other.load_state_dict(weights, strict=False)


def write_graph(flat: FlatStep, folder: Path) -> None:
    """Write the graph of a network whose weights are in the folder already."""
    graph = _export_graph(flat)
    _point_into(graph.graph, folder / WEIGHTS_FILE)
    graph.metadata_props.add(key=WEIGHTS_DIGEST, value=digest(folder / WEIGHTS_FILE))
    (folder / GRAPH_FILE).write_bytes(graph.SerializeToString())

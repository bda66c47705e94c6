"""ONNX Runtime made sparse: weights of the chosen channels are gathered at every step.

The obvious way to compute fewer channels with a dense runtime, and the reference for the sparse
engine: a convolution whose weights are not constants cannot be prepared when the graph is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.errors import BenchmarkError
from models.bundle import Bundle
from models.engines.planning.parameters import Parameters
from models.engines.planning.shapes import Filter
from models.network.backbones.layouts.base import Block, Convolution, shifted_channels
from models.network.backbones.layouts.registry import backbone_layout
from models.spec import Method

OPSET, IR_VERSION = 18, 9


class _Graph:
    """Collects nodes and constants; every value has a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._count = 0

    def constant(self, value: Any, kind: Any = np.float32) -> str:
        """Add a constant and return its name."""
        name = self._name()
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def ints(self, *values: int) -> str:
        """Add a list of integers."""
        return self.constant(values, np.int64)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with one output and return its name."""
        name = self._name()
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def remember(self, name: str, shape: tuple[int, ...], kind: int = TensorProto.FLOAT) -> str:
        """Add a tensor of the state and return the name of what the previous step left."""
        self.inputs.append(helper.make_tensor_value_info(f"state/{name}", kind, shape))
        return f"state/{name}"

    def leave(self, name: str, value: str, kind: int = TensorProto.FLOAT) -> None:
        """Set what the next step finds under `name`."""
        self.nodes.append(helper.make_node("Identity", [value], [f"next/{name}"]))
        self.outputs.append(helper.make_tensor_value_info(f"next/{name}", kind, None))

    def _name(self) -> str:
        self._count += 1
        return f"v{self._count}"

    def save(self, path: Path) -> None:
        """Write the graph."""
        graph = helper.make_graph(
            self.nodes, "gathered", self.inputs, self.outputs, initializer=self.constants
        )
        opset = [helper.make_opsetid("", OPSET)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION), path)


def can_gather(bundle: Bundle) -> bool:
    """Return whether this kind of network is supported."""
    spec = bundle.spec
    known = spec.backbone == "resnet18" and spec.method is Method.TSM
    return known and spec.fuses


def write_gathered_graph(bundle: Bundle, path: Path) -> None:
    """Write the graph of an AdaFuse ResNet-18 with the time shift.

    Raises:
        BenchmarkError: The bundle is of another kind.
    """
    spec = bundle.spec
    if not can_gather(bundle):
        raise BenchmarkError("Gathered weights are compared for AdaFuse TSM ResNet-18 only.")
    graph, parameters = _Graph(), Parameters(bundle)
    height, width = spec.input_height, spec.input_width
    graph.inputs.append(
        helper.make_tensor_value_info("frame", TensorProto.FLOAT, (1, 3, height, width))
    )
    layout = backbone_layout(spec.backbone, spec.width)
    stem = layout.stem[0]
    assert isinstance(stem, Convolution)
    x = graph.node("Relu", _convolve(graph, "frame", parameters.filter(stem)))
    x = graph.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])
    size = tuple((side + 3) // 4 for side in (height, width))
    for index, block in enumerate(layout.blocks):
        x, size = _block(graph, parameters, x, size, block, index)
    pooled = graph.node("Flatten", graph.node("GlobalAveragePool", x))
    classes = len(spec.labels)
    head = parameters.tensor("head.weight", (classes, layout.feature_count)).T
    bias = parameters.vector("head.bias", classes)
    logits = graph.node("Gemm", pooled, graph.constant(head), graph.constant(bias))
    graph.nodes.append(helper.make_node("Identity", [logits], ["logits"]))
    graph.outputs.insert(0, helper.make_tensor_value_info("logits", TensorProto.FLOAT, None))
    graph.save(path)


def _convolve(
    graph: _Graph, x: str, layer: Filter, weight: str | None = None, bias: str | None = None
) -> str:
    return graph.node(
        "Conv",
        x,
        weight or graph.constant(layer.weight),
        bias or graph.constant(layer.bias),
        strides=[layer.stride] * 2,
        pads=[layer.padding] * 4,
    )


def _block(
    graph: _Graph,
    parameters: Parameters,
    x: str,
    size: tuple[int, ...],
    block: Block,
    index: int,
) -> tuple[str, tuple[int, ...]]:
    """Add one residual block; return its output and the size of the map."""
    name = block.name
    first, second = map(parameters.filter, block.convolutions)
    channels, in_channels = first.weight.shape[:2]
    fold = shifted_channels(in_channels)
    arriving = graph.remember(f"{name}/shifted", (1, fold, *size))
    graph.leave(f"{name}/shifted", _channels(graph, x, 0, fold))
    shifted = graph.node("Concat", arriving, _channels(graph, x, fold, in_channels), axis=1)
    actions = _actions(graph, parameters, shifted, name, index, (in_channels, channels))
    keep = graph.node("Equal", actions, graph.ints(0))
    reuse = graph.node("Equal", actions, graph.ints(1))
    out_size = tuple(-(-side // block.stride) for side in size)
    raw, before = _raw_outputs(graph, first, shifted, name, (keep, reuse), (*size, *out_size))
    fused = _consume(graph, second, (keep, reuse), (raw, before), (channels, *out_size))
    identity = x
    if block.projection is not None:
        identity = _convolve(graph, x, parameters.filter(block.projection))
    return graph.node("Relu", graph.node("Add", fused, identity)), out_size


def _channels(graph: _Graph, x: str, begin: int, end: int) -> str:
    return graph.node("Slice", x, graph.ints(begin), graph.ints(end), graph.ints(1))


def _actions(
    graph: _Graph,
    parameters: Parameters,
    shifted: str,
    name: str,
    index: int,
    shape: tuple[int, int],
) -> str:
    """Add the policy network; return the action of every channel."""
    in_channels, channels = shape
    policy = parameters.policy(name, index, in_channels, channels)
    pooled = graph.node("Flatten", graph.node("GlobalAveragePool", shifted))
    before = graph.remember(f"{name}/pooled", (1, in_channels))
    graph.leave(f"{name}/pooled", pooled)
    both = graph.node("Concat", before, pooled, axis=1)
    first = (policy.first.astype(np.float32) * policy.scale[:, None]).T
    hidden = graph.node("Gemm", both, graph.constant(first), graph.constant(policy.shift))
    hidden = graph.node("Relu", hidden)
    second = policy.second.astype(np.float32).T
    logits = graph.node("Gemm", hidden, graph.constant(second), graph.constant(policy.bias))
    table = graph.node("Reshape", logits, graph.ints(channels, 3))
    return graph.node("ArgMax", table, axis=1, keepdims=0)


def _indices(graph: _Graph, chosen: str, always: int) -> str:
    """Return the indices of the chosen channels behind one more: no list may be empty."""
    found = graph.node("Reshape", graph.node("NonZero", chosen), graph.ints(-1))
    return graph.node("Concat", graph.ints(always), found, axis=0)


def _raw_outputs(
    graph: _Graph,
    layer: Filter,
    shifted: str,
    name: str,
    actions: tuple[str, str],
    sizes: tuple[int, ...],
) -> tuple[str, str]:
    """Compute kept channels from this frame and late ones from the previous; return both maps."""
    channels, in_channels = layer.weight.shape[:2]
    keep, reuse = actions
    # One channel more, of zeros, which is always in the lists.
    weight = graph.constant(np.pad(layer.weight, ((0, 1), (0, 0), (0, 0), (0, 0))))
    bias = graph.constant(np.pad(layer.bias, (0, 1)))
    extra = graph.constant(np.zeros((1, *sizes[2:])))
    previous = graph.remember(f"{name}/input", (1, in_channels, *sizes[:2]))
    graph.leave(f"{name}/input", shifted)
    raw_before = graph.remember(f"{name}/raw", (channels, *sizes[2:]))
    computed = graph.remember(f"{name}/unknown", (channels,), TensorProto.BOOL)
    graph.leave(f"{name}/unknown", graph.node("Not", keep), TensorProto.BOOL)

    def compute(chosen: str, x: str, into: str) -> str:
        rows = _indices(graph, chosen, channels)
        some_weight, some_bias = (
            graph.node("Gather", weight, rows),
            graph.node("Gather", bias, rows),
        )
        found = graph.node("Relu", _convolve(graph, x, layer, some_weight, some_bias))
        maps = graph.node("Squeeze", found, graph.ints(0))
        indices = graph.node("Unsqueeze", rows, graph.ints(1))
        wide = graph.node("Concat", into, extra, axis=0)
        found = graph.node("ScatterND", wide, indices, maps)
        return graph.node("Slice", found, graph.ints(0), graph.ints(channels), graph.ints(0))

    zeros = graph.constant(np.zeros((channels, *sizes[2:])))
    raw = compute(keep, shifted, zeros)
    graph.leave(f"{name}/raw", raw)
    return raw, compute(graph.node("And", reuse, computed), previous, raw_before)


def _consume(
    graph: _Graph,
    layer: Filter,
    actions: tuple[str, str],
    maps: tuple[str, str],
    shape: tuple[int, ...],
) -> str:
    """Convolve the fused channels that are not skipped, and one of zeros."""
    channels = shape[0]
    zeros = graph.constant(np.zeros((1, *shape[1:])))
    keep, reuse = (graph.node("Reshape", chosen, graph.ints(-1, 1, 1)) for chosen in actions)
    fused = graph.node("Where", keep, maps[0], graph.node("Where", reuse, maps[1], zeros))
    fused = graph.node("Concat", fused, zeros, axis=0)
    active = _indices(graph, graph.node("Or", *actions), channels)
    weight: NDArray[np.float32] = np.pad(layer.weight, ((0, 0), (0, 1), (0, 0), (0, 0)))
    some_weight = graph.node("Gather", graph.constant(weight), active, axis=1)
    some = graph.node("Unsqueeze", graph.node("Gather", fused, active), graph.ints(0))
    return _convolve(graph, some, layer, some_weight)

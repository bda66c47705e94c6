"""Checks that a bundle's graph computes what its network does, actions included."""

from __future__ import annotations

import numpy as np

from models.bundle import Bundle
from models.engines.base import StreamingEngine
from models.engines.onnx import OnnxEngine
from models.engines.torch import TorchEngine, load_network
from models.errors import ModelError

STEPS = 24
"""Frames of noise that both engines run, for each seed."""

TOLERANCE = 1e-3
"""Largest difference of two logits or features."""

NOISES = 4
"""Seeds that are tried at most, because two logits of a policy may be equal but for rounding.

A correct graph rounds differently at a few channels under some seeds; a wrong one chooses different
actions under every seed.
"""


class ActionMismatchError(ModelError):
    """Two engines chose different actions."""


def largest_difference(first: StreamingEngine, second: StreamingEngine, seed: int) -> float:
    """Run two engines of one model over the same noise and return how far their logits differ.

    Args:
        first: One engine.
        second: The other one.
        seed: Seed of the noise.

    Raises:
        ActionMismatchError: They chose different actions.
    """
    spec = first.spec
    rng = np.random.default_rng(seed)
    states = [first.init_state(), second.init_state()]
    largest = 0.0
    for _ in range(STEPS):
        frame = rng.standard_normal((3, spec.input_height, spec.input_width), np.float32)
        one, two = first.step(frame, states[0]), second.step(frame, states[1])
        states = [one.state, two.state]
        largest = max(largest, float(np.abs(one.logits - two.logits).max()))
        if one.features is not None and two.features is not None:
            largest = max(largest, float(np.abs(one.features - two.features).max()))
        for block, other in zip(one.trace.blocks, two.trace.blocks, strict=True):
            if not np.array_equal(block.actions, other.actions):
                raise ActionMismatchError(
                    f"The engines {first.name} and {second.name} choose different actions "
                    f"in {block.name}."
                )
    return largest


def check_graph(bundle: Bundle) -> None:
    """Compare a bundle's graph, run by ONNX Runtime, with its network.

    Raises:
        ModelError: Their logits or actions differ.
    """
    check_engines(TorchEngine(load_network(bundle), bundle.cost), OnnxEngine(bundle))


def check_engines(reference: StreamingEngine, graph: StreamingEngine) -> None:
    """Compare an exported graph with its network.

    Args:
        reference: Runs the network.
        graph: Runs the graph.

    Raises:
        ModelError: Their logits or actions differ.
    """
    difference = _difference_without_ties(reference, graph)
    if difference > TOLERANCE:
        raise ModelError(
            f"The exported graph differs from the network by {difference:.2g}; "
            "this is a bug, please report it."
        )


def _difference_without_ties(first: StreamingEngine, second: StreamingEngine) -> float:
    for seed in range(NOISES - 1):
        try:
            return largest_difference(first, second, seed)
        except ActionMismatchError:
            continue
    return largest_difference(first, second, NOISES - 1)

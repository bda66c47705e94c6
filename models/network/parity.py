"""Checks that a bundle's graph says and decides what its network does."""

from __future__ import annotations

import numpy as np

from models.bundle import Bundle
from models.engines.base import StreamingEngine
from models.engines.onnx import OnnxEngine
from models.engines.torch import TorchEngine, load_network
from models.errors import ModelError

STEPS = 24
"""Of each noise."""

TOLERANCE = 1e-3
"""How far logits may be apart."""

NOISES = 4
"""How many are tried: two logits of a policy may be equal but for rounding.

A graph that is right rounds differently at a few channels of some noises; one that is wrong decides
differently under every one.
"""


class DecisionError(ModelError):
    """Two engines chose different actions."""


def largest_difference(first: StreamingEngine, second: StreamingEngine, seed: int) -> float:
    """Run two engines side by side over noise and return the largest difference of their logits.

    Args:
        first: One engine.
        second: Another one, of the same model.
        seed: Of the noise.

    Raises:
        DecisionError: They chose different actions.
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
        for block, other in zip(one.trace.blocks, two.trace.blocks, strict=True):
            if not np.array_equal(block.actions, other.actions):
                raise DecisionError(
                    f"The engines {first.name} and {second.name} decide differently "
                    f"in {block.name}."
                )
    return largest


def check_parity(bundle: Bundle) -> None:
    """Compare a bundle's graph, in ONNX Runtime, with its network.

    Raises:
        ModelError: They do not agree.
    """
    reference, graph = TorchEngine(load_network(bundle), bundle.cost), OnnxEngine(bundle)
    difference = _difference_without_ties(reference, graph)
    if difference > TOLERANCE:
        raise ModelError(
            f"The exported graph differs from the network by {difference:.2g}; "
            "this is a defect, please report it."
        )


def _difference_without_ties(first: StreamingEngine, second: StreamingEngine) -> float:
    for seed in range(NOISES - 1):
        try:
            return largest_difference(first, second, seed)
        except DecisionError:
            continue
    return largest_difference(first, second, NOISES - 1)

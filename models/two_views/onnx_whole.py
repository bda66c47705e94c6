"""The whole view with its locator on ONNX Runtime."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.onnx import OnnxEngine, OnnxState
from models.spec import ModelSpec
from models.two_views.stream import WholeResult

HAND_OUTPUTS = ("locator/scores", "locator/boxes")
"""Names of the locator's outputs in the graph, in the order of `locator.HandMap`."""


class OnnxWholeEngine:
    """Runs the whole view's graph frame by frame.

    Args:
        bundle: The whole view of a `TwoViewBundle`.
        threads: Threads of one step; 0 lets ONNX Runtime choose.

    Raises:
        ModelError: The graph is damaged or does not fit the description.
    """

    name = OnnxEngine.name

    def __init__(self, bundle: Bundle, threads: int = 0) -> None:
        self._engine = OnnxEngine(bundle, threads, HAND_OUTPUTS)

    @property
    def spec(self) -> ModelSpec:
        """The network that runs."""
        return self._engine.spec

    @property
    def device(self) -> str:
        """Where it runs: "CUDA" or "CPU"."""
        return self._engine.device

    def init_state(self) -> OnnxState:
        """Return the state before the first frame."""
        return self._engine.init_state()

    def step(self, frame: NDArray[np.float32], state: OnnxState) -> WholeResult:
        """Run one frame of shape (3, H, W)."""
        (logits, after, trace, features), (scores, boxes) = self._engine.graph_step(frame, state)
        return WholeResult(logits, scores, boxes, after, trace, features)

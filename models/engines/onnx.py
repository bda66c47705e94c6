"""The ONNX Runtime engine: needs no PyTorch and runs on the CPU or on CUDA."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.base import StepResult
from models.engines.onnx_runtime import onnxruntime
from models.errors import ModelError
from models.flops import step_trace
from models.spec import ModelSpec

INPUT = "frame"
LOGITS = "logits"
FEATURES = "features"
STATE_PREFIX = "state/"
NEXT_PREFIX = "next/"
ACTIONS_PREFIX = "actions/"
WEIGHTS_DIGEST = "weights_sha256"
"""Names in the graph: `models.network.export` writes them, this engine reads them."""

_FATAL_ONLY = 4

OnnxState = tuple[tuple[NDArray[np.float32], ...], tuple[NDArray[np.int8], ...] | None]
"""State tensors in the order of the graph's inputs, and the actions of the previous frame."""


def _open(bundle: Bundle, threads: int) -> onnxruntime.InferenceSession:
    # ONNX Runtime prints its own warnings to stderr; what matters is reported here in one sentence.
    onnxruntime.set_default_logger_severity(_FATAL_ONLY)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Idle workers that spin would take cores from the camera and the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    available = onnxruntime.get_available_providers()
    providers = [
        name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in available
    ]
    try:
        return onnxruntime.InferenceSession(bundle.graph_path, options, providers=providers)
    except Exception as error:
        # The runtime raises a dozen unrelated classes, most of them directly from C++.
        reason = str(error).splitlines()[0]
        raise ModelError(
            f"ONNX Runtime cannot load {bundle.graph_path}: {reason}; export the bundle again."
        ) from error


class GraphStep(NamedTuple):
    """What one step of a graph returns.

    Attributes:
        result: As of every engine.
        extra: What else the graph gives, each without its batch axis.
    """

    result: StepResult
    extra: tuple[NDArray[np.float32], ...]


class OnnxEngine:
    """Runs a bundle's ONNX graph frame by frame.

    The convolutions are computed in full and masked: the trace holds what the policy asks for, not
    what this engine spends.
    """

    name = "onnx"

    def __init__(self, bundle: Bundle, threads: int = 0, extra: tuple[str, ...] = ()) -> None:
        """Load the graph.

        Args:
            bundle: The model.
            threads: Threads of one step; 0 lets ONNX Runtime choose.
            extra: Names of outputs that the graph has between its logits and its actions.

        Raises:
            ModelError: The graph is damaged or does not fit the description.
        """
        self._bundle = bundle
        self._extra = extra
        self._session = _open(bundle, threads)
        inputs = {item.name: tuple(item.shape) for item in self._session.get_inputs()}
        self._outputs = [item.name for item in self._session.get_outputs()]
        self._gives_features = FEATURES in self._outputs
        self._state_shapes = {
            name: shape for name, shape in inputs.items() if name.startswith(STATE_PREFIX)
        }
        self._check(inputs)

    def _check(self, inputs: dict[str, tuple[int, ...]]) -> None:
        spec, cost = self._bundle.spec, self._bundle.cost
        expected_outputs = (
            [LOGITS, *self._extra]
            + [FEATURES] * self._gives_features  # not of graphs of earlier versions
            + [ACTIONS_PREFIX + site.name for site in cost.sites]
            + [NEXT_PREFIX + name.removeprefix(STATE_PREFIX) for name in self._state_shapes]
        )
        metadata = self._session.get_modelmeta().custom_metadata_map
        fits = (
            inputs.get(INPUT) == (1, 3, spec.input_height, spec.input_width)
            and self._outputs == expected_outputs
            and self._session.get_outputs()[0].shape == [1, spec.outputs]
            # The graph reads weights at byte offsets: other weights would silently give nonsense.
            and metadata.get(WEIGHTS_DIGEST) == self._bundle.weights_digest
        )
        if not fits:
            raise ModelError(
                f"The graph {self._bundle.graph_path} does not fit its description; "
                "export the bundle again."
            )

    @property
    def spec(self) -> ModelSpec:
        """The model that runs."""
        return self._bundle.spec

    @property
    def device(self) -> str:
        """Where it runs: "CUDA" or "CPU"."""
        provider: str = self._session.get_providers()[0]
        return provider.removesuffix("ExecutionProvider")

    def init_state(self) -> OnnxState:
        """Return the state before the first frame."""
        return tuple(np.zeros(shape, np.float32) for shape in self._state_shapes.values()), None

    def step(self, frame: NDArray[np.float32], state: OnnxState) -> StepResult:
        """Run one frame of shape (3, H, W)."""
        return self.graph_step(frame, state).result

    def graph_step(self, frame: NDArray[np.float32], state: OnnxState) -> GraphStep:
        """Run one frame of shape (3, H, W), and return the extra outputs as well."""
        memory, previous = state
        feed = dict(zip(self._state_shapes, memory, strict=True))
        feed[INPUT] = frame[None]
        logits, *rest = self._session.run(self._outputs, feed)
        extra, rest = rest[: len(self._extra)], rest[len(self._extra) :]
        features = rest.pop(0)[0] if self._gives_features else None
        blocks = len(self._bundle.cost.sites)
        actions = tuple(block[0] for block in rest[:blocks])
        trace = step_trace(self._bundle.cost, actions, previous)
        result = StepResult(logits[0], (tuple(rest[blocks:]), actions), trace, features)
        return GraphStep(result, tuple(output[0] for output in extra))

"""The engines that are compared: each takes one frame after the other."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from benchmarks.engines.gathered import can_gather, write_gathered_graph
from models.bundle import Bundle
from models.engines.base import StepResult, StreamingEngine
from models.engines.onnx import INPUT, LOGITS, NEXT_PREFIX, STATE_PREFIX
from models.engines.onnx_runtime import onnxruntime
from models.engines.sparse import SparseEngine
from models.engines.torch import TorchEngine
from models.network.adafuse import AdaFuse
from models.network.cost import measure_cost
from models.network.export import export_bundle
from models.trace import StepTrace

Frame = NDArray[np.float32]


class Runner(Protocol):
    """Something that recognizes a stream, frame by frame."""

    def step(self, frame: Frame) -> NDArray[np.float32]:
        """Run the next frame, of shape (3, H, W); return its logits."""
        ...


class EngineRunner:
    """An engine of the project, with the state of its one stream."""

    def __init__(self, engine: StreamingEngine) -> None:
        self._engine = engine
        self._state = engine.init_state()
        self.traces: list[StepTrace] = []

    def step(self, frame: Frame) -> NDArray[np.float32]:
        """Run one frame."""
        result: StepResult = self._engine.step(frame, self._state)
        self._state = result.state
        self.traces.append(result.trace)
        return result.logits


class OnnxRunner:
    """A graph with its state in ONNX Runtime, as fast as that can be.

    Its threads spin only while a step runs, which is fair to the engine that is timed next.
    """

    def __init__(self, graph: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._feed = {
            item.name: np.zeros(item.shape, bool if item.type == "tensor(bool)" else np.float32)
            for item in self._session.get_inputs()
        }
        self._names = [item.name for item in self._session.get_outputs()]

    def step(self, frame: Frame) -> NDArray[np.float32]:
        """Run one frame."""
        self._feed[INPUT] = frame[None]
        found = dict(zip(self._names, self._session.run(self._names, self._feed), strict=True))
        for name, value in found.items():
            if name.startswith(NEXT_PREFIX):
                self._feed[STATE_PREFIX + name.removeprefix(NEXT_PREFIX)] = value
        logits: NDArray[np.float32] = found[LOGITS][0]
        return logits


class OpenVinoRunner:
    """The same graph in OpenVINO."""

    def __init__(self, graph: Path, threads: int) -> None:
        import openvino

        core = openvino.Core()
        settings = {
            "INFERENCE_NUM_THREADS": threads,
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
        }
        compiled = core.compile_model(core.read_model(graph), "CPU", settings)
        self._request = compiled.create_infer_request()
        self._feed = {
            item.any_name: np.zeros(tuple(item.shape), np.float32) for item in compiled.inputs
        }
        self._outputs = list(compiled.outputs)

    def step(self, frame: Frame) -> NDArray[np.float32]:
        """Run one frame."""
        self._feed[INPUT] = frame[None]
        found = self._request.infer(self._feed)
        logits: NDArray[np.float32] | None = None
        for output in self._outputs:
            name = output.any_name
            if name == LOGITS:
                logits = np.array(found[output][0])
            elif name.startswith(NEXT_PREFIX):
                # A copy: the request writes its next results to the same memory.
                self._feed[STATE_PREFIX + name.removeprefix(NEXT_PREFIX)] = np.array(found[output])
        assert logits is not None
        return logits


class WindowRunner:
    """Runs the last T frames again for every new one, as most live demos do."""

    def __init__(self, graph: Path, threads: int, frames: int) -> None:
        self._runner = OnnxRunner(graph, threads)
        self._window: list[Frame] = []
        self._frames = frames

    def step(self, frame: Frame) -> NDArray[np.float32]:
        """Run the whole window that ends with a frame."""
        self._window = [*self._window, frame][-self._frames :]
        missing = [self._window[0]] * (self._frames - len(self._window))
        return self._runner.step(np.stack([*missing, *self._window]))


class _Window(nn.Module):
    def __init__(self, network: AdaFuse) -> None:
        super().__init__()
        self.network = network

    def forward(self, clip: Tensor) -> Tensor:
        """Return the mean of the frames' logits."""
        return self.network(clip).logits.mean(dim=1)  # type: ignore[no-any-return]


def without_policies(network: AdaFuse) -> AdaFuse:
    """Return the dense network: the same weights, every channel kept."""
    dense = AdaFuse(msgspec.structs.replace(network.spec, policy=None))
    weights = {
        name: value
        for name, value in network.state_dict().items()
        if not name.startswith("policies.")
    }
    dense.load_state_dict(weights)
    return dense.eval()


def write_window_graph(dense: AdaFuse, path: Path) -> None:
    """Write the graph of a dense network over a whole clip."""
    spec = dense.spec
    clip = torch.zeros(1, spec.frames, 3, spec.input_height, spec.input_width)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        torch.onnx.export(
            _Window(dense).eval(),
            (clip,),
            path,
            dynamo=True,
            input_names=[INPUT],
            output_names=[LOGITS],
            verbose=False,
        )


def open_runners(
    bundle: Bundle, network: AdaFuse, folder: Path, threads: int, *, window: bool
) -> dict[str, Runner]:
    """Open everything that can be compared for a network.

    Args:
        bundle: The network as a bundle.
        network: The network.
        folder: Where the graphs are written.
        threads: Threads of every engine.
        window: Also run whole windows.
    """
    dense = without_policies(network)
    graph = export_bundle(dense, folder / "dense", "# Dense, for a comparison\n").graph_path
    torch.set_num_threads(threads)
    runners: dict[str, Runner] = {
        "sparse": EngineRunner(SparseEngine(bundle, threads)),
        "onnx_dense": OnnxRunner(graph, threads),
        "torch_dense": EngineRunner(TorchEngine(dense, measure_cost(dense))),
    }
    optional: dict[str, Callable[[], Runner]] = {}
    if importlib.util.find_spec("openvino") is not None:
        optional["openvino_dense"] = lambda: OpenVinoRunner(graph, threads)
    if can_gather(bundle):
        optional["onnx_gathered"] = lambda: _gathered(bundle, folder, threads)
    if window:
        optional["onnx_window"] = lambda: _window(dense, folder, threads)
    return runners | {name: open_one() for name, open_one in optional.items()}


def _gathered(bundle: Bundle, folder: Path, threads: int) -> Runner:
    write_gathered_graph(bundle, folder / "gathered.onnx")
    return OnnxRunner(folder / "gathered.onnx", threads)


def _window(dense: AdaFuse, folder: Path, threads: int) -> Runner:
    write_window_graph(dense, folder / "window.onnx")
    return WindowRunner(folder / "window.onnx", threads, dense.spec.frames)

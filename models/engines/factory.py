"""Chooses and opens an engine for a bundle, and says which one and why."""

from __future__ import annotations

import hashlib
import importlib.util
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar, overload

from models.bundle import Bundle
from models.engines import ENGINE_KINDS
from models.engines.base import StreamingEngine
from models.errors import ModelError
from models.live import LiveEngine
from models.personal.personal_set import PersonalSet, read_set
from models.spec import ModelSpec
from models.two_views.bundle import AnyBundle, TwoViewBundle

if TYPE_CHECKING:
    from models.two_views.stream import WholeEngine

log = logging.getLogger(__name__)

Progress = Callable[[float], None]
"""Called with the fraction that is done, 0 to 1, while kernels are compiled."""


EngineT = TypeVar("EngineT", "StreamingEngine", "WholeEngine")
EngineT_co = TypeVar("EngineT_co", bound=LiveEngine, covariant=True)


class Opened(NamedTuple, Generic[EngineT_co]):
    """An engine that is ready to step, and why it is this one.

    Attributes:
        engine: The engine.
        reason: Why it was chosen, as the end of a sentence.
        weights_digest: SHA-256 of the weights that it runs.
        personal: A person's gestures, with which it is to run.
    """

    engine: EngineT_co
    reason: str
    weights_digest: str = ""
    personal: PersonalSet | None = None

    @property
    def spec(self) -> ModelSpec:
        """The model, with the person's labels if there are any."""
        spec = self.engine.spec
        return spec if self.personal is None else self.personal.spec_on(spec)

    @property
    def digest(self) -> str:
        """SHA-256 of all that scores depend on."""
        if self.personal is None:
            return self.weights_digest
        return hashlib.sha256(f"{self.weights_digest}{self.personal.digest}".encode()).hexdigest()

    def with_set(self, path: Path) -> Opened[EngineT_co]:
        """Return this with a person's gestures.

        Args:
            path: The file of the set.

        Raises:
            ModelError: It is missing, damaged, or made with another model.
        """
        personal = read_set(path)
        personal.check_belongs_to(self.engine.spec, self.weights_digest)
        return self._replace(personal=personal)


OpenedEngine = Opened[LiveEngine]
"""An engine of a model of one view or two."""


@overload
def create_engine(
    bundle: Bundle, kind: str = ..., threads: int = ..., progress: Progress | None = ...
) -> Opened[StreamingEngine]: ...


@overload
def create_engine(
    bundle: AnyBundle, kind: str = ..., threads: int = ..., progress: Progress | None = ...
) -> OpenedEngine: ...


def create_engine(
    bundle: AnyBundle, kind: str = "auto", threads: int = 0, progress: Progress | None = None
) -> OpenedEngine:
    """Open an engine.

    Of a model of two views, `kind` says what runs both; "auto" chooses for each of the two.

    Args:
        bundle: The model.
        kind: One of `ENGINE_KINDS`.
        threads: Threads of one step; 0 lets the engine choose.
        progress: Called while the sparse engine's kernels are compiled, which takes a while once,
            at the first start on a machine.

    Raises:
        ModelError: The engine is not supported here, or the bundle does not fit.
    """
    digest = bundle.weights_digest
    if isinstance(bundle, TwoViewBundle):
        return _open_two_views(bundle, kind, threads, progress)._replace(weights_digest=digest)
    _check_streams(bundle.spec)
    engine, reason = _open(bundle, _ONE_NETWORK, kind, threads, progress)
    return Opened(engine, reason, digest)


def _check_streams(spec: ModelSpec) -> None:
    if not spec.can_stream:
        raise ModelError(
            f"The model {spec.name} looks one frame ahead and cannot run live; "
            "train it with shift: one_way."
        )


def _open_two_views(
    bundle: TwoViewBundle, kind: str, threads: int, progress: Progress | None
) -> OpenedEngine:
    """Open the engines of both views; `weights_digest` is still empty.

    Raises:
        ModelError: An engine is not supported here, or the bundle does not fit.
    """
    _check_streams(bundle.pair.whole)
    _check_streams(bundle.pair.crop)
    if kind == "torch":
        _prepare_torch(threads)
        from models.two_views.torch_stream import open_torch

        return OpenedEngine(open_torch(bundle), "asked for")
    from models.two_views.stream import two_view_stream

    whole = _open(bundle.whole, _WHOLE_VIEW, kind, threads, progress)
    crop = _open(bundle.crop, _ONE_NETWORK, kind, threads, progress)
    stream = two_view_stream(
        bundle.pair,
        whole.engine,
        crop.engine,
        bundle.places,
        reads=bundle.reads,
    )
    reason = f"whole view: {whole.reason}; hand: {crop.reason}"
    return OpenedEngine(stream, crop.reason if whole.reason == crop.reason else reason)


class _Chosen(NamedTuple, Generic[EngineT]):
    """An engine of one network, and why it is this one."""

    engine: EngineT
    reason: str


class _Makers(NamedTuple, Generic[EngineT]):
    """What opens the engines of one kind of network, for a bundle and a number of threads.

    Attributes:
        torch: PyTorch's, or None where something else opens it.
        sparse: The sparse engine.
        onnx: ONNX Runtime, and the device on which it runs.
    """

    torch: Callable[[Bundle, int], EngineT] | None
    sparse: Callable[[Bundle, int], EngineT]
    onnx: Callable[[Bundle, int], tuple[EngineT, str]]


def _open(
    bundle: Bundle,
    makers: _Makers[EngineT],
    kind: str,
    threads: int,
    progress: Progress | None,
) -> _Chosen[EngineT]:
    """Open an engine of one network.

    Raises:
        ModelError: The engine is not supported here, or the bundle does not fit.
    """
    if kind == "torch" and makers.torch is not None:
        return _Chosen(makers.torch(bundle, threads), "asked for")
    if kind == "onnx":
        engine, device = makers.onnx(bundle, threads)
        return _Chosen(engine, f"asked for; {_device_note(device)}")
    if kind == "sparse":
        return _Chosen(_prepared(makers, bundle, threads, progress), "asked for")
    if kind == "auto":
        return _fastest(bundle, makers, threads, progress)
    raise ModelError(f"There is no engine '{kind}'; choose one of {', '.join(ENGINE_KINDS)}.")


def _fastest(
    bundle: Bundle, makers: _Makers[EngineT], threads: int, progress: Progress | None
) -> _Chosen[EngineT]:
    """Open the engine that is fastest here: measured at the first start, remembered afterwards.

    PyTorch does not take part: on a CPU it has never been the fastest, and loading it takes longer
    than the rest of a start.
    """
    from models.engines import fastest
    from models.engines.planning.network_plan import problem

    unknown = problem(bundle)
    known = None if unknown is not None else fastest.remembered(bundle, threads)
    if known is not None and known.engine == "sparse":
        return _Chosen(_prepared(makers, bundle, threads, progress), known.reason)
    dense, device = makers.onnx(bundle, threads)
    if unknown is not None:
        return _Chosen(dense, f"the sparse engine {unknown}; {_device_note(device)}")
    if known is not None:
        return _Chosen(dense, f"{known.reason}; {_device_note(device)}")
    sparse = _prepared(makers, bundle, threads, progress)
    found = fastest.measure(bundle, threads, {"sparse": sparse, "onnx": dense})
    if found.engine == "sparse":
        return _Chosen(sparse, found.reason)
    return _Chosen(dense, f"{found.reason}; {_device_note(device)}")


def _prepared(
    makers: _Makers[EngineT], bundle: Bundle, threads: int, progress: Progress | None
) -> EngineT:
    """Open the sparse engine, its kernels compiled.

    Raises:
        ModelError: It does not support the network.
    """
    from models.engines.planning.network_plan import check_supported
    from models.engines.planning.preparation import compile_kernels

    check_supported(bundle)
    compile_kernels(progress)
    return makers.sparse(bundle, threads)


def _sparse(bundle: Bundle, threads: int) -> StreamingEngine:
    from models.engines.sparse import SparseEngine

    return SparseEngine(bundle, threads)


def _onnx(bundle: Bundle, threads: int) -> tuple[StreamingEngine, str]:
    from models.engines.onnx import OnnxEngine

    engine = OnnxEngine(bundle, threads)
    return engine, engine.device


def _sparse_whole(bundle: Bundle, threads: int) -> WholeEngine:
    from models.two_views.sparse_whole import SparseWholeEngine

    return SparseWholeEngine(bundle, threads)


def _onnx_whole(bundle: Bundle, threads: int) -> tuple[WholeEngine, str]:
    from models.two_views.onnx_whole import OnnxWholeEngine

    engine = OnnxWholeEngine(bundle, threads)
    return engine, engine.device


def _device_note(device: str) -> str:
    return "on CUDA" if device == "CUDA" else "on the CPU, CUDA is not available"


def _prepare_torch(threads: int) -> None:
    """Set PyTorch's threads.

    Raises:
        ModelError: PyTorch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        raise ModelError(
            "The torch engine needs PyTorch, which is not installed; use --engine sparse or onnx, "
            "or install the extra 'train'."
        )
    import torch

    if threads:
        torch.set_num_threads(threads)


def _torch(bundle: Bundle, threads: int) -> StreamingEngine:
    _prepare_torch(threads)
    import torch

    from models.engines.torch import TorchEngine, load_network

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return TorchEngine(load_network(bundle), bundle.cost, device)


_ONE_NETWORK: _Makers[StreamingEngine] = _Makers(_torch, _sparse, _onnx)
_WHOLE_VIEW: _Makers[WholeEngine] = _Makers(None, _sparse_whole, _onnx_whole)

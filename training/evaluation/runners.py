"""Runs clips: frame by frame in the step that the app runs or, where that cannot be, as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.base import StreamingEngine
from models.engines.factory import create_engine
from models.errors import ModelError
from models.flops import step_trace
from models.live import LiveModel
from models.preprocess import network_input, network_picture
from models.trace import StepTrace

if TYPE_CHECKING:
    from models.flops import NetworkCost
    from models.network.adafuse import AdaFuse

Frames = Sequence[NDArray[np.uint8]]


@dataclass(frozen=True)
class ClipRun:
    """What the network did with one clip.

    Attributes:
        logits: Scores of every frame, float32 of shape (T, K).
        traces: What each frame decided and cost; summed over the clip that is Eq. 5 of the paper.
    """

    logits: NDArray[np.float32]
    traces: tuple[StepTrace, ...]


class ClipRunner(Protocol):
    """Runs a model over one clip after another."""

    def run(self, frames: Frames) -> ClipRun:
        """Run one clip of 8-bit BGR frames, from the initial state."""
        ...


class SteppedRunner:
    """Streams a clip through an engine, exactly as the app does with a camera.

    Args:
        engine: Runs the model.
    """

    def __init__(self, engine: StreamingEngine) -> None:
        self._model = LiveModel(engine)

    def run(self, frames: Frames) -> ClipRun:
        """Run one clip, from the initial state."""
        model, interval_s = self._model, self._model.spec.frame_interval_s
        model.restart()
        steps = [
            model.step(network_picture(frame, model.spec), index * interval_s, run=0)
            for index, frame in enumerate(frames)
        ]
        return ClipRun(
            np.stack([step.logits for step in steps]), tuple(step.trace for step in steps)
        )


class WholeClipRunner:
    """Runs the network over a clip at once: for models that look ahead and so cannot stream.

    Args:
        network: The network, in evaluation mode.
        cost: What one frame costs.
    """

    def __init__(self, network: AdaFuse, cost: NetworkCost) -> None:
        self._network = network
        self._cost = cost

    def run(self, frames: Frames) -> ClipRun:
        """Run one clip."""
        import torch

        clip = np.stack([network_input(frame, self._network.spec) for frame in frames])
        with torch.inference_mode():
            result = self._network(torch.from_numpy(clip)[None])
        blocks = [one_hot[0].argmax(-1).to(torch.int8).numpy() for one_hot in result.actions]
        steps = [tuple(block[index] for block in blocks) for index in range(len(frames))]
        traces = tuple(
            step_trace(self._cost, now, before)
            for now, before in zip(steps, (None, *steps[:-1]), strict=True)
        )
        return ClipRun(result.logits[0].float().numpy(), traces)


def open_runner(bundle: Bundle, engine: str = "auto") -> ClipRunner:
    """Open what runs a bundle's clips.

    Args:
        bundle: The model.
        engine: Engine to run on; a model that looks ahead knows "auto" and "torch" only.

    Raises:
        ModelError: The engine cannot run the model.
    """
    if bundle.spec.can_stream:
        return SteppedRunner(create_engine(bundle, engine).engine)
    if engine not in ("auto", "torch"):
        raise ModelError(
            f"The model {bundle.spec.name} looks one frame ahead, and the {engine} engine runs "
            "frame by frame; leave --engine out."
        )
    from models.engines.torch import load_network

    return WholeClipRunner(load_network(bundle), bundle.cost)

"""Evaluates a bundle over the clips of a data set.

A model that streams runs frame by frame in the same step that the app runs; one that looks ahead
runs over whole clips.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from models.engines.factory import OpenedEngine, create_engine
from models.errors import ModelError
from models.flops import step_trace
from models.live import LiveModel
from models.preprocess import network_input, network_picture
from models.spec import ModelSpec
from models.two_views.bundle import AnyBundle, TwoViewBundle
from training.data.sampling import DenseWindow, Sampling, UniformSegments
from training.evaluation.clip_metrics import ClipEvaluation, ClipOutcome, ClipRun, summarize

if TYPE_CHECKING:
    from models.flops import NetworkCost
    from models.network.adafuse import AdaFuse

Frames = Sequence[NDArray[np.uint8]]
"""A clip: 8-bit BGR pictures of shape (H, W, 3)."""


class SamplingKind(StrEnum):
    """Which frames of a video become a clip."""

    WINDOW = "window"
    UNIFORM = "uniform"


def sampling_for(spec: ModelSpec, kind: SamplingKind | None, fps: float) -> Sampling:
    """Return which frames of a video to take.

    Args:
        spec: The model.
        kind: `WINDOW` takes the middle at the model's own cadence, as live; `UNIFORM` one frame
            from each of T equal parts of the video, as the paper. None: the first for models that
            can stream, the second for others.
        fps: Frames a second of the videos.
    """
    if kind is None:
        kind = SamplingKind.WINDOW if spec.can_stream else SamplingKind.UNIFORM
    if kind is SamplingKind.UNIFORM:
        return UniformSegments(spec.frames)
    return DenseWindow(spec.frames, stride=spec.frame_interval_s * fps)


class LabeledClip(Protocol):
    """What evaluation needs to know of a clip."""

    @property
    def label(self) -> int:
        """Index of the label."""
        ...


class ClipRunner(Protocol):
    """Runs a model over one clip after another."""

    @property
    def spec(self) -> ModelSpec:
        """The model, with the labels that it tells apart."""
        ...

    def run(self, frames: Frames) -> ClipRun:
        """Run one clip of 8-bit BGR frames, from the initial state."""
        ...


def evaluate_clips(
    bundle: AnyBundle,
    runner: ClipRunner,
    clips: Iterable[tuple[LabeledClip, Frames]],
    progress: Callable[[int], None] = lambda done: None,
) -> ClipEvaluation:
    """Run every clip and return accuracy, cost and policies.

    Args:
        bundle: The model.
        runner: Runs it.
        clips: At least one, each with the frames to look at.
        progress: Called after each clip with how many are done.
    """

    def outcomes() -> Iterator[ClipOutcome]:
        for done, (clip, frames) in enumerate(clips, start=1):
            yield ClipOutcome.of(runner.run(frames), clip.label)
            progress(done)

    blocks = [(site.name, site.channels) for site in bundle.cost.sites]
    return summarize(outcomes(), runner.spec, blocks)


def open_runner(
    bundle: AnyBundle, engine: str = "auto", personal: Path | None = None
) -> ClipRunner:
    """Return what runs a bundle's clips.

    Args:
        bundle: The model.
        engine: Engine to run on; a model that looks ahead supports only "auto" and "torch".
        personal: File of a person's gestures, which replace the model's own.

    Raises:
        ModelError: The engine cannot run the model, or the set does not fit it.
    """
    if bundle.spec.can_stream or isinstance(bundle, TwoViewBundle):
        opened = create_engine(bundle, engine)
        return SteppedRunner(opened if personal is None else opened.with_set(personal))
    if personal is not None:
        raise ModelError(
            f"The model {bundle.spec.name} looks one frame ahead and cannot run with a personal "
            "set; use a model that runs live."
        )
    if engine not in ("auto", "torch"):
        raise ModelError(
            f"The model {bundle.spec.name} looks one frame ahead, and the {engine} engine runs "
            "frame by frame; leave --engine out."
        )
    from models.engines.torch import load_network

    return WholeClipRunner(load_network(bundle), bundle.cost)


class SteppedRunner:
    """Streams a clip through an engine, exactly as the app does with a camera."""

    def __init__(self, opened: OpenedEngine) -> None:
        """Open a stream on an engine.

        Args:
            opened: Runs the model, with a person's gestures if there are any.
        """
        self._model = LiveModel(opened.engine, opened.personal)

    @property
    def spec(self) -> ModelSpec:
        """The model, with the person's labels if there are any."""
        return self._model.spec

    def run(self, frames: Frames) -> ClipRun:
        """Run one clip, from the initial state."""
        model, interval_s = self._model, self._model.spec.frame_interval_s
        model.restart()
        steps = [
            model.step(network_picture(frame, model.spec), index * interval_s, run=0, image=frame)
            for index, frame in enumerate(frames)
        ]
        return ClipRun(
            np.stack([step.logits for step in steps]),
            tuple(step.trace for step in steps),
            None if model.personal is None else steps[-1].scores.astype(np.float32),
        )


class WholeClipRunner:
    """Runs the network over a clip at once: for models that look ahead and so cannot stream."""

    def __init__(self, network: AdaFuse, cost: NetworkCost) -> None:
        """Take the network.

        Args:
            network: The network, in evaluation mode.
            cost: What one frame costs.
        """
        self._network = network
        self._cost = cost

    @property
    def spec(self) -> ModelSpec:
        """The model."""
        return self._network.spec

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

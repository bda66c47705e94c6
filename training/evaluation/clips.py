"""Evaluates a bundle over the clips of a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Protocol

from models.bundle import Bundle
from models.spec import ModelSpec
from training.data.sampling import DenseWindow, Sampling, UniformSegments
from training.evaluation.clip_metrics import ClipEvaluation, ClipOutcome, summarize
from training.evaluation.runners import ClipRunner, Frames


class SamplingKind(StrEnum):
    """Which frames of a video are looked at."""

    WINDOW = "window"
    UNIFORM = "uniform"


def sampling_for(spec: ModelSpec, kind: SamplingKind | None, fps: float) -> Sampling:
    """Return how a video becomes a clip.

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
    """What evaluation has to know of a clip."""

    @property
    def label(self) -> int:
        """Index of the label."""
        ...


def evaluate_clips(
    bundle: Bundle,
    runner: ClipRunner,
    clips: Iterable[tuple[LabeledClip, Frames]],
    progress: Callable[[int], None] = lambda done: None,
) -> ClipEvaluation:
    """Run every clip and sum up.

    Args:
        bundle: The model.
        runner: Runs it.
        clips: At least one, each with the frames to look at.
        progress: Told after each clip how many are done.
    """

    def outcomes() -> Iterator[ClipOutcome]:
        for done, (clip, frames) in enumerate(clips, start=1):
            yield ClipOutcome.of(runner.run(frames), clip.label)
            progress(done)

    blocks = [(site.name, site.channels) for site in bundle.cost.sites]
    return summarize(outcomes(), bundle.spec, blocks)

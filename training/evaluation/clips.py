"""Evaluates a bundle over the clips of a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from models.bundle import Bundle
from models.spec import ModelSpec
from training.data.sampling import DenseWindow, Sampling, UniformSegments
from training.evaluation.clip_metrics import ClipEvaluation, ClipOutcome, summarise
from training.evaluation.datasets import VideoClip
from training.evaluation.runners import ClipRunner


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


def evaluate_clips(
    bundle: Bundle,
    runner: ClipRunner,
    clips: Sequence[VideoClip],
    sampling: Sampling,
    progress: Callable[[int], None] = lambda done: None,
) -> ClipEvaluation:
    """Run every clip and sum up.

    Args:
        bundle: The model.
        runner: Runs it.
        clips: At least one.
        sampling: Which frames of a clip are looked at.
        progress: Told after each clip how many are done.

    Raises:
        DataError: A frame is missing or damaged.
    """

    def outcomes() -> Iterator[ClipOutcome]:
        for done, clip in enumerate(clips, start=1):
            chosen = sampling.indices(clip.frames, None)
            run = runner.run(clip.read(chosen.tolist()))
            yield ClipOutcome.of(run, clip.label)
            progress(done)

    blocks = [(site.name, site.channels) for site in bundle.cost.sites]
    return summarise(outcomes(), bundle.spec, blocks)

"""Clip accuracy of a bundle, measured in the same streaming step that the app runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.base import StreamingEngine
from models.engines.factory import create_engine
from models.preprocess import network_input
from training.data.layouts import Layout
from training.data.opening import open_dataset
from training.data.sampling import DenseWindow
from training.data.unreadable import read_clips


@dataclass(frozen=True)
class ClipMetrics:
    """Accuracy and cost over a data set; shares and accuracies are fractions.

    Attributes:
        clips: Clips evaluated.
        top1: Share of clips whose best label is right.
        top5: Share of clips whose label is among the best five.
        gflops_per_clip: Mean cost of a clip in 1e9 multiply-adds (paper, Eq. 5), policy networks
            included.
        dense_gflops_per_clip: Cost of a clip with every channel kept.
        keep: Share of kept channels.
        reuse: Share of reused channels.
        skip: Share of skipped channels.
        per_class: Top-1 accuracy of each label that occurs.
    """

    clips: int
    top1: float
    top5: float
    gflops_per_clip: float
    dense_gflops_per_clip: float
    keep: float
    reuse: float
    skip: float
    per_class: dict[str, float]

    def as_dict(self) -> dict[str, object]:
        """Return plain values for JSON, rounded to six digits."""
        rounded = {
            name: round(value, 6) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        rounded["per_class"] = {name: round(value, 6) for name, value in self.per_class.items()}
        return rounded


@dataclass(frozen=True)
class ClipOutcome:
    """What one clip gave.

    Attributes:
        label: Index of the right label.
        scores: Mean logits over the clip, of shape (K,).
        multiply_adds: Cost of the clip.
        dense_multiply_adds: Cost with every channel kept.
        shares: Fractions of kept, reused and skipped channels.
    """

    label: int
    scores: NDArray[np.float32]
    multiply_adds: int
    dense_multiply_adds: int
    shares: NDArray[np.float64]


def run_clip(
    engine: StreamingEngine, frames: Sequence[NDArray[np.uint8]], label: int
) -> ClipOutcome:
    """Stream one clip, from the initial state."""
    state = engine.init_state()
    logits, traces = [], []
    for frame in frames:
        result = engine.step(network_input(frame, engine.spec), state)
        state = result.state
        logits.append(result.logits)
        traces.append(result.trace)
    return ClipOutcome(
        label=label,
        scores=np.mean(logits, axis=0),
        multiply_adds=sum(trace.multiply_adds for trace in traces),
        dense_multiply_adds=sum(trace.dense_multiply_adds for trace in traces),
        shares=np.mean([trace.shares() for trace in traces], axis=0),
    )


def summarise(outcomes: Iterable[ClipOutcome], labels: Sequence[str]) -> ClipMetrics:
    """Turn the outcomes of at least one clip into metrics."""
    results = list(outcomes)
    ranks = [int(np.sum(item.scores > item.scores[item.label])) for item in results]
    right, seen = Counter[str](), Counter[str]()
    for item, rank in zip(results, ranks, strict=True):
        seen[labels[item.label]] += 1
        right[labels[item.label]] += rank == 0
    keep, reuse, skip = np.mean([item.shares for item in results], axis=0)
    return ClipMetrics(
        clips=len(results),
        top1=float(np.mean([rank == 0 for rank in ranks])),
        top5=float(np.mean([rank < 5 for rank in ranks])),
        gflops_per_clip=float(np.mean([item.multiply_adds for item in results])) / 1e9,
        dense_gflops_per_clip=float(np.mean([item.dense_multiply_adds for item in results])) / 1e9,
        keep=float(keep),
        reuse=float(reuse),
        skip=float(skip),
        per_class={label: right[label] / seen[label] for label in labels if label in seen},
    )


def evaluate_clips(
    bundle: Bundle,
    layout: Layout,
    root: Path,
    annotations: Path,
    *,
    fps: float = 12.0,
    engine: str = "auto",
) -> ClipMetrics:
    """Evaluate on the central window, at the model's cadence, of the clips of a data set.

    Args:
        bundle: The model.
        layout: Which data set it is.
        root: Folder of its clips.
        annotations: Its annotations, or a list file.
        fps: Frames a second of the clips; Jester has 12.
        engine: Engine to run on.

    Raises:
        DataError: Data is missing, too much is damaged, or labels differ from the model's.
        ModelError: The engine cannot run the model.
    """
    spec = bundle.spec
    clips = open_dataset(layout, root, annotations, spec.labels)
    runner = create_engine(bundle, engine).engine
    sampling = DenseWindow(spec.frames, stride=spec.frame_interval_s * fps)
    outcomes = (
        run_clip(runner, frames, clip.label)
        for clip, frames in read_clips(clips, partial(sampling.indices, rng=None))
    )
    return summarise(outcomes, spec.labels)

"""Accuracy and cost over a data set of clips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.spec import ModelSpec
from models.trace import StepTrace
from training.evaluation.policy_mix import BlockMix, ClipMixes, block_mixes, clip_mixes

DECIMALS = 6
"""Digits after the point in reports."""


@dataclass(frozen=True)
class ClipRun:
    """What the network did with one clip.

    Attributes:
        logits: Scores of every frame, float32 of shape (T, K).
        traces: What each frame decided and cost; summed over the clip that is Eq. 5 of the paper.
        scores: Of the whole clip, of shape (K,), where they are not the mean of the logits.
    """

    logits: NDArray[np.float32]
    traces: tuple[StepTrace, ...]
    scores: NDArray[np.float32] | None = None


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
            name: round(value, DECIMALS) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        rounded["per_class"] = {
            name: round(value, DECIMALS) for name, value in self.per_class.items()
        }
        return rounded


@dataclass(frozen=True)
class ClipOutcome:
    """The result over one clip.

    Attributes:
        label: Index of the right label.
        scores: Mean logits over the clip, of shape (K,).
        multiply_adds: Cost of the clip.
        dense_multiply_adds: Cost with every channel kept.
        shares: Fractions of kept, reused and skipped channels of the whole network.
        mixes: The same per fused block.
    """

    label: int
    scores: NDArray[np.float32]
    multiply_adds: int
    dense_multiply_adds: int
    shares: NDArray[np.float64]
    mixes: ClipMixes

    @classmethod
    def of(cls, run: ClipRun, label: int) -> ClipOutcome:
        """Return the result of a run over a clip."""
        return cls(
            label=label,
            scores=run.logits.mean(axis=0) if run.scores is None else run.scores,
            multiply_adds=sum(trace.multiply_adds for trace in run.traces),
            dense_multiply_adds=sum(trace.dense_multiply_adds for trace in run.traces),
            shares=np.mean([trace.shares() for trace in run.traces], axis=0),
            mixes=clip_mixes(run.traces),
        )


@dataclass(frozen=True)
class ClipEvaluation:
    """Everything that an evaluation over clips found.

    Attributes:
        metrics: Accuracy and cost.
        labels: All labels of the model.
        confusion: How often each label (row) was taken for each (column), int64 of shape (K, K).
        blocks: The policy of each fused block, from input to output; none for a dense network.
    """

    metrics: ClipMetrics
    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    blocks: tuple[BlockMix, ...]

    @property
    def seen(self) -> NDArray[np.int64]:
        """Clips of each label, of shape (K,)."""
        return np.asarray(self.confusion.sum(axis=1), np.int64)


def summarize(
    outcomes: Iterable[ClipOutcome], spec: ModelSpec, blocks: Iterable[tuple[str, int]]
) -> ClipEvaluation:
    """Return the metrics over at least one clip.

    Args:
        outcomes: One for each clip.
        spec: The model.
        blocks: Name and channels of each fused block, from input to output.

    Raises:
        ModelError: The model's scores are not finite.
    """
    results = list(outcomes)
    if not all(np.isfinite(item.scores).all() for item in results):
        raise ModelError(
            f"The model {spec.name} gave scores that are not finite; its weights are damaged."
        )
    ranks = np.asarray([_rank(item.scores, item.label) for item in results])
    keep, reuse, skip = np.mean([item.shares for item in results], axis=0)
    confusion = _confusion(results, len(spec.labels))
    seen = confusion.sum(axis=1)
    metrics = ClipMetrics(
        clips=len(results),
        top1=float(np.mean(ranks == 0)),
        top5=float(np.mean(ranks < 5)),
        gflops_per_clip=float(np.mean([item.multiply_adds for item in results])) / 1e9,
        dense_gflops_per_clip=float(np.mean([item.dense_multiply_adds for item in results])) / 1e9,
        keep=float(keep),
        reuse=float(reuse),
        skip=float(skip),
        per_class={
            label: float(confusion[index, index] / seen[index])
            for index, label in enumerate(spec.labels)
            if seen[index]
        },
    )
    named = list(blocks)
    mixes = block_mixes(
        [name for name, _ in named],
        [channels for _, channels in named],
        [item.mixes for item in results],
    )
    return ClipEvaluation(metrics, spec.labels, confusion, mixes)


def _rank(scores: NDArray[np.float32], label: int) -> int:
    """Return how many labels come before one; of equal scores the first counts, as in `argmax`."""
    before = np.sum(scores > scores[label]) + np.sum(scores[:label] == scores[label])
    return int(before)


def _confusion(results: list[ClipOutcome], classes: int) -> NDArray[np.int64]:
    """Count (right label, label taken)."""
    right = np.asarray([item.label for item in results])
    taken = np.asarray([int(item.scores.argmax()) for item in results])
    counts = np.bincount(right * classes + taken, minlength=classes**2)
    return counts.reshape(classes, classes)

"""Pictures of an evaluation, drawn with Matplotlib's Agg renderer, which needs no display."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluation.clip_metrics import ClipEvaluation
from training.evaluation.policy_mix import BlockMix, DataSetMix

# Distinct for people with any color vision, and in gray.
_COLORS = {"keep": "#0072b2", "reuse": "#e69f00", "skip": "#c8c8c8"}
_DPI = 120
_MOST_NAMED_CLASSES = 60
"""With more labels than this, the axes have no names: they would overlap."""


def confusion_figure(evaluation: ClipEvaluation, data: str) -> Figure:
    """Draw the confusion matrix; each row is the share of that label's clips."""
    seen = np.maximum(evaluation.seen, 1)[:, None]
    shares = evaluation.confusion / seen
    classes = len(evaluation.labels)
    side = float(np.clip(0.32 * classes + 2.5, 4.0, 16.0))
    figure = Figure(figsize=(side, side), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    figure.colorbar(image, ax=axes, shrink=0.6, label="share of the label's clips")
    axes.set_title(f"{data}: top-1 {evaluation.metrics.top1:.1%} of {evaluation.metrics.clips}")
    axes.set_xlabel("taken for")
    axes.set_ylabel("label")
    if classes <= _MOST_NAMED_CLASSES:
        axes.set_xticks(range(classes), evaluation.labels, rotation=90, fontsize=7)
        axes.set_yticks(range(classes), evaluation.labels, fontsize=7)
        for row, column in np.argwhere(evaluation.confusion > 0):
            share = shares[row, column]
            axes.annotate(
                str(evaluation.confusion[row, column]),
                (column, row),
                ha="center",
                va="center",
                fontsize=6,
                color="white" if share > 0.6 else "black",
            )
    return figure


def policy_mix_figure(mixes: Sequence[DataSetMix]) -> Figure:
    """Draw keep, reuse and skip of each data set as one bar (paper, Fig. 3)."""
    figure = Figure(figsize=(2.5 + 1.1 * len(mixes), 4.0), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    bottom = np.zeros(len(mixes))
    for action, color in _COLORS.items():
        shares = np.asarray([getattr(item.mix, action) for item in mixes])
        bars = axes.bar(range(len(mixes)), shares, 0.7, bottom, color=color, label=action)
        axes.bar_label(bars, [f"{share:.1%}" for share in shares], label_type="center", fontsize=8)
        bottom += shares
    axes.set_xticks(range(len(mixes)), [item.data for item in mixes])
    _finish(axes, "share of channels")
    return figure


def policy_blocks_figure(blocks: Sequence[BlockMix], data: str) -> Figure:
    """Draw the policy of each fused block; what never changes in a clip is hatched (Fig. 4)."""
    figure = Figure(figsize=(2.5 + 0.55 * len(blocks), 4.2), dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    positions = range(len(blocks))
    bottom = np.zeros(len(blocks))
    for action, color in _COLORS.items():
        shares = np.asarray([getattr(block.mix, action) for block in blocks])
        constant = np.asarray([getattr(block.constant, action) for block in blocks])
        axes.bar(positions, constant, 0.8, bottom, color=color, hatch="////", edgecolor="white")
        axes.bar(positions, shares - constant, 0.8, bottom + constant, color=color, label=action)
        bottom += shares
    axes.bar([0], [0], color="white", hatch="////", edgecolor="gray", label="never changes")
    axes.set_xticks(
        positions, [block.name for block in blocks], rotation=60, ha="right", fontsize=8
    )
    axes.set_title(data)
    _finish(axes, "share of channels")
    return figure


def _finish(axes: Axes, quantity: str) -> None:
    """Set the axes and the legend of a picture of shares."""
    axes.set_ylim(0.0, 1.0)
    axes.set_ylabel(quantity)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=8)

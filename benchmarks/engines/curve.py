"""Draws the time of a step against the share that is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.errors import BenchmarkError


def draw_curve(points: Sequence[dict[str, float]], title: str, path: Path) -> None:
    """Write a picture of the points of `measure_curve`.

    Raises:
        BenchmarkError: The file cannot be written.
    """
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.add_subplot()
    shares = [point["flops_fraction"] for point in points]
    dense_ms = [point["best_dense_ms"] for point in points]
    axes.plot(shares, [point["sparse_ms"] for point in points], "o-", label="sparse engine")
    axes.plot(shares, dense_ms, "s--", label="best dense engine")
    axes.plot([0, 1], [0, sum(dense_ms) / len(dense_ms)], ":", color="gray", label="ideal")
    axes.set(
        xlabel="FLOPs, as a fraction of dense", ylabel="milliseconds, fastest step", title=title
    )
    axes.set_xlim(0, 1.05)
    axes.set_ylim(bottom=0)
    axes.legend()
    try:
        figure.savefig(path, dpi=120)
    except (OSError, ValueError) as error:
        raise BenchmarkError(f"The picture {path} cannot be written: {error}.") from error

"""Runs `python -m benchmarks engines` and prints its table."""

from __future__ import annotations

import argparse
import logging
import warnings
from typing import Any

from benchmarks.errors import BenchmarkError
from models.bundle import bundle_path

RANDOM_NETWORK: dict[str, Any] = {
    "backbone": "resnet18",
    "size": 224,
    "policy": "jester",
    "hidden": 384,
}
"""Options that describe a random network, and their defaults."""


def _complete(options: argparse.Namespace) -> None:
    """Fill in the defaults.

    Raises:
        BenchmarkError: An option was given that does not go with a bundle.
    """
    given = [name for name in RANDOM_NETWORK if getattr(options, name) is not None]
    if options.curve is not None:
        given.append("curve")
    if options.model is not None and given:
        raise BenchmarkError(
            f"--{given[0]} is for a random network and does not go with --model; leave one out."
        )
    for name, default in RANDOM_NETWORK.items():
        if getattr(options, name) is None:
            setattr(options, name, default)


def run_engines(options: argparse.Namespace) -> dict[str, object] | str:
    """Measure what the options ask for; return figures for JSON, or a table for people.

    Raises:
        BenchmarkError: It cannot be measured.
    """
    _complete(options)
    if options.curve is not None and not options.curve.parent.is_dir():
        raise BenchmarkError(f"There is no folder {options.curve.parent} for the picture.")
    if options.curve is not None and (options.curve.suffix != ".png" or options.curve.is_dir()):
        raise BenchmarkError(f"The picture must be a file that ends in .png, not {options.curve}.")
    model = None if options.model is None else bundle_path(options.model)
    # Loaded once the other options are known to be valid: PyTorch takes seconds.
    from benchmarks.engines.measure import measure_bundle, measure_engines
    from models.network.backbones.layouts.registry import LAYOUTS

    if options.backbone not in LAYOUTS:
        known = ", ".join(sorted(LAYOUTS))
        raise BenchmarkError(f"There is no backbone '{options.backbone}'; choose one of {known}.")
    # The exporter logs and warns a lot; errors are raised.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    if options.curve is not None:
        return _draw(options)
    common = {"bursts": options.bursts, "source": options.source, "window": options.window}
    figures: dict[str, Any]
    if model is not None:
        figures = measure_bundle(model, options.threads, **common)
    else:
        figures = measure_engines(
            options.backbone,
            options.size,
            options.policy,
            options.threads,
            hidden=options.hidden,
            **common,
        )
    return figures if options.json else _table(figures)


def _draw(options: argparse.Namespace) -> dict[str, object]:
    from benchmarks.engines.curve import draw_curve
    from benchmarks.engines.measure import measure_curve

    points = measure_curve(
        options.backbone,
        options.size,
        options.threads,
        hidden=options.hidden,
        bursts=options.bursts,
        source=options.source,
    )
    title = f"{options.backbone}, {options.size} pixels, {options.threads} threads"
    draw_curve(points, title, options.curve)
    return {"curve": points, "picture": str(options.curve)}


def _table(figures: dict[str, Any]) -> str:
    height, width = figures["input"]
    lines = [
        f"{figures['backbone']}, {height}x{width} pixels, threads: {figures['threads']}, "
        f"steps: {figures['steps']}; "
        f"keep / reuse / skip: {figures['keep']:.1%} / {figures['reuse']:.1%} / "
        f"{figures['skip']:.1%}",
        "",
        f"{'engine':<16}{'median ms':>11}{'min ms':>11}",
    ]
    for name, times in sorted(figures["engines"].items(), key=lambda item: item[1]["median_ms"]):
        lines.append(f"{name:<16}{times['median_ms']:>11.2f}{times['min_ms']:>11.2f}")
    lines += [
        "",
        f"sparse is {figures['speedup']:.2f} times as fast as {figures['best_dense']} "
        f"({figures['speedup_turn_by_turn']:.2f} turn by turn); "
        f"FLOPs fraction {figures['flops_fraction']:.3f}, limit {figures['limit']:.2f}",
    ]
    if "speedup_over_window" in figures:
        lines.append(
            f"and {figures['speedup_over_window']:.1f} times "
            f"({figures['speedup_over_window_turn_by_turn']:.1f} turn by turn) as fast as running "
            "the whole window again for every frame"
        )
    return "\n".join(lines)

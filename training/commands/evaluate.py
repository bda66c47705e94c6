"""Evaluates accuracy, cost and policies of a model over clips."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.arguments import (
    add_model,
    add_personal,
    fraction,
    frame_rate,
    positive_fraction,
)
from training.data.errors import DataError, not_written
from training.data.layouts import DEFAULT_PATTERN, Layout
from training.data.unreadable import DEFAULT_SHARE

if TYPE_CHECKING:
    from training.evaluation.clip_metrics import ClipMetrics

HELP = "accuracy, cost and policies of a model over clips"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    add_personal(parser)
    layouts = [layout.value for layout in Layout]
    parser.add_argument("--data", choices=layouts, default="jester", help="layout of the data")
    parser.add_argument("--root", type=Path, required=True, help="folder of the clips")
    parser.add_argument(
        "--annotations", type=Path, help="official annotations, or a list file (ROOT/labels.csv)"
    )
    parser.add_argument("--label-file", type=Path, help="label names for a list file")
    parser.add_argument(
        "--frame-pattern", default=DEFAULT_PATTERN, help=f"names of frames ({DEFAULT_PATTERN})"
    )
    parser.add_argument(
        "--unreadable-share",
        type=fraction,
        default=DEFAULT_SHARE,
        help=f"share of the clips that may be unreadable ({DEFAULT_SHARE:g})",
    )
    parser.add_argument(
        "--crop-share",
        type=positive_fraction,
        default=1.0,
        help="sides of the center crop, as shares of the largest: 1 as in the app, 0.875 as in "
        "the paper (1)",
    )
    parser.add_argument("--fps", type=frame_rate, default=12.0, help="frame rate of the clips (12)")
    parser.add_argument(
        "--sampling",
        choices=("window", "uniform"),
        help="window: the middle of a video at the model's cadence; uniform: one frame from each "
        "of T equal parts, as in the paper (window for models that can run live, else uniform)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, help="new folder for tables (CSV) and pictures (PNG)")
    parser.add_argument("--name", help="name of the data in pictures (the name of ROOT)")
    parser.add_argument(
        "--beside",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="folders of other evaluations whose policy mix is drawn beside this one",
    )


def run(options: argparse.Namespace) -> None:
    """Evaluate a model over clips, print the figures, and write the report.

    Raises:
        DataError: Data is missing or damaged, or the report cannot be written.
        ModelError: The model is damaged, or the engine cannot run it.
    """
    from functools import partial

    from models.bundle import bundle_path
    from models.files import check_new_folder
    from models.personal.personal_set import read_set
    from models.two_views.bundle import load_any_bundle
    from training.commands.progress import progress_bar
    from training.data.index import open_dataset
    from training.data.transforms import centers
    from training.data.unreadable import read_clips
    from training.evaluation.clips import (
        SamplingKind,
        evaluate_clips,
        open_runner,
        sampling_for,
    )
    from training.evaluation.reports import read_mix, write_clip_report

    try:
        if options.out is not None:
            check_new_folder(options.out)
        beside = [read_mix(folder) for folder in options.beside]
        bundle = load_any_bundle(bundle_path(options.model))
        annotations = options.annotations or options.root / "labels.csv"
        personal = None if options.personal is None else read_set(options.personal)
        labels = bundle.spec.labels
        if personal is not None:
            personal.check_belongs_to(bundle.spec, bundle.weights_digest)
            labels = personal.about.labels
        clips = open_dataset(
            Layout(options.data),
            options.root,
            annotations,
            tuple(dict.fromkeys((*labels, *bundle.spec.labels))),
            label_file=options.label_file,
            frame_pattern=options.frame_pattern,
        )
        # A person's set tells fewer gestures apart than the model does.
        clips = [clip for clip in clips if clip.label < len(labels)]
        if not clips:
            raise DataError(f"No clip in {annotations} has a label of the personal set.")
        kind = None if options.sampling is None else SamplingKind(options.sampling)
        sampling = sampling_for(bundle.spec, kind, options.fps)
        runner = open_runner(bundle, options.engine, options.personal)
        with progress_bar(len(clips), "clip") as reach:
            choose = partial(sampling.indices, rng=None)
            read = read_clips(clips, choose, options.unreadable_share)
            frames = ((clip, centers(images, options.crop_share)) for clip, images in read)
            evaluation = evaluate_clips(bundle, runner, frames, reach)
        metrics = evaluation.metrics
        # Before the report, so that nothing is lost if that cannot be written.
        print(json.dumps(metrics.as_dict()) if options.json else _table(metrics))
        if options.out is not None:
            name = options.name or options.root.resolve().name
            write_clip_report(options.out, evaluation, bundle.spec.name, name, beside)
    except OSError as error:
        raise not_written("The evaluation", error) from error


def _table(metrics: ClipMetrics) -> str:
    fraction = metrics.gflops_per_clip / metrics.dense_gflops_per_clip
    lines = [
        f"clips                {metrics.clips}",
        f"top-1                {metrics.top1:.1%}",
        f"top-5                {metrics.top5:.1%}",
        f"GFLOPs per clip      {metrics.gflops_per_clip:.3f} of "
        f"{metrics.dense_gflops_per_clip:.3f} dense ({fraction:.1%})",
        f"keep / reuse / skip  {metrics.keep:.1%} / {metrics.reuse:.1%} / {metrics.skip:.1%}",
        *(f"  {label:34} {accuracy:.1%}" for label, accuracy in metrics.per_class.items()),
    ]
    return "\n".join(lines)

"""Evaluates a model as it runs live, over streams of gestures, beginnings and distractions."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from training.commands.arguments import add_model, add_personal, add_streams
from training.data.errors import not_written

if TYPE_CHECKING:
    from training.evaluation.stream_metrics import StreamMetrics, StreamOutcome

HELP = "how well a model does live, over scripted streams"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    add_personal(parser)
    add_streams(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--out", type=Path, help="new folder for all gestures and events as CSV")


def run(options: argparse.Namespace) -> None:
    """Evaluate a model over streams, print the figures, and write the report.

    Raises:
        DataError: Streams are missing or damaged, or the report cannot be written.
        ModelError: The model is damaged, or cannot run live.
    """
    from models.bundle import bundle_path
    from models.engines.factory import create_engine
    from models.files import check_new_folder
    from models.two_views.bundle import load_any_bundle
    from training.commands.streams import transcribed
    from training.evaluation.reports import write_stream_report
    from training.evaluation.stream_metrics import summarize
    from training.evaluation.streams import TEST_SEED

    try:
        if options.out is not None:
            check_new_folder(options.out)
        opened = create_engine(load_any_bundle(bundle_path(options.model)), options.engine)
        if options.personal is not None:
            opened = opened.with_set(options.personal)
        spec = opened.spec
        streams = transcribed(opened.engine, options, TEST_SEED, personal=opened.personal)
        outcomes = [stream.outcome(spec, spec.decision) for stream in streams]
        metrics = summarize(outcomes)
        # Before the report, so that nothing is lost if that cannot be written.
        print(json.dumps(metrics.as_dict()) if options.json else _table(metrics, outcomes))
        if options.out is not None:
            write_stream_report(options.out, spec.name, metrics, outcomes)
    except OSError as error:
        raise not_written("The evaluation", error) from error


def _table(metrics: StreamMetrics, outcomes: Sequence[StreamOutcome]) -> str:
    delays = (metrics.delay_ms_p50, metrics.delay_ms_p95)
    shown = " / ".join("-" if delay is None else f"{delay:.0f}" for delay in delays)
    kinds = Counter(wrong.kind for item in outcomes for wrong in item.false)
    lines = [
        f"minutes                   {metrics.minutes:.1f}",
        f"gestures                  {metrics.gestures}",
        f"Levenshtein accuracy      {metrics.levenshtein_accuracy:.1%}",
        f"detection rate            {metrics.detection_rate:.1%}",
        f"false activations a min   {metrics.false_per_minute:.2f}",
        f"delay p50 / p95           {shown} ms",
        *(f"  false at {kind.value:34} {count}" for kind, count in kinds.most_common()),
    ]
    return "\n".join(lines)

"""Finds a model's best decision settings on streams and writes them into its bundle."""

from __future__ import annotations

import argparse

from training.commands.arguments import add_model, add_streams

HELP = "find a model's best thresholds on streams and write them into its bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    add_streams(parser)
    parser.add_argument("--dry-run", action="store_true", help="write nothing")


def run(options: argparse.Namespace) -> None:
    """Tune the settings, print the results, and write the bundle.

    Raises:
        DataError: Streams are missing or damaged, or are reserved for testing.
        ModelError: The model is damaged, cannot run live, or cannot be written.
    """
    from models.bundle import bundle_path, write_decision
    from models.engines.factory import create_engine
    from models.two_views.bundle import decision_folder, load_any_bundle
    from training.commands.progress import progress_bar
    from training.commands.streams import transcribed
    from training.evaluation.streams import TUNING_SEED
    from training.evaluation.tuning import MOST_CHOICES, Tuned, measured, tune

    bundle = load_any_bundle(bundle_path(options.model))
    engine = create_engine(bundle, options.engine).engine
    spec = engine.spec
    streams = transcribed(engine, options, TUNING_SEED, for_tuning=True)
    with progress_bar(MOST_CHOICES, "choice") as reach:
        best = tune(streams, spec, reach)

    def line(name: str, tuned: Tuned) -> str:
        metrics, settings = tuned.metrics, tuned.settings
        p95 = "-" if metrics.delay_ms_p95 is None else f"{metrics.delay_ms_p95:.0f} ms"
        return (
            f"{name:7} fire above {settings.fire_above:.2f} for {settings.hold_s:.2f} s, release "
            f"below {settings.release_below:.2f} for {settings.release_s:.2f} s: Levenshtein "
            f"{metrics.levenshtein_accuracy:.1%}, detected {metrics.detection_rate:.1%}, false "
            f"{metrics.false_per_minute:.2f} a minute, p95 {p95}"
        )

    print(line("before", measured(streams, spec, spec.decision)))
    print(line("after", best))
    if not options.dry_run:
        write_decision(decision_folder(bundle), best.settings)

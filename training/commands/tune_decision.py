"""Finds a model's best decision settings on streams and writes them into its bundle."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from training.commands.arguments import add_model, add_streams, within
from training.errors import UsageError

if TYPE_CHECKING:
    from models.decision import DecisionSettings
    from models.spec import ModelSpec
    from training.evaluation.gesture_tuning import TunedGesture
    from training.evaluation.streams import TranscribedStream
    from training.evaluation.tuning import Tuned

HELP = "find a model's best thresholds on streams and write them into its bundle"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    add_streams(parser)
    parser.add_argument(
        "--gestures",
        nargs="+",
        default=[],
        metavar="LABEL",
        help="gestures that get thresholds of their own afterwards",
    )
    parser.add_argument(
        "--false-per-minute",
        type=within(0, 60),
        default=0.1,
        help="false activations a minute that you accept, of each of these gestures (0.1)",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing")


def run(options: argparse.Namespace) -> None:
    """Tune the settings, print the results, and write the bundle.

    Raises:
        DataError: Streams are missing or damaged, or are reserved for testing.
        ModelError: The model is damaged, cannot run live, or cannot be written.
        UsageError: The model has no such gesture.
    """
    from models.bundle import bundle_path, write_decision
    from models.engines.factory import create_engine
    from models.two_views.bundle import decision_folder, load_any_bundle
    from training.commands.progress import progress_bar
    from training.commands.streams import transcribed
    from training.evaluation.streams import TUNING_SEED
    from training.evaluation.tuning import MOST_CHOICES, measured, tune

    bundle = load_any_bundle(bundle_path(options.model))
    engine = create_engine(bundle, options.engine).engine
    spec = engine.spec
    _check_gestures(options.gestures, spec)
    streams = transcribed(engine, options, TUNING_SEED, for_tuning=True)
    with progress_bar(MOST_CHOICES, "choice") as reach:
        best = tune(streams, spec, reach)
    settings, own = _with_own(streams, spec, best.settings, options)
    print(_line("before", measured(streams, spec, spec.decision)))
    print(_line("after", best))
    for gesture in own:
        print(_own_line(gesture))
    if own:
        print(_line("in all", measured(streams, spec, settings)))
    if not options.dry_run:
        write_decision(decision_folder(bundle), settings)


def _with_own(
    streams: Sequence[TranscribedStream],
    spec: ModelSpec,
    settings: DecisionSettings,
    options: argparse.Namespace,
) -> tuple[DecisionSettings, list[TunedGesture]]:
    """Tune the gestures that the options name."""
    from training.commands.progress import progress_bar
    from training.evaluation.gesture_tuning import CHOICES_PER_GESTURE, tune_gestures

    if not options.gestures:
        return settings, []
    choices = CHOICES_PER_GESTURE * len(options.gestures)
    with progress_bar(choices, "choice for gestures") as reach:
        return tune_gestures(
            streams, spec, settings, options.gestures, options.false_per_minute, reach
        )


def _check_gestures(labels: Sequence[str], spec: ModelSpec) -> None:
    unknown = [label for label in labels if label not in spec.labels or label in spec.silent_labels]
    if unknown:
        raise UsageError(f"The model {spec.name} has no gesture '{unknown[0]}' (--gestures).")


def _line(name: str, tuned: Tuned) -> str:
    metrics, settings = tuned.metrics, tuned.settings
    p95 = "-" if metrics.delay_ms_p95 is None else f"{metrics.delay_ms_p95:.0f} ms"
    return (
        f"{name:7} fire above {settings.fire_above:.2f} for {settings.hold_s:.2f} s, release "
        f"below {settings.release_below:.2f} for {settings.release_s:.2f} s: Levenshtein "
        f"{metrics.levenshtein_accuracy:.1%}, detected {metrics.detection_rate:.1%}, false "
        f"{metrics.false_per_minute:.2f} a minute, p95 {p95}"
    )


def _own_line(gesture: TunedGesture) -> str:
    own = gesture.thresholds
    return (
        f"  {gesture.label}: fire above {own.fire_above:.2f} for {own.hold_s:.2f} s: "
        f"{gesture.detected} of {gesture.made} detected, false {gesture.false_per_minute:.2f} a "
        "minute"
    )

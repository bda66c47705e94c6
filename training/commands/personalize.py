"""Teaches a model a person's own gestures from takes, and says honestly how well that went."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.arguments import add_model, frame_rate, within
from training.errors import UsageError

HELP = "teach a model your own gestures from a few takes of each"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    parser.add_argument(
        "--takes",
        type=Path,
        required=True,
        help="a folder for every gesture, named as it, with takes: videos or folders of pictures",
    )
    parser.add_argument(
        "--ordinary",
        type=Path,
        required=True,
        help="a minute of what must stay silent: videos, or folders of pictures",
    )
    parser.add_argument("--out", type=Path, required=True, help="file of the personal set")
    parser.add_argument("--name", help="whose set it is (the name of --out)")
    parser.add_argument(
        "--fps", type=frame_rate, default=12.0, help="frame rate of folders of pictures (12)"
    )
    parser.add_argument(
        "--false-per-minute",
        type=within(0.001, 10),
        default=0.1,
        help="false activations a minute that you accept, of all gestures together (0.1)",
    )
    parser.add_argument(
        "--keep-features",
        action="store_true",
        help="store the takes' features, from which the set can be fitted again; never pictures",
    )


def run(options: argparse.Namespace) -> None:
    """Read the takes, fit the set, write it, and print its figure.

    Raises:
        DataError: Takes or ordinary behavior are missing or damaged.
        ModelError: The model or the takes cannot be used, or the set cannot be written.
        UsageError: The set cannot be written where it is to go.
    """
    from models.bundle import bundle_path
    from models.engines.factory import create_engine
    from models.files import file_obstacle
    from models.live import LiveModel
    from models.personal.fitting import GeneralModel
    from models.personal.personal_set import write_set
    from models.personal.teaching import teach
    from models.two_views.bundle import load_any_bundle
    from training.commands.progress import progress_bar
    from training.personal.clips import read_lesson

    try:
        obstacle = file_obstacle(options.out)
    except OSError as error:
        obstacle = error.strerror or "no such name"
    if obstacle:
        raise UsageError(f"The personal set {options.out} cannot be written ({obstacle}).")
    bundle = load_any_bundle(bundle_path(options.model))
    model = LiveModel(create_engine(bundle, options.engine).engine)
    with progress_bar(1, "of all clips") as reach:
        lesson = read_lesson(
            model,
            options.takes,
            options.ordinary,
            options.fps,
            lambda done, count: reach(done / count),
        )
    general = GeneralModel(bundle.spec, bundle.head(), bundle.weights_digest)
    taught = teach(
        general,
        lesson,
        options.name or options.out.stem,
        false_per_min=options.false_per_minute,
    )
    write_set(options.out, taught.keeping(lesson) if options.keep_features else taught.set)
    for sentence in taught.figure.sentences():
        print(sentence)
    print(f"{options.out}: {options.out.stat().st_size / 1024:.1f} KiB, for --personal")

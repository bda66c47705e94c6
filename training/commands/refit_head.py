"""Refits a bundle's classifier to streams; everything before it stays as it is."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.commands.arguments import add_model, frame_rate, not_negative_float
from training.errors import UsageError

HELP = "refit a bundle's classifier to streams, for live use"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_model(parser)
    parser.add_argument("--streams", type=Path, required=True, help="videos with their cues")
    parser.add_argument("--clips", type=Path, required=True, help="clips to classify as before")
    parser.add_argument("--fps", type=frame_rate, default=6.0, help="frame rate of the clips (6)")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument(
        "--clip-weight",
        type=not_negative_float,
        default=2.0,
        help="weight of the clips against the streams (2)",
    )
    parser.add_argument(
        "--pull",
        type=not_negative_float,
        default=0.03,
        help="how strongly the weights are held at their old values (0.03)",
    )


def run(options: argparse.Namespace) -> None:
    """Collect features, refit the classifier, and write the bundle.

    Raises:
        DataError: Streams or clips are missing or damaged, or are reserved for testing.
        ModelError: The model is damaged or cannot run live, or the bundle cannot be written.
        UsageError: The new bundle would replace the old one.
    """
    from models.bundle import bundle_path, card_in, check_bundle_folder, is_bundle
    from models.engines.factory import create_engine
    from models.two_views.bundle import TwoViewBundle, is_two_views, load_any_bundle
    from training.commands.progress import progress_bar
    from training.evaluation.streams import check_not_test_streams
    from training.refit.features import clip_features, stream_features
    from training.refit.head import accuracy, refit_head
    from training.refit.reader import FeatureReader
    from training.refit.rewriting import write_with_head

    path = bundle_path(options.model)
    if options.out.resolve() == path.resolve():
        raise UsageError("--out must be another folder than --model, which is not changed.")
    bundle = load_any_bundle(path)
    two = isinstance(bundle, TwoViewBundle)
    check_bundle_folder(options.out, is_two_views if two else is_bundle)
    check_not_test_streams(options.streams)
    card = card_in(options.out) or card_in(path) or f"# {bundle.spec.name}\n"
    reader = FeatureReader(create_engine(bundle, options.engine).engine)
    with progress_bar(1, "of all streams") as reach:
        streams = stream_features(reader, options.streams, lambda done, count: reach(done / count))
    with progress_bar(1, "of all clips") as reach:
        clips = clip_features(
            reader, options.clips, options.fps, lambda done, count: reach(done / count)
        )
    old = bundle.head()
    new = refit_head(old, streams, clips, clip_weight=options.clip_weight, pull=options.pull)
    for name, data in (("steps of streams", streams), ("clips", clips)):
        print(
            f"{name:16} {len(data.labels):7}  "
            f"{accuracy(old, data):.1%} -> {accuracy(new, data):.1%}"
        )
    write_with_head(bundle, new, options.out, card)
    print(f"{options.out}: tune its thresholds with 'tune-decision' next")

"""Trains the part of a model of two views that reads the joints of the hand, in minutes.

It learns from the joints that the renderer knows, varied and misread as a network misreads them; it
needs no pictures, unless `--seen` has the model itself look at some. So most clips and streams of
the performer need not be drawn at all (`--undrawn`, `--undrawn-streams`).
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from models.engines import ENGINE_KINDS
from training.commands.arguments import count, frame_rate, seed
from training.errors import UsageError

if TYPE_CHECKING:
    from models.two_views.bundle import AnyBundle, TwoViewBundle
    from training.joint_reader.fitting import ReaderFit
    from training.joint_reader.samples import JointSampler
    from training.joint_reader.table import ClipJoints, StreamJoints
    from training.joint_reader.variation import JointVariation
    from training.two_views.hand_clips import HandClip

HELP = "train what reads the joints of the hand, in a model of two views"

_SAVE_EVERY_S = 60.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    pair = parser.add_mutually_exclusive_group(required=True)
    pair.add_argument("--model", help="a bundle of two views, or 'default'")
    pair.add_argument("--checkpoint", type=Path, help="instead of it, a checkpoint of its square")
    parser.add_argument("--whole", type=Path, help="with --checkpoint: that of the whole view")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        help="folders of the performer's clips, with hands.npz",
    )
    parser.add_argument(
        "--undrawn",
        type=count(0, 10_000_000),
        default=0,
        metavar="CLIPS",
        help="more clips, whose hands are computed and which are never drawn (0)",
    )
    parser.add_argument(
        "--undrawn-streams",
        type=count(0, 100_000),
        default=0,
        metavar="MINUTES",
        help="minutes of streams of that kind, for an equal share of the samples (0)",
    )
    parser.add_argument("--val", type=Path, help="folder of other clips, to measure the accuracy")
    parser.add_argument("--fps", type=frame_rate, default=6.0, help="frame rate of the clips (6)")
    parser.add_argument(
        "--steps",
        type=count(1, 10_000_000),
        default=6000,
        help="steps of 256 samples (6000)",
    )
    parser.add_argument(
        "--hidden",
        type=count(1, 16_384),
        help="width of the two layers (that of the model)",
    )
    parser.add_argument("--seed", type=seed, default=0, help="of all that is drawn (0)")
    parser.add_argument(
        "--seen",
        type=count(0, 10_000_000),
        default=0,
        help="clips in which the model itself looks for the joints, for half of the samples (0)",
    )
    parser.add_argument(
        "--engine", choices=ENGINE_KINDS, default="auto", help="engine for --seen (auto)"
    )
    parser.add_argument(
        "--resume", type=Path, help="file of the run's state: written every minute, resumed from"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")


def run(options: argparse.Namespace) -> None:
    """Train the layers, write the bundle, and print how often they are right.

    Raises:
        DataError: Clips are missing or damaged, or their hands are not known.
        ModelError: The model is damaged or says no joints, the state of another run is resumed
            from, or the bundle cannot be written.
        UsageError: The new bundle would replace the old one, or options do not go together.
    """
    from models.bundle import bundle_path, card_in, check_bundle_folder
    from models.two_views.bundle import is_two_views, load_any_bundle

    if not options.data and not options.undrawn:
        raise UsageError("Give --data, --undrawn or both: there is nothing to learn from.")
    if options.seen and not options.data:
        raise UsageError("--seen needs --data: the model looks at the pictures of these clips.")
    if options.whole is not None and options.checkpoint is None:
        raise UsageError("--whole belongs to --checkpoint; leave it out with --model.")
    folders = [folder.resolve() for folder in options.data]
    if options.val is not None and options.val.resolve() in folders:
        raise UsageError("--val must be another folder than those of --data.")
    if len(set(folders)) < len(folders):
        raise UsageError("--data names a folder twice; leave one out.")
    check_bundle_folder(options.out, is_two_views)
    if options.checkpoint is None:
        path = bundle_path(options.model)
        if options.out.resolve() == path.resolve():
            raise UsageError("--out must be another folder than --model, which is not changed.")
        card = card_in(options.out) or card_in(path)
        return _fit(load_any_bundle(path), card, options)
    from training.two_views.exporting import export_pair

    with TemporaryDirectory() as folder:
        exported = export_pair(options.checkpoint, options.whole, Path(folder) / "pair", None)
        return _fit(exported, card_in(options.out), options)


def _fit(bundle: AnyBundle, card: str | None, options: argparse.Namespace) -> None:
    """Train the layers of a bundle and write them to another one."""
    from msgspec.structs import replace as with_fields

    from models.errors import ModelError
    from models.two_views.bundle import TwoViewBundle
    from models.two_views.export import export_with_places
    from training.joint_reader.fitting import FitOptions, ReaderFit, accuracy, place_tensors
    from training.joint_reader.undrawn import FPS

    if not isinstance(bundle, TwoViewBundle) or not bundle.pair.joint_history:
        raise ModelError(
            f"The model {bundle.spec.name} has no square that says where joints are; train one "
            "with model.spec.joint_history."
        )
    if options.hidden is not None:
        bundle = replace(bundle, pair=with_fields(bundle.pair, place_hidden=options.hidden))
    clips, joints = _joints_of(options.data, bundle)
    measured = {}
    if joints:
        measured["clips"] = _sampler(joints, bundle, options.fps)
    undrawn = _undrawn_clips(options, bundle)
    if undrawn:
        measured["undrawn"] = _sampler(undrawn, bundle, FPS)
    streams = _undrawn_streams(options)
    if streams:
        measured["streams"] = _sampler_of_streams(streams, bundle)
    samplers = list(measured.values())
    if options.val is not None:
        _, others = _joints_of([options.val], bundle)
        measured["other clips"] = _sampler(others, bundle, options.fps)
    if options.seen:
        samplers.append(_sampler_of_seen(clips, bundle, options))
    described = {"model": bundle.weights_digest, "data": _digest([*joints, *undrawn, *streams])}
    described |= {"fps": options.fps, "seen": options.seen}
    settings = FitOptions(seed=options.seed, steps=options.steps)
    fit = ReaderFit(bundle.pair, samplers, settings, described)
    _train(fit, options.steps, options.resume)
    places = place_tensors(fit.reader, bundle.pair)
    export_with_places(bundle, places, options.out, card or f"# {bundle.spec.name}\n")
    for name, sampler in measured.items():
        print(f"{name:12} {accuracy(fit.reader, sampler):.1%} of varied samples")
    print(f"{options.out}: tune its thresholds with 'tune-decision' next")
    if options.resume is not None:
        options.resume.unlink(missing_ok=True)


def _joints_of(
    folders: Sequence[Path], bundle: TwoViewBundle
) -> tuple[list[HandClip], list[ClipJoints]]:
    """Return the clips of some folders, and the joints that the renderer knows in them."""
    if not folders:
        return [], []
    from training.commands.progress import progress_bar
    from training.joint_reader.table import read_joints_of

    with progress_bar(1, "of all clips") as reach:
        known = read_joints_of(folders, bundle.spec.labels, reach)
    return [clip for clip, _ in known], [joints for _, joints in known]


def _undrawn_clips(options: argparse.Namespace, bundle: TwoViewBundle) -> list[ClipJoints]:
    from training.commands.progress import progress_bar
    from training.joint_reader.undrawn import undrawn_clips

    if not options.undrawn:
        return []
    with progress_bar(1, "of the clips that are not drawn") as reach:
        return undrawn_clips(options.undrawn, options.seed, bundle.spec.labels, reach)


def _undrawn_streams(options: argparse.Namespace) -> list[StreamJoints]:
    from training.commands.progress import progress_bar
    from training.joint_reader.undrawn import undrawn_streams

    if not options.undrawn_streams:
        return []
    with progress_bar(1, "of the streams that are not drawn") as reach:
        return undrawn_streams(options.undrawn_streams, options.seed, reach)


def _sampler(
    joints: Sequence[ClipJoints],
    bundle: TwoViewBundle,
    fps: float,
    variation: JointVariation | None = None,
) -> JointSampler:
    from training.joint_reader.moments import ClipMoments
    from training.joint_reader.samples import JointSampler
    from training.joint_reader.table import JointTable

    moments = ClipMoments(joints, bundle.pair, bundle.spec.frame_interval_s * fps)
    return JointSampler(JointTable(joints), bundle.pair, moments, variation)


def _sampler_of_streams(streams: Sequence[StreamJoints], bundle: TwoViewBundle) -> JointSampler:
    from training.joint_reader.moments import StreamMoments
    from training.joint_reader.samples import JointSampler
    from training.joint_reader.table import JointTable

    stride = bundle.spec.frame_interval_s * streams[0].fps
    moments = StreamMoments(streams, bundle.pair, stride)
    return JointSampler(JointTable(streams), bundle.pair, moments)


def _sampler_of_seen(
    clips: Sequence[HandClip], bundle: TwoViewBundle, options: argparse.Namespace
) -> JointSampler:
    """Return what draws samples of the joints that the model itself says in some of the clips."""
    from models.engines.factory import create_engine
    from models.two_views.stream import TwoViewStream
    from training.commands.progress import progress_bar
    from training.joint_reader.table import said_by_square
    from training.joint_reader.variation import JointVariation

    engine = create_engine(bundle, options.engine).engine
    assert isinstance(engine, TwoViewStream)
    most = min(options.seen, len(clips))
    chosen = [clips[index * len(clips) // most] for index in range(most)]
    with progress_bar(1, "of the clips seen") as reach:
        seen = said_by_square(engine, chosen, reach)
    return _sampler(seen, bundle, options.fps, JointVariation().without_errors())


def _train(fit: ReaderFit, steps: int, state: Path | None) -> None:
    """Run to the end; the state of the run is written now and then, and where the run ends."""
    from training.commands.progress import progress_bar

    if state is not None and state.exists():
        fit.resume(state)
        print(f"{state}: the run goes on after step {fit.steps_done}", file=sys.stderr)
    saved_s = time.monotonic()

    def reached(done: int) -> None:
        nonlocal saved_s
        reach(done)
        if state is not None and time.monotonic() - saved_s >= _SAVE_EVERY_S:
            fit.save(state)
            saved_s = time.monotonic()

    try:
        with progress_bar(steps, "step") as reach:
            fit.run(reached)
    finally:
        if state is not None and fit.steps_done < steps:
            fit.save(state)


def _digest(joints: Sequence[ClipJoints | StreamJoints]) -> str:
    """Return a digest of clips and streams: a run resumes with the same ones alone."""
    from training.joint_reader.table import StreamJoints

    digest = hashlib.sha256()
    for clip in joints:
        done = clip.cues if isinstance(clip, StreamJoints) else clip.label
        digest.update(f"{done} {clip.aspect:.4f} ".encode())
        digest.update(clip.joints.tobytes())
    return digest.hexdigest()

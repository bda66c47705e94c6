"""The command line of training: `python -m training COMMAND`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from models.errors import ModelError
from training.data.errors import DataError

FITTING_COMMANDS = ("fit", "validate", "test")

Command = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in FITTING_COMMANDS:
            from training.fitting import fit_command

            fit_command(arguments)
        else:
            options = _parser().parse_args(given)
            command: Command = options.command
            command(options)
    except (DataError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Nobody reads any more, as in `| head`; what is still buffered must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in FITTING_COMMANDS:
        commands.add_parser(name, help=f"{name} a model: see '{name} --help'")
    _add_evaluate(commands.add_parser("evaluate", help="accuracy and cost of a model over clips"))
    _add_export(commands.add_parser("export", help="turn a checkpoint into a bundle"))
    _add_synthesize(commands.add_parser("synthesize", help="write a folder of performer clips"))
    return parser


def _positive_int(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def _positive_float(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a positive number, not {text}")
    return value


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", required=True, help="a bundle's folder, or 'default'")
    parser.add_argument("--data", choices=("jester",), default="jester", help="layout of the data")
    parser.add_argument("--root", type=Path, required=True, help="folder of one folder a clip")
    parser.add_argument("--annotations", type=Path, help="CSV of id;label (ROOT/labels.csv)")
    parser.add_argument("--fps", type=_positive_float, default=12.0, help="of the clips (12)")
    parser.add_argument("--engine", default="auto", help="engine to run on (auto)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(command=_evaluate)


def _evaluate(options: argparse.Namespace) -> None:
    from models.bundle import bundle_path, load_bundle
    from training.evaluate import evaluate_jester

    annotations = options.annotations or options.root / "labels.csv"
    bundle = load_bundle(bundle_path(options.model))
    metrics = evaluate_jester(
        bundle, options.root, annotations, fps=options.fps, engine=options.engine
    )
    if options.json:
        print(json.dumps(metrics.as_dict()))
        return
    print(f"clips                {metrics.clips}")
    print(f"top-1                {metrics.top1:.1%}")
    print(f"top-5                {metrics.top5:.1%}")
    fraction = metrics.gflops_per_clip / metrics.dense_gflops_per_clip
    print(
        f"GFLOPs per clip      {metrics.gflops_per_clip:.3f} of "
        f"{metrics.dense_gflops_per_clip:.3f} dense ({fraction:.1%})"
    )
    print(f"keep / reuse / skip  {metrics.keep:.1%} / {metrics.reuse:.1%} / {metrics.skip:.1%}")
    for label, accuracy in metrics.per_class.items():
        print(f"  {label:34} {accuracy:.1%}")


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", type=Path, required=True, help="checkpoint of a fit")
    parser.add_argument("--out", type=Path, required=True, help="folder of the new bundle")
    parser.add_argument("--card", type=Path, help="Markdown file that becomes the card")
    parser.set_defaults(command=_export)


def _export(options: argparse.Namespace) -> None:
    from training.exporting import export_checkpoint

    bundle = export_checkpoint(options.checkpoint, options.out, options.card)
    size = sum(file.stat().st_size for file in bundle.path.iterdir())
    print(f"{bundle.path}: {bundle.spec.name}, {size / 2**20:.1f} MiB")


def _add_synthesize(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must be new")
    parser.add_argument("--clips", type=_positive_int, required=True, help="how many clips")
    parser.add_argument("--seed", type=int, default=0, help="first seed (0)")
    parser.add_argument("--fps", type=_positive_float, default=12.0, help="frames a second (12)")
    parser.add_argument("--duration", type=_positive_float, default=3.0, help="seconds a clip (3)")
    parser.add_argument("--height", type=_positive_int, default=100, help="pixels (100)")
    parser.add_argument("--workers", type=_positive_int, help="processes (one per core)")
    parser.add_argument("--backgrounds", type=Path, help="folder of room images to mix in")
    parser.add_argument("--collage", type=Path, help="folder of cut-outs to make collages from")
    parser.add_argument("--collage-share", type=float, default=0.5, help="share of collages (0.5)")
    parser.set_defaults(command=_synthesize)


def _synthesize(options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from training.performer.synthesize import CollageMix, synthesize

    textures: Path | None = options.collage
    collages = None if textures is None else CollageMix(textures, options.collage_share)
    with tqdm(total=options.clips, unit="clip", disable=None) as bar:

        def progress(done: int, _: int) -> None:
            bar.update(done - bar.n)

        try:
            synthesize(
                options.out,
                options.clips,
                options.seed,
                fps=options.fps,
                duration_s=options.duration,
                height=options.height,
                workers=options.workers,
                backgrounds=options.backgrounds,
                collages=collages,
                progress=progress,
            )
        except (OSError, ValueError) as error:
            raise DataError(str(error)) from error

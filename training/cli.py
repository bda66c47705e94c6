"""The command line of training: `python -m training COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from models.errors import ModelError
from training.commands import (
    compare_performer,
    cut_windows,
    evaluate,
    evaluate_streams,
    export,
    fit_joints,
    personalize,
    refit_head,
    synthesize,
    synthesize_streams,
    tune_decision,
)
from training.data.errors import DataError
from training.errors import UsageError
from training.fit import FIT_COMMANDS, FIT_TWO_VIEWS
from training.fit.endings import RunEnded, signals_end_the_run

COMMANDS = {
    "evaluate": evaluate,
    "evaluate-streams": evaluate_streams,
    "tune-decision": tune_decision,
    "refit-head": refit_head,
    "fit-joints": fit_joints,
    "export": export,
    "personalize": personalize,
    "synthesize": synthesize,
    "synthesize-streams": synthesize_streams,
    "cut-windows": cut_windows,
    "compare-performer": compare_performer,
}
"""The module behind each command; see `training.commands`."""

QUIET = {"OPENCV_LOG_LEVEL": "SILENT", "OPENCV_FFMPEG_LOGLEVEL": "-8"}
"""Keeps OpenCV and FFmpeg from printing about damaged files, which our own messages name.

They read it when they are loaded, which happens inside the commands.
"""

Run = Callable[[argparse.Namespace], None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 failed, 2 wrong usage, 128 + N signal."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in (*FIT_COMMANDS, FIT_TWO_VIEWS):
            with signals_end_the_run(resumable=given[0] in ("fit", FIT_TWO_VIEWS)):
                _fit(given[0], arguments)
        else:
            options = _parser().parse_args(given)
            run: Run = options.run
            with signals_end_the_run(resumable=False):
                run(options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    except (DataError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    except RunEnded as ended:
        print(ended, file=sys.stderr)
        return ended.exit_code
    except BrokenPipeError:
        # The reader is gone, as in `| head`; flushing the buffer at exit must not fail.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def _fit(command: str, arguments: Sequence[str] | None) -> None:
    # The imports take seconds, during which a signal may arrive too.
    if command == FIT_TWO_VIEWS:
        from training.two_views.command import fit_two_views_command

        fit_two_views_command(arguments)
    else:
        from training.fit.command import fit_command

        fit_command(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name in FIT_COMMANDS:
        commands.add_parser(name, help=f"{name} a model: see '{name} --help'")
    commands.add_parser(
        FIT_TWO_VIEWS, help=f"fit a model of two views: see '{FIT_TWO_VIEWS} --help'"
    )
    for name, command in COMMANDS.items():
        own = commands.add_parser(name, help=command.HELP, description=command.__doc__)
        command.add_arguments(own)
        own.set_defaults(run=command.run)
    return parser

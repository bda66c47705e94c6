"""`fit-two-views`: the command line over the module and the data of two views."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Any

from training.fit import FIT_TWO_VIEWS
from training.fit.cli import RunCLI, run_cli
from training.fit.command import USUAL_CLASSES
from training.fit.recipe import RecipeParser
from training.two_views.data import TwoViewData
from training.two_views.module import TwoViewModule
from training.two_views.recipe import build_pair

SHARED_WITH_DATA = ("spec", "trains")
"""Keys of the model that the data needs as well."""

CLASSES = {key: USUAL_CLASSES[key] for key in ("model.schedule", "data.sampling")}


class TwoViewParser(RecipeParser):
    """Names this command in messages."""

    command = FIT_TWO_VIEWS


class TwoViewCLI(RunCLI):
    """The command line of recipes of two views."""

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """Return Lightning's commands that there are: bundles are judged by `evaluate`."""
        return {"fit": RunCLI.subcommands()["fit"]}

    def link_arguments(self, parser: Any) -> None:
        """Pass the network on to the data; see `RunCLI`."""
        parser.set_defaults(CLASSES)
        for key in SHARED_WITH_DATA:
            parser.link_arguments(f"model.{key}", f"data.{key}")

    def described_model(self, config: Any) -> dict[str, Any]:
        """Return all fields of both views; see `RunCLI`."""
        return build_pair(config.model.spec)[1]


def fit_two_views_command(arguments: Sequence[str] | None) -> None:
    """Train what a recipe describes; see `run_cli`.

    Args:
        arguments: The command and its options; those of the process by default.
    """
    given = sys.argv[1:] if arguments is None else arguments
    # Lightning knows the command as "fit", and the process was not called so.
    warnings.filterwarnings("ignore", "LightningCLI's args parameter is intended")
    usage = f"python -m training {FIT_TWO_VIEWS} --config RECIPE [--KEY VALUE ...]"
    run_cli(
        TwoViewCLI,
        TwoViewModule,
        TwoViewData,
        ["fit", *given[1:]],
        {"fit": usage},
        TwoViewParser,
    )

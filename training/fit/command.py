"""`fit`, `validate` and `test`: the command line over the module and the data of AdaFuse."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.datamodule import ClipData
from training.data.label_files import read_labels
from training.data.layouts import Layout
from training.fit import FIT_COMMANDS
from training.fit.cli import RunCLI, run_cli
from training.fit.module import AdaFuseModule
from training.fit.recipe import build_spec

USUAL_CLASSES = {
    "model.schedule": {"class_path": "training.fit.optimizing.OneCycle"},
    "data.sampling": {"class_path": "training.data.sampling.DenseWindow"},
    "data.augmentation": {"class_path": "training.data.transforms.Augmentation"},
}
"""The classes that a recipe means if it gives their values without naming a class."""

SHARED_WITH_DATA: dict[str, tuple[str, Any]] = {
    "input_height": ("height", 0),
    "input_width": ("width", 0),
    "mean": ("mean", IMAGENET_MEAN),
    "std": ("std", IMAGENET_STD),
    "labels": ("labels", None),
}
"""Fields of the model's description that the data needs: their keys in the data, and their values
if the recipe has none. A size of 0 is rejected when the model is built."""


class FitCLI(RunCLI):
    """The command line of AdaFuse's recipes."""

    def link_arguments(self, parser: Any) -> None:
        """Pass the input's size and the labels on to the data; see `RunCLI`."""
        parser.set_defaults(USUAL_CLASSES)
        for field, (key, default) in SHARED_WITH_DATA.items():
            parser.link_arguments(
                "model.spec",
                f"data.{key}",
                # A missing spec is rejected later, with one sentence.
                compute_fn=lambda spec, field=field, default=default: (spec or {}).get(
                    field, default
                ),
            )

    def described_model(self, config: Any) -> dict[str, Any]:
        """Return all fields of the model, with the labels of a file if the recipe names one."""
        model = config.model
        labels = model.spec.get("labels")
        if isinstance(labels, str):
            names = read_labels(Layout(config.data.layout), Path(labels))
            model.spec["labels"] = list(names)
        return build_spec(model.spec, model.policy_mode, model.policy_mix)[1]


def fit_command(arguments: Sequence[str] | None) -> None:
    """Run one of `FIT_COMMANDS`; see `run_cli`.

    Args:
        arguments: The command and its options; those of the process by default.
    """
    usages = {
        command: f"python -m training {command} --config RECIPE [--KEY VALUE ...]"
        for command in FIT_COMMANDS
    }
    run_cli(FitCLI, AdaFuseModule, ClipData, arguments, usages)

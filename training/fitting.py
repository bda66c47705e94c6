"""`fit`, `validate` and `test`: Lightning's command line over our module and data."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.cli import LightningCLI

from training.data.module import ClipData
from training.module import AdaFuseModule


class FittingCLI(LightningCLI):
    """LightningCLI with the links and defaults that every recipe shares."""

    def add_arguments_to_parser(self, parser: Any) -> None:
        """Say the input's size once, in the model, and hand it on to the data."""
        for side in ("height", "width"):
            parser.link_arguments(
                "model.spec",
                f"data.{side}",
                # A spec without it is refused with a sentence when the model is built.
                compute_fn=lambda spec, side=side: spec.get(f"input_{side}", 0),
            )


def fit_command(arguments: Sequence[str] | None) -> None:
    """Run Lightning's command line.

    Curves and checkpoints go to `lightning_logs/version_N` under `trainer.default_root_dir`.

    Args:
        arguments: `fit`, `validate` or `test` and its options; those of the process by default.
    """
    for name in ("lightning.pytorch", "lightning.fabric"):
        # What hardware there is not, and what else one might install, would hide what matters.
        logging.getLogger(name).setLevel(logging.WARNING)
    FittingCLI(
        AdaFuseModule,
        ClipData,
        args=None if arguments is None else list(arguments),
        save_config_kwargs={"overwrite": True},
        # An error names the key at fault; a page of all options before it would bury that.
        parser_kwargs={
            command: {"usage": f"python -m training {command} --config RECIPE [--KEY VALUE ...]"}
            for command in ("fit", "validate", "test")
        },
        trainer_defaults={
            "callbacks": [
                ModelCheckpoint(
                    monitor="val/accuracy", mode="max", save_last=True, filename="best"
                ),
            ],
        },
    )

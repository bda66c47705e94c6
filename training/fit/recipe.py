"""Reads a recipe, and refuses what no run could mean, in one sentence."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import torch
from jsonargparse import Namespace
from lightning.pytorch.cli import LightningArgumentParser

from models.engines.kernels.host import usable_cores

LARGEST_SEED = 2**32 - 1
"""That NumPy takes."""

POSITIVE = (
    *("accumulate_grad_batches", "check_val_every_n_epoch", "limit_train_batches"),
    "val_check_interval",
)
"""Keys of the trainer with which it would fail late, or do nothing, at 0 and below."""

NOT_NEGATIVE = ("gradient_clip_val", "log_every_n_steps")
"""Keys that 0 switches off; below, they would be switched off without being asked to."""

OTHER_WEIGHTS = (
    *("16-true", "bf16-true", "64-true", "64"),
    *("transformer-engine", "transformer-engine-float16"),
)
"""Precisions of the weights themselves; costs and batch norms are computed in single precision."""


class RecipeParser(LightningArgumentParser):
    """Tells what is wrong with a recipe in one sentence, without a page of all options."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """End the program: wrong usage."""
        if not self.exit_on_error:  # an attempt, of which another may succeed
            super().error(message, ex)
        sentence = " ".join(str(message).split())
        print(
            f"{sentence.rstrip('.!')}. See 'python -m training fit --help' for all keys.",
            file=sys.stderr,
        )
        sys.exit(2)


def check_ranges(parser: LightningArgumentParser, config: Any) -> None:
    """Refuse the ranges that a type cannot tell, or not in one sentence.

    Args:
        parser: Tells what is wrong, and ends the program.
        config: All keys of the recipe.
    """
    for section in ("trainer", "data", "model"):
        if not isinstance(config[section], Namespace):
            parser.error(f"{section} must be a section with keys of its own")
    # A bool asks for a random seed, or for none.
    if config.seed_everything is None or not 0 <= config.seed_everything <= LARGEST_SEED:
        parser.error(f"seed_everything must be 0 to {LARGEST_SEED}, not {config.seed_everything}.")
    if config.early_stopping is not None and config.early_stopping < 1:
        parser.error(f"early_stopping must be at least 1, not {config.early_stopping}.")
    for key in ("max_epochs", "max_steps"):
        if config.trainer[key] == 0:
            parser.error(f"trainer.{key} must be at least 1, or -1 for no limit, not 0.")
    for key in POSITIVE:
        value = config.trainer[key]
        if value is not None and value <= 0:
            parser.error(f"trainer.{key} must be above 0, not {value}.")
    for key in NOT_NEGATIVE:
        value = config.trainer[key]
        if value is not None and value < 0:
            parser.error(f"trainer.{key} must be 0 or more, not {value}.")
    if str(config.trainer.precision) in OTHER_WEIGHTS:
        parser.error(
            f"trainer.precision {config.trainer.precision} would hold the weights themselves in "
            "another precision, which they do not bear; take 32-true, bf16-mixed or 16-mixed"
        )
    _check_processes(parser, config.trainer)


def check_end(parser: LightningArgumentParser, trainer: Any) -> None:
    """Refuse a run without an end: Lightning would take a thousand epochs."""
    if trainer.max_epochs is None and trainer.max_steps == -1 and trainer.max_time is None:
        parser.error("The run has no end: give trainer.max_epochs or trainer.max_steps")


def _check_processes(parser: LightningArgumentParser, trainer: Any) -> None:
    """Refuse more processes than processor cores: each of them holds the whole network."""
    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    if trainer.accelerator != "cpu" and (gpu or trainer.accelerator != "auto"):
        return
    wanted, cores = str(trainer.devices), usable_cores()
    if wanted.isdecimal() and int(wanted) > cores:
        parser.error(
            f"trainer.devices must be 1 to {cores} on the CPU, one process for each of its cores, "
            f"not {wanted}."
        )

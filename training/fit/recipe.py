"""Reads a recipe, and refuses what no run could mean, in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec
import msgspec.yaml
import torch
from jsonargparse import Namespace
from lightning.pytorch.cli import LightningArgumentParser

from models.engines.kernels.host import usable_cores
from models.errors import ModelError
from models.network.backbones.layouts.registry import check_backbone
from models.spec import ModelSpec
from training.labels import JESTER_LABELS, SILENT_LABELS

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


PolicyChoice = Literal["adaptive", "no_reuse", "no_skip", "random", "keep"]
"""The values of `PolicyMode`, as a recipe writes them."""


def build_spec(
    fields: dict[str, Any],
    policy_mode: PolicyChoice | None = None,
    policy_mix: tuple[float, float, float] | None = None,
) -> tuple[ModelSpec, dict[str, Any]]:
    """Turn a recipe's description of the model into a `ModelSpec`.

    Labels default to those of Jester, silent ones to those of Jester's that are among the labels.

    Args:
        fields: Of the `ModelSpec`.
        policy_mode: Takes the place of the policy's mode.
        policy_mix: Takes the place of the policy's mix.

    Returns:
        The description, and all the fields that it was made of as plain values.

    Raises:
        ModelError: A field is unknown, missing or out of range, or there is no such backbone.
    """
    chosen = {"labels": list(JESTER_LABELS), **fields}
    silent = [label for label in SILENT_LABELS if label in chosen["labels"]]
    chosen.setdefault("silent_labels", silent)
    try:
        spec = msgspec.convert(_with_policy(chosen, policy_mode, policy_mix), ModelSpec)
    except (msgspec.ValidationError, ValueError) as error:
        raise ModelError(f"The recipe's model is not valid: {error}.") from error
    check_backbone(spec.backbone)
    return spec, msgspec.to_builtins(spec)


def _with_policy(
    fields: dict[str, Any],
    mode: PolicyChoice | None,
    mix: tuple[float, float, float] | None,
) -> dict[str, Any]:
    if mode is None and mix is None:
        return fields
    policy = dict(fields.get("policy") or {})
    if mode is not None:
        policy["mode"] = mode
        if mode != "random":
            policy.pop("mix", None)
    if mix is not None:
        policy["mix"] = list(mix)
    return {**fields, "policy": policy}


CONFIG_FILE = "config.yaml"
"""The resolved recipe, in the folder of every run."""

MAY_CHANGE = frozenset(
    {
        # How far to go, and how much of it may be lost.
        *("resume", "ckpt_path", "weights_only", "save_every_minutes", "early_stopping"),
        *("trainer.max_epochs", "trainer.max_steps", "trainer.max_time"),
        # Where things are; another machine may hold them elsewhere.
        *("data.root", "data.val_root", "data.annotations", "data.val_annotations"),
        *("data.label_file", "data.more_roots", "data.workers", "data.unreadable_share"),
        *("trainer.default_root_dir", "trainer.accelerator"),
        # What is told.
        *("trainer.logger", "trainer.log_every_n_steps", "trainer.enable_progress_bar"),
        *("trainer.enable_model_summary", "trainer.profiler"),
    }
)
"""Keys that do not change what a run learns."""

SHOWN = 40
"""Values with longer texts, such as lists of labels, are not told."""


@dataclass(frozen=True)
class RecipeChange:
    """A key with two values.

    Attributes:
        key: Such as `model.learning_rate`.
        before: When the run began; None where it had none.
        now: What is asked for; None where nothing is.
    """

    key: str
    before: Any
    now: Any

    def told(self, before: str, now: str) -> str:
        """Name the key, and the values if they are short, in words such as "then" and "now"."""
        values = (str(self.before), str(self.now))
        if max(map(len, values)) > SHOWN:
            return self.key
        return f"{self.key} ({values[0]} {before}, {values[1]} {now})"


def first_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> RecipeChange | None:
    """Return the first key of two resolved recipes that differs and may not, or None."""
    old, new = dict(_flat(before)), dict(_flat(now))
    for key in {**new, **old}:
        if key not in MAY_CHANGE and old.get(key) != new.get(key):
            return RecipeChange(key, old.get(key), new.get(key))
    return None


def check_same_recipe(run: Path, now: str) -> None:
    """Refuse to go on with a run by another recipe.

    Args:
        run: Folder of the run.
        now: The resolved recipe of the command, as YAML.

    Raises:
        ModelError: A key differs that may not, or the run's own recipe is damaged.
    """
    path = run / CONFIG_FILE
    if not path.is_file():
        return
    try:
        before = msgspec.yaml.decode(path.read_bytes(), type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The recipe of the run, {path}, is damaged; remove it to resume without it."
        ) from error
    change = first_change(before, msgspec.yaml.decode(now))
    if change is not None:
        raise ModelError(
            f"The run in {run} began with another {change.told('then', 'now')}; give what it began "
            "with, or begin another run: --resume false, and model.initial_checkpoint for its "
            "weights."
        )


def _flat(recipe: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a recipe under their keys as the command line has them."""
    for name, value in recipe.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and key not in MAY_CHANGE:
            yield from _flat(value, f"{key}.")
        else:
            yield key, value

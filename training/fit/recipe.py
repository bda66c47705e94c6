"""Reads a recipe, rejects what no run could use in one sentence, and compares two recipes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NoReturn

import msgspec
import msgspec.yaml
import torch
import yaml  # type: ignore[import-untyped]
from jsonargparse import Namespace, get_loader, set_loader
from lightning.pytorch.cli import LightningArgumentParser

from models.engines.kernels.host import usable_cores
from models.errors import ModelError
from models.network.backbones.layouts.registry import check_backbone
from models.spec import ModelSpec
from training.labels import JESTER_LABELS, SILENT_LABELS

CONFIG_FILE = "config.yaml"
"""The resolved recipe, in the folder of every run."""

MOVED_CLASSES = {
    "training.optimising.OneCycle": "training.fit.optimizing.OneCycle",
    "training.optimising.StepDecay": "training.fit.optimizing.StepDecay",
    "training.optimising.Cosine": "training.fit.optimizing.Cosine",
    "training.data.augmentation.Augmentation": "training.data.transforms.Augmentation",
    "training.data.cropping.MultiScaleCrop": "training.data.transforms.MultiScaleCrop",
    "training.data.cropping.CentreCrop": "training.data.transforms.CenterCrop",
}
"""Classes that recipes of earlier versions name, and where they are now."""

ADDED_KEYS: dict[str, Any] = {
    "data.sampling.init_args.pace": [1.0, 1.0],
    "data.shares.cut_moving": 0.0,
    "data.shares.astray": 0.0,
    "data.near_hands": 0.0,
    "data.faces": 0.0,
    "data.colors.glaring": 0.0,
    "model.loss.joints": 0.0,
    "model.loss.labels": 1.0,
    "model.spec.joint_history": 0,
    "data.noise.wide_share": 0.0,
}
"""Keys that recipes of earlier versions lack, and the value by which a run does as it did then."""

LARGEST_SEED = 2**32 - 1
"""The largest seed that NumPy takes."""

POSITIVE = (
    *("accumulate_grad_batches", "check_val_every_n_epoch", "limit_train_batches"),
    "val_check_interval",
)
"""Keys of the trainer that fail late, or have no effect, at 0 and below."""

NOT_NEGATIVE = ("gradient_clip_val", "log_every_n_steps")
"""Keys that 0 switches off; a negative value would silently do the same."""

OTHER_WEIGHTS = (
    *("16-true", "bf16-true", "64-true", "64"),
    *("transformer-engine", "transformer-engine-float16"),
)
"""Precisions of the weights themselves; costs and batch norms are computed in single precision."""

MAY_CHANGE = frozenset(
    {
        # How far to go, and how much of it may be lost.
        *("resume", "ckpt_path", "weights_only", "save_every_minutes", "early_stopping"),
        *("trainer.max_epochs", "trainer.max_steps", "trainer.max_time"),
        # Where things are; another machine may hold them elsewhere.
        *("data.root", "data.val_root", "data.annotations", "data.val_annotations"),
        *(
            "data.label_file",
            "data.more_roots",
            "data.textures",
            "data.workers",
            "data.unreadable_share",
        ),
        *("trainer.default_root_dir", "trainer.accelerator"),
        # What is logged.
        *("trainer.logger", "trainer.log_every_n_steps", "trainer.enable_progress_bar"),
        *("trainer.enable_model_summary", "trainer.profiler"),
    }
)
"""Keys that do not change what a run learns."""

LONGEST_SHOWN = 40
"""Longer values, such as lists of labels, are not shown in messages."""

PolicyChoice = Literal["adaptive", "no_reuse", "no_skip", "random", "keep"]
"""The values of `PolicyMode`, as a recipe writes them."""


class RecipeParser(LightningArgumentParser):
    """Reports what is wrong with a recipe in one sentence, without a page of all options."""

    command = "fit"
    """Whose help lists all keys."""

    def parse_args(self, args: Any = None, *others: Any, **options: Any) -> Any:
        """Parse a command line, which may name classes as earlier versions did."""
        given = sys.argv[1:] if args is None else args
        if isinstance(given, Sequence):
            given = [_with_current_classes_in(text) for text in given]
        return super().parse_args(given, *others, **options)

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """End the program: wrong usage."""
        if not self.exit_on_error:  # one of several attempts
            super().error(message, ex)
        sentence = " ".join(str(message).split())
        advice = f"See 'python -m training {self.command} --help' for all keys."
        print(f"{sentence.rstrip('.!')}. {advice}", file=sys.stderr)
        sys.exit(2)


@cache
def accept_moved_classes() -> None:
    """Let recipe files name classes as earlier versions did."""
    load_yaml = get_loader("yaml")
    set_loader("yaml", lambda text: with_current_classes(load_yaml(text)), (yaml.YAMLError,))


def with_current_classes(value: Any) -> Any:
    """Return a recipe, or any value of one, with every moved class under its current name."""
    if isinstance(value, dict):
        return {key: with_current_classes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_current_classes(item) for item in value]
    return MOVED_CLASSES.get(value, value) if isinstance(value, str) else value


def _with_current_classes_in(argument: str) -> str:
    key, mark, value = argument.rpartition("=")
    return key + mark + MOVED_CLASSES.get(value, value)


def check_ranges(parser: LightningArgumentParser, config: Any) -> None:
    """Reject values out of range that the types of the keys cannot reject in one sentence.

    Args:
        parser: Reports what is wrong, and ends the program.
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
            f"trainer.precision {config.trainer.precision} would keep the weights themselves in "
            "another precision, which is not supported; use 32-true, bf16-mixed or 16-mixed"
        )
    _check_processes(parser, config.trainer)


def check_end(parser: LightningArgumentParser, trainer: Any) -> None:
    """Reject a run without an end: Lightning would train a thousand epochs."""
    if trainer.max_epochs is None and trainer.max_steps == -1 and trainer.max_time is None:
        parser.error("The run has no end: give trainer.max_epochs or trainer.max_steps")


def build_spec(
    fields: dict[str, Any],
    policy_mode: PolicyChoice | None = None,
    policy_mix: tuple[float, float, float] | None = None,
) -> tuple[ModelSpec, dict[str, Any]]:
    """Turn a recipe's description of the model into a `ModelSpec`.

    Labels default to Jester's, and silent labels to Jester's silent ones among the labels.

    Args:
        fields: Of the `ModelSpec`.
        policy_mode: Replaces the policy's mode.
        policy_mix: Replaces the policy's mix.

    Returns:
        The description, and all its fields as plain values.

    Raises:
        ModelError: A field is unknown, missing or out of range, or the backbone is unknown.
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


def check_same_recipe(run: Path, now: str) -> None:
    """Refuse to resume a run with another recipe.

    Args:
        run: Folder of the run.
        now: The command's resolved recipe, as YAML.

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
    change = first_change(with_current_classes(before), msgspec.yaml.decode(now))
    if change is not None:
        raise ModelError(
            f"The run in {run} began with another {change.in_words('then', 'now')}; give that "
            "value, or start another run: --resume false, and model.initial_checkpoint for its "
            "weights."
        )


def first_change(before: Mapping[str, Any], now: Mapping[str, Any]) -> RecipeChange | None:
    """Return the first key that differs between two resolved recipes but may not, or None."""
    old, new = dict(_flat(before)), dict(_flat(now))
    for key in {**new, **old}:
        then, given = (side.get(key, ADDED_KEYS.get(key)) for side in (old, new))
        if key not in MAY_CHANGE and then != given:
            return RecipeChange(key, then, given)
    return None


@dataclass(frozen=True)
class RecipeChange:
    """A key that differs between two recipes.

    Attributes:
        key: Such as `model.learning_rate`.
        before: Its value when the run began, or None.
        now: Its value in the recipe that is given, or None.
    """

    key: str
    before: Any
    now: Any

    def in_words(self, before: str, now: str) -> str:
        """Return the key, with both values if they are short, and the words that go with them."""
        values = (str(self.before), str(self.now))
        if max(map(len, values)) > LONGEST_SHOWN:
            return self.key
        return f"{self.key} ({values[0]} {before}, {values[1]} {now})"


def _check_processes(parser: LightningArgumentParser, trainer: Any) -> None:
    """Reject more processes than processor cores: each of them holds the whole network."""
    gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    if trainer.accelerator != "cpu" and (gpu or trainer.accelerator != "auto"):
        return
    wanted, cores = str(trainer.devices), usable_cores()
    if wanted.isdecimal() and int(wanted) > cores:
        parser.error(
            f"trainer.devices must be 1 to {cores} on the CPU, one process per core, not {wanted}."
        )


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


def _flat(recipe: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values of a recipe under their keys on the command line."""
    for name, value in recipe.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value and key not in MAY_CHANGE:
            yield from _flat(value, f"{key}.")
        else:
            yield key, value

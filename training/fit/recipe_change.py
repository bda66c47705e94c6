"""Finds what a command that resumes a run asks for differently than the run began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec.yaml

from models.errors import ModelError

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

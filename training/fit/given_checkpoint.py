"""Looks at the checkpoint that a fit goes on from, or that is validated, before anything is built.

Lightning would take the network from the checkpoint, whatever the recipe says, and tell of a
damaged file in PyTorch's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from models.bundle import load_bundle
from models.errors import ModelError
from training.fit.checkpoints import BEST, LAST, read_checkpoint
from training.fit.recipe import first_change

NOT_THE_NETWORK = frozenset({"name", "decision"})
"""Fields of a model's description that may differ: what it is called, when a gesture fires."""


def check_given_checkpoint(path: Path, fields: Mapping[str, Any], *, to_resume: bool) -> None:
    """Refuse a checkpoint that cannot be read, or that holds another network than the recipe's.

    Args:
        path: The checkpoint.
        fields: The recipe's description of the model, with every default.
        to_resume: Whether a run is to go on from it.

    Raises:
        ModelError: What is wrong with it.
    """
    try:
        held = read_checkpoint(path)
    except ModelError as error:
        raise ModelError(f"{error}{_way_out(path)}") from error
    _check_same(f"The checkpoint {path}", held.spec, fields)
    if to_resume and not held.resumable:
        raise ModelError(
            f"The checkpoint {path} holds weights alone, from which no run can go on; begin one "
            "from them with model.initial_checkpoint."
        )


def check_given_network(path: Path, fields: Mapping[str, Any]) -> None:
    """Refuse to judge a network by a recipe that describes another.

    Args:
        path: The folder of a bundle, or a checkpoint.
        fields: The recipe's description of the model, with every default.

    Raises:
        ModelError: It cannot be read, or holds another network.
    """
    if path.is_dir():
        held = msgspec.to_builtins(load_bundle(path).spec)
        _check_same(f"The bundle {path}", held, fields)
    else:
        check_given_checkpoint(path, fields, to_resume=False)


def _check_same(name: str, held: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    change = first_change(_network(held), _network(fields))
    if change is not None:
        raise ModelError(
            f"{name} holds another network than the recipe describes: "
            f"{change.told('there', 'in the recipe')}."
        )


def _network(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {f"model.spec.{key}": fields[key] for key in fields if key not in NOT_THE_NETWORK}


def _way_out(path: Path) -> str:
    """Name the run's other checkpoint, where there is a sound one."""
    best = path.with_name(BEST)
    if best == path:
        return ""
    try:
        read_checkpoint(best)
    except ModelError:
        return ""
    return f" Its run's best one is {best} (ckpt_path)."


LOGS = "lightning_logs"
"""Folder of all runs, under the recipe's `trainer.default_root_dir`."""


@dataclass(frozen=True)
class EarlierRun:
    """A run on disk.

    Attributes:
        version: Its number.
        folder: Where it is.
    """

    version: int
    folder: Path

    @property
    def checkpoint(self) -> Path:
        """Return its newest state."""
        return self.folder / "checkpoints" / LAST


def find_earlier_run(root: Path) -> EarlierRun | None:
    """Return the newest run under `root` that was saved, or None if there is none.

    A start that failed, such as by a mistyped folder of data, leaves a newer folder without a
    checkpoint, and must not hide the run that it was to go on with.
    """
    runs = (
        EarlierRun(int(match[1]), folder)
        for folder in (root / LOGS).glob("version_*")
        if (match := re.fullmatch(r"version_(\d+)", folder.name))
    )
    saved = (run for run in runs if run.checkpoint.is_file())
    return max(saved, key=lambda run: run.version, default=None)

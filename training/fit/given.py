"""What a command is given to start from, compared with its recipe before anything is built.

Lightning would take the network from a checkpoint whatever the recipe says.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from models.bundle import load_bundle
from models.errors import ModelError
from training.fit.checkpoints import BEST, read_checkpoint
from training.fit.recipe import RecipeChange, first_change

NOT_THE_NETWORK = frozenset({"name", "decision"})
"""Fields of a model's description that may differ: its name, and when a gesture fires."""


def check_given_checkpoint(path: Path, fields: Mapping[str, Any], *, to_resume: bool) -> None:
    """Reject a checkpoint that cannot be read or that holds another network than the recipe's.

    Args:
        path: The checkpoint.
        fields: The recipe's description of the model, with every default.
        to_resume: Whether a run is to resume from it.

    Raises:
        ModelError: It cannot be read, holds another network, or cannot be resumed from.
    """
    try:
        held = read_checkpoint(path)
    except ModelError as error:
        raise ModelError(f"{error}{_way_out(path)}") from error
    _check_same(f"The checkpoint {path}", held.spec, fields)
    if to_resume and not held.resumable:
        raise ModelError(
            f"The checkpoint {path} holds only weights, from which no run can resume; start a run "
            "from them with model.initial_checkpoint."
        )


def check_given_network(path: Path, fields: Mapping[str, Any]) -> None:
    """Reject a network to validate that is not the one in the recipe.

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


def network_change(held: Mapping[str, Any], fields: Mapping[str, Any]) -> RecipeChange | None:
    """Return the first field in which two descriptions mean different networks, or None."""
    sides = ({"model": {"spec": _network(side)}} for side in (held, fields))
    return first_change(*sides)


def _check_same(name: str, held: Mapping[str, Any], fields: Mapping[str, Any]) -> None:
    change = network_change(held, fields)
    if change is not None:
        raise ModelError(
            f"{name} holds another network than the recipe describes: "
            f"{change.in_words('there', 'in the recipe')}."
        )


def _network(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a description is the network's, in that of both views too."""
    return {
        key: _network(value) if isinstance(value, Mapping) else value
        for key, value in fields.items()
        if key not in NOT_THE_NETWORK
    }


def _way_out(path: Path) -> str:
    """Return a hint at the run's best checkpoint, if that is sound."""
    best = path.with_name(BEST)
    if best == path:
        return ""
    try:
        read_checkpoint(best)
    except ModelError:
        return ""
    return f" Its run's best one is {best} (ckpt_path)."

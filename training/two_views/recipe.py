"""Reads what a recipe says of a network of two views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from models.errors import ModelError
from models.two_views.box import SQUARE_VALUES
from models.two_views.joints import JOINT_OUTPUTS
from models.two_views.spec import TwoViewSpec
from training.fit.recipe import build_spec

VIEWS = ("whole", "crop")
"""The fields that hold what one view has of its own."""

PAIR_FIELDS = tuple(field for field in TwoViewSpec.__struct_fields__ if field not in VIEWS)


def build_pair(fields: Mapping[str, Any]) -> tuple[TwoViewSpec, dict[str, Any]]:
    """Turn a recipe's description of both views into a `TwoViewSpec`.

    Args:
        fields: Those of the pair; `whole` and `crop`, with the fields of their `ModelSpec`; and
            fields that both views share. The square's network says where the hand is unless
            `further_outputs` is 0, and where its joints are if `joint_history` is not 0.

    Returns:
        The description, and all its fields as plain values.

    Raises:
        ModelError: A field is unknown, missing or out of range, or the views do not fit.
    """
    own = {field: fields[field] for field in PAIR_FIELDS if field in fields}
    shared = {name: value for name, value in fields.items() if name not in (*own, *VIEWS)}
    views: dict[str, Any] = {}
    for view in VIEWS:
        given = fields.get(view) or {}
        if not isinstance(given, Mapping):
            raise ModelError(f"The recipe's model.spec.{view} must be a section with keys.")
        outputs = SQUARE_VALUES + (JOINT_OUTPUTS if own.get("joint_history") else 0)
        usual = {"further_outputs": outputs} if view == "crop" else {}
        views[view] = build_spec({**usual, **shared, **given})[1]
    try:
        pair = msgspec.convert({**own, **views}, TwoViewSpec)
    except (msgspec.ValidationError, ValueError) as error:
        raise ModelError(f"The recipe's model is not valid: {error}.") from error
    return pair, msgspec.to_builtins(pair)

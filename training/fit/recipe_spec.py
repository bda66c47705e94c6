"""From a recipe's description of the model to a `ModelSpec`."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from models.errors import ModelError
from models.network.backbones.registry import check_backbone
from models.spec import ModelSpec
from training.labels import JESTER_LABELS, SILENT_LABELS

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

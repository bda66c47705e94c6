from __future__ import annotations

from typing import Any

import msgspec
import pytest

from models.decision import DecisionSettings
from models.spec import Method, ModelSpec, PolicySpec, Shift
from tests.models.networks import tiny_spec


def test_a_description_survives_the_way_to_disk_and_back() -> None:
    spec = tiny_spec(policy=PolicySpec(hidden_quota=1000, shared=True))
    assert msgspec.json.decode(msgspec.json.encode(spec), type=ModelSpec) == spec


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"labels": []}, "must not be empty"),
        ({"labels": ["a", "a"], "silent_labels": []}, "must not repeat"),
        ({"silent_labels": ["x"]}, "must be among labels"),
        ({"width": 0}, "width"),
        ({"frames": 0}, "frames must be 1 to 256"),
        ({"frames": 10**9}, "frames must be 1 to 256"),
        ({"frame_interval_s": -1}, "frame_interval_s"),
        ({"frame_interval_s": 1e-9}, "frame_interval_s"),
        ({"mean": [1e300, 0, 0]}, "mean"),
        ({"name": ""}, "name must be 1 to 200 printable letters"),
        ({"name": "red\x1b[31m"}, "name must be 1 to 200 printable letters"),
        ({"name": "n" * 5000}, "name must be 1 to 200 printable letters"),
        ({"labels": ["a\nb"], "silent_labels": []}, "labels must be 1 to 200 printable letters"),
        ({"input_height": 8}, "32 to 2048 pixels"),
        ({"std": [0, 1, 1]}, "std"),
        ({"method": "tms"}, "method"),
        ({"policy": {"hidden": 0}}, "policy.hidden"),
        ({"policy": {"mode": "random"}}, "policy.mix goes with"),
        ({"policy": {"mix": [1, 0, 0]}}, "policy.mix goes with"),
        ({"policy": {"mode": "random", "mix": [0.5, 0.5, 0.5]}}, "three shares that sum to 1"),
        ({"policy": {"mode": "sometimes"}}, "mode"),
        ({"policy": {"hiden": 8}}, "unknown field `hiden`"),
        ({"decision": {"fire_above": 2}}, "fire_above"),
        ({"decision": {"fire": 0.5}}, "unknown field `fire`"),
        ({"color": "red"}, "unknown field `color`"),
    ],
)
def test_a_wrong_description_is_refused_with_its_reason(
    changes: dict[str, Any], complaint: str
) -> None:
    fields = msgspec.to_builtins(tiny_spec())
    with pytest.raises(msgspec.ValidationError, match=complaint):
        msgspec.convert({**fields, **changes}, ModelSpec)


def test_a_description_from_before_decisions_belonged_to_models_takes_the_defaults() -> None:
    fields = msgspec.to_builtins(tiny_spec())
    del fields["decision"]
    assert msgspec.convert(fields, ModelSpec).decision == DecisionSettings()


@pytest.mark.parametrize(
    ("method", "shift", "can_stream"),
    [
        (Method.TSN, Shift.TWO_WAY, True),
        (Method.TSM, Shift.ONE_WAY, True),
        (Method.TSM_LAST, Shift.TWO_WAY, False),
    ],
)
def test_only_a_network_that_does_not_look_ahead_can_stream(
    method: Method, shift: Shift, can_stream: bool
) -> None:
    assert tiny_spec(method=method, shift=shift).can_stream is can_stream

from __future__ import annotations

from typing import Any

import pytest
import torch

from models.errors import ModelError
from training.labels import JESTER_LABELS
from training.module import AdaFuseModule
from training.recipe_spec import build_spec

FIELDS: dict[str, Any] = {
    "name": "tiny",
    "backbone": "resnet18",
    "width": 0.125,
    "method": "tsm",
    "policy": {"hidden": 8},
    "frame_interval_s": 0.2,
    "input_height": 32,
    "input_width": 32,
}


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 8, 3, 32, 32, generator=generator), torch.tensor([0, 20])


def loss(**arguments: Any) -> float:
    torch.manual_seed(0)
    module = AdaFuseModule(FIELDS, dropout=0, **arguments).eval()
    return float(module._losses(batch())[0].detach())


def test_the_loss_is_cross_entropy_plus_weighted_cost() -> None:
    without, with_cost = loss(cost_weight=0.0), loss(cost_weight=10.0)
    fraction = (with_cost - without) / 10
    assert 0.05 < fraction < 1.1


def test_all_kept_costs_the_whole_network_and_nothing_beyond_the_target_is_asked() -> None:
    free = loss(cost_weight=0.0, keep_bias=100.0)
    kept = loss(cost_weight=1.0, keep_bias=100.0)
    assert kept - free == pytest.approx(1.0, abs=0.05)  # the policies themselves come on top
    assert loss(cost_weight=1.0, target_fraction=2.0) == pytest.approx(loss(cost_weight=0.0))


def test_a_recipe_speaks_of_jester_unless_it_says_otherwise() -> None:
    assert build_spec(FIELDS)[0].labels == JESTER_LABELS
    assert build_spec({**FIELDS, "labels": ["a", "b"], "silent_labels": []})[0].labels == ("a", "b")


@pytest.mark.parametrize("wrong", [{"widht": 1}, {"width": -1}, {"method": "lstm"}])
def test_a_wrong_recipe_is_told_in_one_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="not valid"):
        build_spec({**FIELDS, **wrong})

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from safetensors.torch import save_file

from models.bundle import GRAPH_FILE, WEIGHTS_FILE, write_description
from models.errors import ModelError
from models.network.cost import measure_cost
from models.network.export import rounded_weights
from training.errors import UsageError
from training.fit.module import AdaFuseModule
from training.fit.recipe import PolicyChoice, build_spec
from training.labels import JESTER_LABELS, SILENT_LABELS
from training.number_types import ClosedUnitInterval, NonNegativeFloat

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
    assert build_spec(FIELDS)[0].silent_labels == SILENT_LABELS
    other = build_spec({**FIELDS, "labels": ["a", "b"]})[0]
    assert (other.labels, other.silent_labels) == (("a", "b"), ())


@pytest.mark.parametrize("wrong", [{"widht": 1}, {"width": -1}, {"method": "lstm"}])
def test_a_wrong_recipe_is_told_in_one_sentence(wrong: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="not valid"):
        build_spec({**FIELDS, **wrong})


def test_a_cost_in_gflops_weighs_a_frame_as_the_published_code_does() -> None:
    free = loss(cost_weight=0.0)
    module = AdaFuseModule(FIELDS)
    as_fraction = loss(cost_weight=1.0) - free
    in_gflops = loss(cost_weight=1e3, cost_unit="gflops") - free
    assert in_gflops == pytest.approx(1e3 * as_fraction * module.cost.dense / 1e9, rel=1e-3)


def test_the_policies_of_table_6_are_one_switch() -> None:
    shares: dict[str, list[float]] = {}
    for mode in get_args(PolicyChoice):
        mix = (0.5, 0.25, 0.25) if mode == "random" else None
        torch.manual_seed(0)
        module = AdaFuseModule(FIELDS, policy_mode=mode, policy_mix=mix).eval()
        figures = module._losses(batch())[1]
        names = ("keep", "reuse", "skip")
        shares[mode] = [float(figures[name]) for name in names if name in figures]
        assert module.hparams["spec"]["policy"]["mode"] == mode
    assert shares["keep"] == [], "a dense network has no policies"
    assert shares["no_reuse"][1] == shares["no_skip"][2] == 0
    assert [round(share, 2) for share in shares["random"]] == [0.5, 0.25, 0.25]
    assert all(share > 0 for share in shares["adaptive"])


def test_a_policy_may_be_added_to_or_taken_from_a_checkpoint(tmp_path: Path) -> None:
    pairs: list[tuple[PolicyChoice, PolicyChoice]] = [
        ("keep", "adaptive"),
        ("adaptive", "keep"),
        ("no_skip", "no_reuse"),
    ]
    for one, other in pairs:
        source = AdaFuseModule(FIELDS, policy_mode=one)
        content = {"state_dict": source.state_dict(), "hyper_parameters": dict(source.hparams)}
        torch.save(content, tmp_path / "last.ckpt")
        target = AdaFuseModule(FIELDS, policy_mode=other, initial_checkpoint=tmp_path / "last.ckpt")
        for name, value in target.network.backbone.state_dict().items():
            assert torch.equal(value, source.network.backbone.state_dict()[name]), name


def test_numbers_with_a_range_are_plain_ones_in_a_checkpoint() -> None:
    # As jsonargparse gives them; a checkpoint that held them could not be read again.
    kinds = {"learning_rate": NonNegativeFloat, "weight_decay": NonNegativeFloat}
    arguments: dict[str, Any] = {name: kind(0.5) for name, kind in kinds.items()}
    module = AdaFuseModule(FIELDS, momentum=ClosedUnitInterval(0.5), **arguments)
    held = (module._learning_rate, module._weight_decay, module._momentum)
    assert [type(value) for value in held] == [float, float, float]


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v2"])
def test_what_is_frozen_does_not_change(backbone: str) -> None:
    module, before = _unsettled(spec={**FIELDS, "backbone": backbone}, frozen_stages=2)
    _train_a_step(module)
    frozen = tuple(f"{name}." for stage in module.network.backbone.stages[:2] for name in stage)
    for name, value in module.network.backbone.state_dict().items():
        unchanged = torch.equal(value, before[name])
        assert unchanged is name.startswith(frozen), name


def test_frozen_statistics_stay_while_scales_and_offsets_learn() -> None:
    module, before = _unsettled(spec=FIELDS, freeze_statistics=True)
    _train_a_step(module)
    for name, value in module.network.backbone.state_dict().items():
        still = name.endswith(("running_mean", "running_var", "num_batches_tracked"))
        assert torch.equal(value, before[name]) is still, name


def test_more_stages_than_there_are_cannot_be_frozen() -> None:
    with pytest.raises(UsageError, match="frozen_stages must be 0 to 4"):
        AdaFuseModule(FIELDS, frozen_stages=5)


def _unsettled(**arguments: Any) -> tuple[AdaFuseModule, dict[str, torch.Tensor]]:
    """Return a module all of whose weights have a gradient, and the state of its backbone."""
    torch.manual_seed(0)
    module = AdaFuseModule(**arguments)
    with torch.no_grad():
        for parameter in module.parameters():  # a block that starts as the identity has none
            parameter.add_(0.05 * torch.randn_like(parameter))
    state = module.network.backbone.state_dict()
    return module, {name: value.clone() for name, value in state.items()}


def _train_a_step(module: AdaFuseModule) -> None:
    module.train()
    torch.autograd.backward(module._losses(batch())[0])
    learning = [parameter for parameter in module.parameters() if parameter.requires_grad]
    torch.optim.SGD(learning, lr=0.1).step()


def test_a_run_may_start_from_a_bundle(tmp_path: Path) -> None:
    source = AdaFuseModule(FIELDS).eval()
    weights = rounded_weights(source.network)
    save_file(weights, tmp_path / WEIGHTS_FILE)
    (tmp_path / GRAPH_FILE).write_bytes(b"nobody reads it here")
    cost = measure_cost(source.network)
    write_description(tmp_path, source.network.spec, cost, (WEIGHTS_FILE, GRAPH_FILE))
    target = AdaFuseModule(FIELDS, initial_checkpoint=tmp_path).eval()
    for name, value in rounded_weights(target.network).items():
        torch.testing.assert_close(value, weights[name])
    wider = {**FIELDS, "width": 0.25}
    with pytest.raises(ModelError, match="does not fit the recipe's model"):
        AdaFuseModule(wider, initial_checkpoint=tmp_path)

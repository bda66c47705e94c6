from __future__ import annotations

import torch

from models.adafuse import AdaFuse
from models.policy import PolicyBank, choose_actions
from models.spec import PolicySpec
from models.trace import Action
from tests.models.networks import tiny_spec


def test_evaluation_takes_the_most_probable_action_and_repeats() -> None:
    logits = torch.tensor([[0.1, 0.9, 0.2], [2.0, 1.0, 0.0]])
    first = choose_actions(logits, sample=False)
    assert first.argmax(-1).tolist() == [Action.REUSE, Action.KEEP]
    assert torch.equal(first, choose_actions(logits, sample=False))


def test_sampling_is_hard_and_lets_a_gradient_through_to_every_action() -> None:
    torch.manual_seed(0)
    logits = torch.zeros(400, 3, requires_grad=True)
    actions = choose_actions(logits, sample=True)
    assert set(actions.detach().flatten().tolist()) == {0.0, 1.0}
    assert torch.all(actions.sum(-1) == 1)
    # Equal logits: every action is drawn about a third of the time.
    assert torch.all((actions.mean(0) - 1 / 3).abs() < 0.1)
    loss = (actions * torch.tensor([1.0, 2.0, 3.0])).sum()
    (gradient,) = torch.autograd.grad(loss, logits)
    assert torch.all(gradient.abs().sum(0) > 0)


def test_sites_of_one_shape_share_layers_but_not_batch_norms() -> None:
    sites = AdaFuse(tiny_spec(backbone="resnet50")).backbone.sites
    shapes = {(site.in_channels, site.channels) for site in sites}
    shared = PolicyBank(sites, PolicySpec(hidden=8, shared=True))
    assert len(shared.layers) == len(shapes) < len(sites)
    assert len(shared.norms) == len(sites)
    assert len(PolicyBank(sites, PolicySpec(hidden=8)).layers) == len(sites)


def test_the_quota_makes_wide_sites_narrow_inside() -> None:
    policy = PolicySpec(hidden_quota=196_608)
    assert [policy.hidden_for(channels) for channels in (64, 512)] == [3072, 384]


def test_a_keep_bias_starts_every_channel_kept() -> None:
    network = AdaFuse(tiny_spec()).eval()
    assert network.policies is not None
    network.policies.set_keep_bias(3.0)
    actions = network(torch.randn(1, 8, 3, 32, 48)).actions
    assert all(bool(torch.all(block[..., Action.KEEP] == 1)) for block in actions)

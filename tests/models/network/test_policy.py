from __future__ import annotations

import dataclasses

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.network.adafuse import AdaFuse
from models.network.policy import (
    RULED_OUT,
    PolicyBank,
    PolicyLayers,
    RandomPolicies,
    choose_actions,
)
from models.spec import PolicyMode, PolicySpec
from models.trace import Action
from tests.models.networks import tiny_network, tiny_spec


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
    assert isinstance(network.policies, PolicyBank)
    network.policies.set_keep_bias(3.0)
    actions = network(torch.randn(1, 8, 3, 32, 48)).actions
    assert all(bool(torch.all(block[..., Action.KEEP] == 1)) for block in actions)


@given(
    channels=st.integers(1, 40),
    shares=st.tuples(*[st.integers(0, 10)] * 3).filter(any),
)
def test_random_actions_have_the_mix_at_every_frame(
    channels: int, shares: tuple[int, int, int]
) -> None:
    mix = tuple(share / sum(shares) for share in shares)
    site = dataclasses.replace(AdaFuse(tiny_spec()).backbone.sites[0], channels=channels)
    spec = PolicySpec(mode=PolicyMode.RANDOM, mix=(mix[0], mix[1], mix[2]))
    policies = RandomPolicies([site], spec)
    actions = policies.clip_actions(0, torch.zeros(2, 5, site.in_channels), sample=False)
    counts = actions.sum(-2)
    assert torch.all((counts - channels * torch.tensor(mix)).abs() < 1 + 1e-4)
    assert torch.equal(actions[0], actions[1]), "evaluation repeats"


def test_random_actions_are_drawn_anew_in_training_in_the_same_mix() -> None:
    sites = AdaFuse(tiny_spec()).backbone.sites
    spec = PolicySpec(mode=PolicyMode.RANDOM, mix=(0.5, 0.2, 0.3))
    policies = RandomPolicies(sites, spec)
    pooled = torch.zeros(32, 8, sites[-1].in_channels)
    torch.manual_seed(0)
    first, second = (policies.clip_actions(7, pooled, sample=True) for _ in range(2))
    assert not torch.equal(first, second)
    assert torch.all((first.mean((0, 1, 2)) - torch.tensor([0.5, 0.2, 0.3])).abs() < 0.02)


@pytest.mark.parametrize("mode", [PolicyMode.NO_REUSE, PolicyMode.NO_SKIP])
@pytest.mark.parametrize("sample", [True, False])
def test_a_mode_rules_an_action_out_and_learns_to_choose_among_the_others(
    mode: PolicyMode, sample: bool
) -> None:
    torch.manual_seed(0)
    sites = AdaFuse(tiny_spec()).backbone.sites[:1]
    bank = PolicyBank(sites, PolicySpec(hidden=8, mode=mode))
    actions = bank.clip_actions(0, torch.randn(8, 8, sites[0].in_channels), sample=sample)
    never = RULED_OUT[mode]
    assert not actions[..., never].any()
    assert all(actions[..., action].any() for action in set(Action) - {never})
    if sample:
        layers = bank.layers[bank.keys[0]]
        assert isinstance(layers, PolicyLayers)
        loss = (actions * torch.tensor([1.0, 2.0, 3.0])).sum()
        (gradient,) = torch.autograd.grad(loss, layers.fc1.bias)
        gradient = gradient.view(-1, len(Action)).abs().sum(0)
        assert (gradient > 0).tolist() == [action != never for action in Action]


@pytest.mark.parametrize("mode", [PolicyMode.ADAPTIVE, PolicyMode.NO_REUSE, PolicyMode.NO_SKIP])
def test_folded_weights_choose_the_same_where_nobody_knows_of_the_mode(mode: PolicyMode) -> None:
    network = tiny_network(tiny_spec(policy=PolicySpec(hidden=8, mode=mode)))
    bank = network.policies
    assert isinstance(bank, PolicyBank)
    unaware = PolicyBank(network.fused_sites, PolicySpec(hidden=8)).eval()
    unaware.load_state_dict({**bank.state_dict(), **bank.folded_weights()})
    pooled = torch.randn(4, 8, network.fused_sites[3].in_channels)
    expected = bank.clip_actions(3, pooled, sample=False)
    assert torch.equal(unaware.clip_actions(3, pooled, sample=False), expected)
    assert expected.sum((0, 1, 2)).count_nonzero() == (3 if mode is PolicyMode.ADAPTIVE else 2)

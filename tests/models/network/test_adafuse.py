"""Streaming equals whole, the future does not change the past, and streams do not mix."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from models.errors import ModelError
from models.flops import clip_cost, step_trace
from models.network.adafuse import AdaFuse, FrameResult
from models.network.backbones.base import ResidualBlock
from models.network.cost import measure_cost
from models.network.export import flatten_state
from models.spec import Method, ModelSpec, PolicyMode, PolicySpec, Shift
from models.trace import Action
from tests.models.networks import tiny_network, tiny_spec

FRAMES = 12

variants = pytest.mark.parametrize(
    "spec",
    [
        tiny_spec(method=Method.TSN),
        tiny_spec(method=Method.TSM),
        tiny_spec(method=Method.TSM_LAST),
        tiny_spec(method=Method.TSM, policy=None),
        tiny_spec(backbone="resnet50", method=Method.TSM),
        tiny_spec(backbone="mobilenet_v2", method=Method.TSM),
        tiny_spec(backbone="mobilenet_v2", method=Method.TSM_LAST),
        tiny_spec(policy=PolicySpec(hidden=8, mode=PolicyMode.NO_REUSE)),
        tiny_spec(policy=PolicySpec(mode=PolicyMode.RANDOM, mix=(0.3, 0.3, 0.4))),
        tiny_spec(policy=PolicySpec(mode=PolicyMode.KEEP)),
    ],
    ids=[
        "tsn",
        "tsm",
        "tsm_last",
        "dense",
        "resnet50",
        "mobilenet_v2",
        "mobilenet_v2_last",
        "no_reuse",
        "random",
        "keep",
    ],
)


def random_clip(spec: ModelSpec, batch: int = 1, frames: int = FRAMES, seed: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    size = (batch, frames, 3, spec.input_height, spec.input_width)
    return torch.randn(size, generator=generator)


@torch.no_grad()
def stream(network: AdaFuse, clip: Tensor) -> list[FrameResult]:
    state, results = network.init_state(clip.shape[0]), []
    for frame in clip.unbind(1):
        results.append(network.step(frame, state))
        state = results[-1].state
    return results


@variants
@torch.no_grad()
def test_stacked_steps_equal_the_whole_clip(spec: ModelSpec) -> None:
    network = tiny_network(spec)
    clip = random_clip(spec, batch=2)
    whole = network(clip)
    steps = stream(network, clip)
    assert torch.allclose(torch.stack([s.logits for s in steps], 1), whole.logits, atol=1e-4)
    for index, block in enumerate(whole.actions):
        streamed = torch.stack([step.actions[index] for step in steps], 1)
        assert torch.equal(streamed, block.argmax(-1))


def test_the_tiny_networks_use_all_three_actions() -> None:
    # Without this the parity tests above could pass on policies that always keep.
    network = tiny_network(tiny_spec())
    shares = network(random_clip(network.spec)).actions[3].mean((0, 1, 2))
    assert torch.all(shares > 0.05)


@variants
@torch.no_grad()
def test_changing_a_future_frame_leaves_past_scores_alone(spec: ModelSpec) -> None:
    network = tiny_network(spec)
    clip = random_clip(spec)
    changed = clip.clone()
    changed[:, 7] += 1
    before, after = network(clip).logits, network(changed).logits
    assert torch.allclose(before[:, :7], after[:, :7], atol=1e-6)
    assert not torch.allclose(before[:, 7], after[:, 7], atol=1e-3)


@torch.no_grad()
def test_a_two_way_shift_does_look_ahead_and_refuses_to_stream() -> None:
    network = tiny_network(tiny_spec(shift=Shift.TWO_WAY))
    clip = random_clip(network.spec)
    changed = clip.clone()
    changed[:, 7] += 1
    assert not torch.allclose(network(clip).logits[:, 6], network(changed).logits[:, 6], atol=1e-3)
    with pytest.raises(ModelError, match="cannot run live"):
        network.init_state()


@torch.no_grad()
def test_two_interleaved_streams_do_not_mix() -> None:
    network = tiny_network(tiny_spec())
    clips = [random_clip(network.spec, seed=seed) for seed in (1, 2)]
    alone = [stream(network, clip) for clip in clips]
    states = [network.init_state(), network.init_state()]
    for frame in range(FRAMES):
        for index, clip in enumerate(clips):
            result = network.step(clip[:, frame], states[index])
            states[index] = result.state
            assert torch.equal(result.logits, alone[index][frame].logits)


@torch.no_grad()
def test_a_step_can_be_repeated_from_the_same_state() -> None:
    network = tiny_network(tiny_spec())
    clip = random_clip(network.spec)
    state = stream(network, clip[:, :5])[-1].state
    first = network.step(clip[:, 5], state)
    second = network.step(clip[:, 5], state)
    assert torch.equal(first.logits, second.logits)


@variants
def test_no_two_initial_state_tensors_share_storage(spec: ModelSpec) -> None:
    network = tiny_network(spec)
    tensors = [value for _, value in flatten_state(network, network.init_state())]
    tensors += [value for _, value in flatten_state(network, network.init_state())]
    storages = {tensor.untyped_storage().data_ptr() for tensor in tensors}
    assert len(storages) == len(tensors)
    assert not any(tensor.any() for tensor in tensors)


@variants
@torch.no_grad()
def test_the_live_count_over_a_clip_equals_equation_5(spec: ModelSpec) -> None:
    network = tiny_network(spec)
    cost = measure_cost(network)
    clip = random_clip(spec, frames=8)
    live, previous = 0, None
    for result in stream(network, clip):
        actions = [block[0].numpy() for block in result.actions]
        live += step_trace(cost, actions, previous).multiply_adds
        previous = actions
    assert live == int(torch.as_tensor(clip_cost(cost, network(clip).actions, 8)).sum())


def test_tsm_last_fuses_in_the_last_stage_only() -> None:
    network = AdaFuse(tiny_spec(backbone="resnet50", method=Method.TSM_LAST))
    assert [site.name for site in network.fused_sites] == ["layer4.0", "layer4.1", "layer4.2"]


def test_mobilenet_fuses_what_the_expansions_give_and_shifts_within_residual_sums() -> None:
    network = AdaFuse(tiny_spec(backbone="mobilenet_v2", method=Method.TSM_LAST))
    assert [site.name for site in network.fused_sites] == [
        f"features.{number}" for number in (14, 15, 16, 17)
    ]
    for site in network.backbone.sites:
        block = network.backbone.get_submodule(site.name)
        assert isinstance(block, ResidualBlock) is site.shifts
        assert site.channels == 6 * site.in_channels


@pytest.mark.parametrize("backbone", ["resnet18", "mobilenet_v2"])
def test_training_learns_the_policies(backbone: str) -> None:
    torch.manual_seed(0)
    network = AdaFuse(tiny_spec(backbone=backbone)).train()
    result = network(torch.randn(2, 8, 3, 32, 48))
    loss = result.logits.square().mean() + sum(b[..., Action.KEEP].mean() for b in result.actions)
    loss.backward()
    assert network.policies is not None
    gradients = [parameter.grad for parameter in network.policies.parameters()]
    assert all(gradient is not None and bool(gradient.any()) for gradient in gradients)

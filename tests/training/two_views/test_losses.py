"""Each view learns from what it is asked for, and from nothing else."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.preprocess import normalize
from models.two_views.box import Box, in_square
from models.two_views.joints import JOINT_OUTPUTS, Joints, joint_values, said_joints
from models.two_views.locator import HandMap
from models.two_views.network import TwoViews
from tests.models.two_views.networks import tiny_pair, tiny_two_views
from tests.training.two_views.drawn_scene import SPEC, drawn
from training.two_views.box_noise import BoxNoise
from training.two_views.located_share import located_share
from training.two_views.losses import LossWeights, TwoViewBatch, trained_cost, two_view_loss
from training.two_views.scene import UNLABELED
from training.two_views.square_loss import (
    found_joints,
    joint_loss,
    joint_targets,
    presence_loss,
    read_joints,
    square_box_loss,
    square_targets,
)
from training.two_views.views import Views

NAN = math.nan
NO_HAND = [NAN, NAN, NAN]


def batch(labels: list[int], views: Views) -> TwoViewBatch:
    samples = [drawn(index, BoxNoise()) for index in range(len(labels))]
    spec = SPEC.whole
    whole, squares = (
        torch.from_numpy(normalize(np.stack(pictures), spec.mean, spec.std))
        for pictures in ([s.whole for s in samples], [s.squares for s in samples])
    )
    return TwoViewBatch(
        whole if views.whole else None,
        squares if views.square else None,
        torch.from_numpy(np.stack([s.places for s in samples])),
        torch.from_numpy(np.stack([s.boxes for s in samples])),
        torch.from_numpy(np.stack([s.joints for s in samples])),
        torch.tensor(labels),
    )


def learned(network: TwoViews) -> set[str]:
    """Names of the parts that have a gradient."""
    return {
        name.split(".")[0] if name.startswith("place") else ".".join(name.split(".")[:2])
        for name, parameter in network.named_parameters()
        if parameter.grad is not None and parameter.grad.abs().sum() > 0
    }


@pytest.mark.parametrize(
    ("views", "parts"),
    [
        (Views.SQUARE, {"crop.backbone", "crop.policies", "crop.head", "place"}),
        (Views.WHOLE, {"whole.backbone", "whole.policies", "whole.locator"}),
        (
            Views.BOTH,
            {
                *("crop.backbone", "crop.policies", "crop.head", "place"),
                *("whole.backbone", "whole.policies", "whole.head", "whole.locator"),
            },
        ),
    ],
)
def test_the_trained_views_learn(views: Views, parts: set[str]) -> None:
    network = tiny_two_views(SPEC).train()
    cost = trained_cost(network, views)
    loss, figures = two_view_loss(network, batch([0, 1, 2], views), cost, LossWeights(target=0.0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert learned(network) == parts
    assert all(bool(torch.isfinite(value).all()) for value in figures.values())
    assert 0 < float(figures["flops_fraction"].detach()) < 2
    assert 0 <= float(figures["accuracy"]) <= 1


def test_samples_without_a_label_teach_boxes_and_presence_alone() -> None:
    network = tiny_two_views(SPEC).train()
    data = batch([UNLABELED, UNLABELED], Views.SQUARE)
    cost = trained_cost(network, Views.SQUARE)
    loss, figures = two_view_loss(network, data, cost, LossWeights(cost=0.0))
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(figures["entropy"].detach()) == 0.0
    gradient = network.crop.head.weight.grad
    assert gradient is not None
    labels = len(SPEC.crop.labels)
    assert gradient[:labels].abs().sum() == 0
    assert gradient[labels:].abs().sum() > 0


def test_joints_are_learned_beside_what_the_network_says() -> None:
    network = tiny_two_views(SPEC).train()
    head = torch.nn.Linear(network.crop.backbone.feature_count, JOINT_OUTPUTS)
    data, cost = batch([UNLABELED] * 3, Views.SQUARE), trained_cost(network, Views.SQUARE)
    weights = LossWeights(views=0.0, presence=0.0, boxes=0.0, joints=4.0, cost=0.0)
    loss, figures = two_view_loss(network, data, cost, weights, head)
    loss.backward()  # type: ignore[no-untyped-call]
    assert float(loss.detach()) == pytest.approx(4 * float(figures["joints"].detach()))
    assert float(figures["joints"].detach()) > 0
    assert head.weight.grad is not None
    assert head.weight.grad.abs().sum() > 0
    assert learned(network) == {"crop.backbone", "crop.policies"}


def learning_joints(weights: LossWeights) -> tuple[TwoViews, dict[str, torch.Tensor]]:
    """A network that says joints, and the figures, after the gradients of one batch."""
    network = tiny_two_views(tiny_pair(joint_history=3)).train()
    network.crop.head.bias.data[len(SPEC.crop.labels) + 3] = 9.0  # there is a hand, it says
    data, cost = batch([0, 1, UNLABELED], Views.SQUARE), trained_cost(network, Views.SQUARE)
    loss, figures = two_view_loss(network, data, cost, weights)
    loss.backward()  # type: ignore[no-untyped-call]
    return network, figures


def test_a_square_may_say_joints_alone() -> None:
    network, figures = learning_joints(LossWeights(labels=0.0, joints=8.0, target=0.0))
    assert learned(network) == {"crop.backbone", "crop.policies", "crop.head"}
    gradient, labels = network.crop.head.weight.grad, len(network.spec.crop.labels)
    assert gradient is not None
    assert not gradient[:labels].any()
    assert gradient[labels:].abs().sum(dim=1).all(), "box, presence and every joint"
    assert figures["accuracy"] is figures["joints_found"]
    assert "entropy" not in figures


def test_labels_are_learned_from_the_joints_that_the_square_says() -> None:
    network, figures = learning_joints(LossWeights(joints=8.0, target=0.0))
    assert learned(network) == {"crop.backbone", "crop.policies", "crop.head", "place"}
    read = network.place[0].weight.grad
    assert isinstance(read, torch.Tensor)
    assert read[:, 4 * network.spec.history :].any()
    assert figures["accuracy"] is not figures["joints_found"]


def test_the_classifier_reads_in_training_what_it_reads_in_a_stream() -> None:
    spec, box = tiny_pair(joint_history=2), Box(0.6, 0.5, 0.2)
    rng = np.random.default_rng(0)
    values = rng.normal(size=(1, 3, 4 + JOINT_OUTPUTS)).astype(np.float32)
    values[0, :, 3] = 4.0, -4.0, 4.0  # the second frame shows no hand
    place = [box.x - spec.aspect / 2, box.y - 0.5, math.log(box.size), 1.0]
    places = torch.tensor([[place] * 3])
    read = read_joints(torch.from_numpy(values), places, spec)
    first, _, third = (said_joints(each[4:], box, spec.aspect) for each in values[0])
    newest: list[list[Joints | None]] = [[first], [first, None], [None, third]]
    for frame, window in enumerate(newest):
        np.testing.assert_allclose(read[0, frame].numpy(), joint_values(window, 2), atol=1e-5)


def test_a_joint_is_found_within_a_tenth_of_the_hand() -> None:
    hands = torch.tensor([[[[0.6, 0.5, 0.4], NO_HAND]]])
    places = torch.tensor([[[0.6 - SPEC.aspect / 2, 0.0, math.log(0.2), 1.0]]])
    seen = square_targets(hands, places, SPEC)
    joints = torch.full((1, 1, 2, 21, 2), NAN)
    joints[0, 0, 0] = torch.tensor([0.6, 0.5])
    targets = joint_targets(joints, places, seen, SPEC)
    values = torch.zeros(1, 1, JOINT_OUTPUTS)
    values[..., 0] = 0.19  # of a box of half the hand's size
    values[..., 2] = 0.21
    assert float(found_joints(values, targets, seen)) == pytest.approx(20 / 21)


def test_joints_are_asked_for_from_the_box_where_they_are_known() -> None:
    box, hand = Box(0.6, 0.5, 0.2), [0.62, 0.5, 0.2]
    places = torch.tensor([[[box.x - SPEC.aspect / 2, box.y - 0.5, math.log(box.size), 1.0]]])
    places = places.repeat(3, 1, 1)
    hands = torch.tensor([[[hand, NO_HAND]], [[hand, NO_HAND]], [[[1.2, 0.5, 0.2], NO_HAND]]])
    joints = torch.full((3, 1, 2, 21, 2), NAN)
    joints[0, 0, 0] = joints[2, 0, 0] = torch.tensor([0.7, 0.45])
    targets = joint_targets(joints, places, square_targets(hands, places, SPEC), SPEC)
    assert targets.known.tolist() == [[1.0], [0.0], [0.0]], "unknown, and outside the square"
    assert targets.joints[0, 0].tolist() == pytest.approx([0.5, -0.25] * 21, abs=1e-5)
    assert targets.joints[1:].abs().sum() == 0
    wrong = targets.joints.clone()
    assert float(joint_loss(wrong, targets)) == 0.0
    wrong[1:] = 5.0
    assert float(joint_loss(wrong, targets)) == 0.0
    wrong[0, 0, 0] += 1.0
    assert float(joint_loss(wrong, targets)) == pytest.approx((1.0 - 0.025) / 42)


def targets_of(hands: list[list[float]], box: Box) -> tuple[torch.Tensor, float]:
    place = [box.x - SPEC.aspect / 2, box.y - 0.5, math.log(box.size), 1.0]
    found = square_targets(torch.tensor([[hands]]), torch.tensor([[place]]), SPEC)
    return found.boxes[0, 0], float(found.present)


def test_the_square_is_asked_for_what_is_read_back_as_the_hand() -> None:
    box, hand = Box(0.6, 0.5, 0.2), [0.65, 0.45, 0.3]
    values, present = targets_of([hand, NO_HAND], box)
    located = in_square(np.array([*values.tolist(), 5.0], np.float32), box)
    assert present == 1.0
    assert located.box == pytest.approx(hand, abs=1e-5)


def test_of_two_hands_the_square_is_asked_for_the_nearer_one() -> None:
    values, present = targets_of([[1.2, 0.5, 0.2], [0.62, 0.5, 0.2]], Box(0.6, 0.5, 0.2))
    assert present == 1.0
    assert values.tolist() == pytest.approx([0.1, 0.0, 0.0], abs=1e-5)


@pytest.mark.parametrize(
    "hand", [NO_HAND, [1.2, 0.5, 0.2], [0.6, 0.5, 0.8]], ids=["none", "outside", "far larger"]
)
def test_without_a_hand_in_the_square_there_is_nothing_to_ask_for(hand: list[float]) -> None:
    values, present = targets_of([hand, NO_HAND], Box(0.6, 0.5, 0.2))
    assert present == 0.0
    assert values.tolist() == [0.0, 0.0, 0.0]


def test_what_the_square_says_right_costs_nothing() -> None:
    hands = torch.tensor([[[[0.65, 0.45, 0.3], NO_HAND]], [[NO_HAND, NO_HAND]]])
    places = torch.tensor([[[0.6 - SPEC.aspect / 2, 0.0, math.log(0.2), 1.0]]]).repeat(2, 1, 1)
    targets = square_targets(hands, places, SPEC)
    logits = torch.tensor([[20.0], [-20.0]])[..., None]
    right = torch.cat((targets.boxes, logits), dim=-1)
    assert float(presence_loss(right, targets)) == pytest.approx(0.0, abs=1e-6)
    assert float(square_box_loss(right, targets)) == 0.0
    assert float(presence_loss(-right, targets)) > 5


def test_a_locator_is_right_where_it_finds_a_hand_or_says_that_there_is_none() -> None:
    scores, boxes = torch.zeros(4, 7), torch.zeros(4, 3, 2, 3)
    scores[:2, 4] = 9.0  # the lower middle cell: x = 1.5 and y = 1.5 of 2 cells
    scores[2:, 6] = 9.0  # nowhere
    here, there = [0.75, 0.75, 0.2], [0.2, 0.2, 0.2]
    wanted = torch.tensor([[NO_HAND, here], [there, NO_HAND], [here, NO_HAND], [NO_HAND] * 2])
    for picture, right in enumerate((1.0, 0.0, 0.0, 1.0)):
        hands = HandMap(scores[picture, None], boxes[picture, None])
        assert float(located_share(hands, wanted[picture, None], 16)) == right

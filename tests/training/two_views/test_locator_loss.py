"""The loss is least where the locator says what `locate` reads back as the hand's box."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from models.two_views.joints import hand_boxes
from models.two_views.locating import CELL_PIXELS, locate
from models.two_views.locator import HandMap
from training.two_views.joints import in_view
from training.two_views.locator_loss import locator_loss

ROWS, COLUMNS = 4, 6
NAN = math.nan


def fitted(boxes: torch.Tensor, steps: int = 300) -> tuple[HandMap, float]:
    scores = torch.zeros(len(boxes), ROWS * COLUMNS + 1, requires_grad=True)
    values = torch.zeros(len(boxes), 3, ROWS, COLUMNS, requires_grad=True)
    optimizer = torch.optim.Adam([scores, values], lr=0.1)
    loss = torch.tensor(NAN)
    for _ in range(steps):
        loss = locator_loss(HandMap(scores, values), boxes, ROWS)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return HandMap(scores.detach(), values.detach()), float(loss.detach())


def read(hands: HandMap, index: int) -> tuple[float, float, float, float]:
    located = locate(hands.scores[index].numpy(), hands.boxes[index].numpy(), ROWS * CELL_PIXELS)
    return (*located.box, located.presence)


def test_a_fitted_locator_is_read_back_as_the_box_of_the_hand() -> None:
    wanted = torch.tensor([[[0.71, 0.32, 0.3], [NAN] * 3], [[NAN] * 3, [NAN] * 3]])
    hands, _ = fitted(wanted)
    x, y, size, presence = read(hands, 0)
    assert (x, y, size) == pytest.approx((0.71, 0.32, 0.3), abs=0.01)
    assert presence > 0.95
    assert read(hands, 1)[3] < 0.05


def test_of_two_hands_the_main_one_is_found() -> None:
    wanted = torch.tensor([[[1.2, 0.6, 0.25], [0.3, 0.4, 0.25]]])
    x, y, *_ = read(fitted(wanted)[0], 0)
    assert (x, y) == pytest.approx((1.2, 0.6), abs=0.02)


def test_the_gradient_is_finite_for_hands_outside_and_for_tiny_ones() -> None:
    wanted = torch.tensor([[[-3.0, 5.0, 0.3], [0.5, 0.5, 1e-6]]])
    scores = torch.zeros(1, ROWS * COLUMNS + 1, requires_grad=True)
    values = torch.zeros(1, 3, ROWS, COLUMNS, requires_grad=True)
    locator_loss(HandMap(scores, values), wanted, ROWS).backward()  # type: ignore[no-untyped-call]
    for gradient in (scores.grad, values.grad):
        assert gradient is not None
        assert torch.isfinite(gradient).all()


def open_hand() -> np.ndarray:
    """A flat upright hand of length 1 from wrist to middle fingertip, y down."""
    joints = np.zeros((21, 2))
    for finger, x in enumerate((-0.35, -0.15, 0.0, 0.12, 0.22)):
        knuckle, tip = (0.25, 0.6) if finger == 0 else (0.5, 1.0)
        joints[1 + 4 * finger : 5 + 4 * finger, 0] = x
        joints[1 + 4 * finger : 5 + 4 * finger, 1] = -np.linspace(knuckle, tip, 4)
    return joints


def test_the_size_hardly_changes_when_the_hand_closes() -> None:
    opened, closed = open_hand(), open_hand()
    for finger in range(5):
        tips = slice(2 + 4 * finger, 5 + 4 * finger)
        closed[tips] = closed[1 + 4 * finger] + [0.05, 0.1]
    sizes = hand_boxes(np.stack([opened, closed]))[:, 2]
    assert sizes[1] / sizes[0] == pytest.approx(1.0, abs=0.25)


def test_boxes_scale_and_move_with_the_hand() -> None:
    box, moved = hand_boxes(np.stack([open_hand(), 2.0 * open_hand() + [3.0, 4.0]]))
    assert moved == pytest.approx([2 * box[0] + 3.0, 2 * box[1] + 4.0, 2 * box[2]])


def test_a_hand_shows_if_half_of_its_joints_are_inside() -> None:
    inside = 0.5 * open_hand() + [0.7, 0.7]
    shows = in_view(np.stack([inside, inside + np.array([0.0, 0.8]), np.full((21, 2), NAN)]), 1.4)
    assert shows.tolist() == [True, False, False]

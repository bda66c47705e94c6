"""A stream of frames says what the clip says, costs what Eq. 5 counts, and looks at the hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from models.flops import clip_cost
from models.preprocess import network_input, network_picture, normalize
from models.two_views.box import (
    SQUARE_VALUES,
    follow,
    held_box,
    in_square,
    init_box_state,
    judged,
)
from models.two_views.cost import two_view_cost
from models.two_views.cropping import hand_picture
from models.two_views.joints import Joints, joint_values, said_joints
from models.two_views.locating import locate
from models.two_views.stream import TwoViewResult, TwoViewState, TwoViewStream
from models.two_views.torch_stream import torch_stream
from tests.models.two_views.networks import tiny_pair, tiny_two_views

FRAMES = 6


def frames(count: int = FRAMES, seed: int = 0) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 256, (90, 130, 3), np.uint8) for _ in range(count)]


def step(stream: TwoViewStream, image: np.ndarray, state: TwoViewState) -> TwoViewResult:
    return stream.step(network_picture(image, stream.spec), stream.look_at(image), state)


def run(stream: TwoViewStream, images: list[np.ndarray]) -> list[TwoViewResult]:
    state, results = stream.init_state(), []
    for image in images:
        results.append(step(stream, image, state))
        state = results[-1].state
    return results


@pytest.mark.parametrize("joint_history", [0, 3])
def test_a_stream_says_what_the_clip_says_and_costs_what_it_costs(joint_history: int) -> None:
    network, images = tiny_two_views(tiny_pair(joint_history=joint_history)), frames()
    spec, steps = network.spec, run(torch_stream(network), images)
    clip = torch.from_numpy(np.stack([network_input(image, spec.whole) for image in images]))[None]
    with torch.no_grad():
        whole = network.whole.see_clip(clip)
        state, squares, places = init_box_state(spec.history), [], []
        newest: list[Joints | None] = []
        for index, image in enumerate(images):
            scores, boxes = (part[index].numpy() for part in whole.hands)
            near = held_box(state, spec.box)
            followed = follow(locate(scores, boxes, 32, near), state, spec.aspect, spec.box)
            square = hand_picture(image, followed.box, spec.aspect, spec.box.hand_share, 32)
            squares.append(normalize(square, spec.crop.mean, spec.crop.std))
            crops = torch.from_numpy(np.stack(squares))[None]
            values = network.crop(crops).logits[0, -1, len(spec.model.labels) :].numpy()
            hand = in_square(values[:SQUARE_VALUES], followed.box)
            state = judged(followed, hand, spec.box)
            read = [followed.place]
            if joint_history:
                said = said_joints(values[SQUARE_VALUES:], followed.box, spec.aspect)
                newest.append(said if hand.presence > spec.box.held_above else None)
                read.append(joint_values(newest[-joint_history:], joint_history))
            places.append(np.concatenate(read))
        logits = network.score_clip(whole, crops, torch.from_numpy(np.stack(places))[None])
        actions = [*whole.actions, *network.crop(crops).actions]
    streamed = np.stack([step.logits for step in steps])
    np.testing.assert_allclose(streamed, logits[0], rtol=1e-4, atol=1e-4)
    executed = sum(step.trace.multiply_adds for step in steps)
    assert executed == pytest.approx(float(clip_cost(two_view_cost(network), actions, FRAMES)))
    assert steps[0].trace.dense_multiply_adds == two_view_cost(network).dense


def test_the_trace_names_the_blocks_of_both_views() -> None:
    network = tiny_two_views(tiny_pair())
    (seen,) = run(torch_stream(network), frames(1))
    names = [block.name for block in seen.trace.blocks]
    assert names == [site.name for site in two_view_cost(network).sites]


def test_two_streams_take_turns_and_the_past_is_not_changed() -> None:
    stream = torch_stream(tiny_two_views(tiny_pair()))
    first, second = frames(seed=1), frames(seed=2)
    alone = [step.logits for step in run(stream, first)]
    states, mixed = [stream.init_state(), stream.init_state()], []
    for one, two in zip(first, second, strict=True):
        result = step(stream, one, states[0])
        states = [result.state, step(stream, two, states[1]).state]
        mixed.append(result.logits)
    np.testing.assert_array_equal(np.stack(mixed), np.stack(alone))


def test_the_square_is_what_the_box_says() -> None:
    network = tiny_two_views(tiny_pair())
    spec, (image,) = network.spec, frames(1)
    (seen,) = run(torch_stream(network), [image])
    expected = hand_picture(image, seen.hand.box, spec.aspect, spec.box.hand_share, 32)
    np.testing.assert_array_equal(seen.hand.square, expected)
    assert 0.0 <= seen.hand.presence <= 1.0


def test_policies_of_the_second_view_alone_show_outside() -> None:
    pair = tiny_pair()
    mixed = replace(pair, whole=replace(pair.whole, policy=None))
    stream = torch_stream(tiny_two_views(mixed))
    assert stream.spec.fuses
    (seen,) = run(stream, frames(1))
    assert {block.name.split(".")[0] for block in seen.trace.blocks} == {"crop"}

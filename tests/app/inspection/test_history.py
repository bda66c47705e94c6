"""The history tells what the traces told, however long it runs and wherever a step is missing."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.inspection.channel_state import ACTION_OF, ChannelState
from app.inspection.history import PolicyHistory
from models.trace import Action
from tests.app.inspection.scripted import filled, predictions_of, random_streams


def naive_states(actions: NDArray[np.int8]) -> NDArray[np.uint8]:
    """Tell late from cached reuse channel by channel, as the paper's Eq. 5 pays for it."""
    states = np.zeros(actions.shape, np.uint8)
    for channel, line in enumerate(actions):
        for step, action in enumerate(line):
            if action == Action.KEEP:
                states[channel, step] = ChannelState.KEEP
            elif action == Action.SKIP:
                states[channel, step] = ChannelState.SKIP
            elif step == 0 or line[step - 1] == Action.KEEP:
                states[channel, step] = ChannelState.REUSE_CACHED
            else:
                states[channel, step] = ChannelState.REUSE_LATE
    return states


@given(seed=st.integers(0, 2**32), steps=st.integers(1, 40), capacity=st.integers(1, 50))
def test_it_shows_the_newest_steps_as_they_were(seed: int, steps: int, capacity: int) -> None:
    streams = random_streams((5, 3), steps, seed)
    history = filled(streams, capacity)
    shown = min(steps, capacity)

    assert history.steps == shown
    np.testing.assert_allclose(history.times_s, 0.125 * np.arange(steps - shown, steps))
    np.testing.assert_array_equal(history.indices, np.arange(steps - shown, steps))
    for block, actions in zip(history.blocks, streams, strict=True):
        expected = naive_states(actions)[:, -shown:]
        np.testing.assert_array_equal(block.states, expected)
        counted = [(expected == state).sum(axis=0) for state in list(ChannelState)[:4]]
        np.testing.assert_array_equal(block.counts, counted)


def test_cost_and_time_are_those_of_the_trace() -> None:
    history = PolicyHistory()
    predictions = list(predictions_of(random_streams()))
    for prediction in predictions:
        history.add(prediction)

    for number, block in enumerate(history.blocks):
        costs = [p.trace.blocks[number].multiply_adds for p in predictions]
        np.testing.assert_array_equal(block.multiply_adds, costs)
        assert block.dense_multiply_adds == predictions[0].trace.blocks[number].dense_multiply_adds
        assert np.isnan(block.milliseconds).all(), "no engine timed them"


def test_after_a_missing_step_late_reuse_is_not_guessed() -> None:
    streams = [np.array([[0, 0, 1], [2, 2, 1], [0, 2, 2]], np.int8)]
    first, _, third = predictions_of(streams)
    history = PolicyHistory()
    history.add(first)
    history.add(third)

    assert history.follows.tolist() == [False, False]
    assert history.blocks[0].states[:, 1].tolist() == [
        ChannelState.REUSE,
        ChannelState.REUSE,
        ChannelState.SKIP,
    ]


def test_a_stream_that_begins_anew_gives_itself_away() -> None:
    """Its first reuse takes zeros at no cost, where otherwise it would have to be late."""
    skipping, reusing = (np.full((4, 3), action, np.int8) for action in (2, 1))
    history = PolicyHistory()
    for prediction in (*predictions_of([skipping]), *predictions_of([reusing], first=3)):
        history.add(prediction)

    assert history.follows.tolist() == [False, True, True, False, True, True]
    assert (history.blocks[0].states[:, 3] == ChannelState.REUSE_CACHED).all()
    assert (history.blocks[0].states[:, 4:] == ChannelState.REUSE_LATE).all()


def test_another_network_starts_it_anew() -> None:
    history = filled(random_streams((4, 6)))
    for prediction in predictions_of(random_streams((8,), steps=3), first=20):
        history.add(prediction)

    assert [block.channels for block in history.blocks] == [8]
    assert history.steps == 3


def test_a_time_that_jumps_back_starts_it_anew() -> None:
    history = filled(random_streams(steps=10))
    for prediction in predictions_of(random_streams(steps=2)):
        history.add(prediction)

    assert history.times_s.tolist() == [0.0, 0.125]


def test_a_dense_network_has_no_blocks() -> None:
    history = PolicyHistory()
    history.add(next(predictions_of(random_streams((1,)))))
    history.clear()
    assert list(history.blocks) == []
    assert history.steps == 0


def test_what_it_shows_cannot_be_changed() -> None:
    block = filled().blocks[0]
    with pytest.raises(ValueError, match="read-only"):
        block.states[0, 0] = 0


def test_memory_does_not_grow_with_time() -> None:
    predictions = list(predictions_of(random_streams((64, 64), steps=40)))
    history = PolicyHistory(10)
    for prediction in predictions[:20]:
        history.add(prediction)
    tracemalloc.start()
    try:
        for prediction in predictions[20:]:
            history.add(prediction)
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 20_000


def test_every_state_belongs_to_an_action() -> None:
    assert ACTION_OF[
        [ChannelState.KEEP, ChannelState.REUSE_CACHED, ChannelState.REUSE_LATE, ChannelState.SKIP]
    ].tolist() == [
        Action.KEEP,
        Action.REUSE,
        Action.REUSE,
        Action.SKIP,
    ]

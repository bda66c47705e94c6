"""Run lengths, against a count that walks from step to step."""

from __future__ import annotations

from statistics import median

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.inspection.channel_state import ACTION_OF, ChannelState
from app.inspection.ordering import ChannelOrder, channel_order
from app.inspection.run_lengths import BIN_ENDS, BIN_NAMES, run_lengths, runs
from models.trace import Action


@st.composite
def windows(draw: st.DrawFn) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Draw states of shape (C, N), and which steps follow on the one before."""
    channels, steps = draw(st.integers(1, 5)), draw(st.integers(1, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    lasting = rng.random((channels, steps)) < draw(st.sampled_from((0.2, 0.8, 0.98)))
    states = rng.integers(0, 4, (channels, steps)).astype(np.uint8)
    for step in range(1, steps):
        states[lasting[:, step], step] = states[lasting[:, step], step - 1]
    follows = rng.random(steps) < 0.95
    follows[0] = False
    return states, follows


def naive_runs(actions: NDArray[np.int8], follows: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return (action, length) of every run."""
    found = []
    for line in actions.tolist():
        length = 1
        for step in range(1, len(line)):
            if line[step] == line[step - 1] and follows[step]:
                length += 1
            else:
                found.append((line[step - 1], length))
                length = 1
        found.append((line[-1], length))
    return found


@given(windows())
def test_runs_are_those_that_a_walk_finds(
    window: tuple[NDArray[np.uint8], NDArray[np.bool_]],
) -> None:
    states, follows = window
    actions = ACTION_OF[states]
    kinds, lengths = runs(actions, follows)

    assert list(zip(kinds.tolist(), lengths.tolist(), strict=True)) == naive_runs(actions, follows)
    assert lengths.sum() == states.size


@given(windows())
def test_the_distribution_is_that_of_the_runs(
    window: tuple[NDArray[np.uint8], NDArray[np.bool_]],
) -> None:
    states, follows = window
    found = run_lengths(states, follows)
    walked = naive_runs(ACTION_OF[states], follows)

    for action in Action:
        lengths = [length for kind, length in walked if kind == action]
        for number, end in enumerate((*BIN_ENDS, 10**9)):
            start = 0 if number == 0 else BIN_ENDS[number - 1]
            assert found.counts[action, number] == sum(start < n <= end for n in lengths)
        if lengths:
            assert found.medians[action] == median(lengths)
        else:
            assert np.isnan(found.medians[action])


@given(windows())
def test_static_channels_do_one_thing_only(
    window: tuple[NDArray[np.uint8], NDArray[np.bool_]],
) -> None:
    states, follows = window
    found = run_lengths(states, follows)
    static = [line for line in ACTION_OF[states].tolist() if len(set(line)) == 1]

    assert found.static == len(static) / len(states)
    for action in Action:
        assert found.always[action] == sum(line[0] == action for line in static) / len(states)


def test_cached_and_late_reuse_are_one_action() -> None:
    states = np.array(
        [[ChannelState.REUSE_CACHED, ChannelState.REUSE_LATE, ChannelState.REUSE_LATE]], np.uint8
    )
    found = run_lengths(states, np.array([False, True, True]))

    assert found.medians[Action.REUSE] == 3
    assert found.static == 1.0


def test_nothing_has_no_runs() -> None:
    found = run_lengths(np.empty((4, 0), np.uint8), np.empty(0, np.bool_))
    assert found.counts.sum() == 0
    assert found.static == 0


def test_every_bin_has_a_name() -> None:
    assert len(BIN_NAMES) == len(BIN_ENDS) + 1


@given(windows())
def test_channels_that_are_kept_most_come_first(
    window: tuple[NDArray[np.uint8], NDArray[np.bool_]],
) -> None:
    states, _ = window
    order = channel_order(states, ChannelOrder.KEEP)
    kept = (states == ChannelState.KEEP).sum(axis=1)[order]

    assert sorted(order.tolist()) == list(range(len(states)))
    assert (np.diff(kept) <= 0).all()
    assert channel_order(states, ChannelOrder.INDEX).tolist() == list(range(len(states)))

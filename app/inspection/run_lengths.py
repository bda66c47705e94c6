"""How long channels keep the same action: run lengths, as in Fig. 4 of the paper."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.inspection.channel_state import ACTION_OF
from models.trace import Action

BIN_ENDS = (1, 2, 4, 8, 16, 32, 64)
"""Longest run in each bin of the distribution, in steps; a last bin holds all longer ones."""

BIN_NAMES = ("1", "2", "3–4", "5–8", "9–16", "17–32", "33–64", "65+")
"""Label of each bin."""


@dataclass(frozen=True)
class RunLengths:
    """Runs of equal actions in a window of steps; at its edges only their visible part counts.

    Attributes:
        counts: Runs of each `Action` in each bin, of shape (A, bins).
        medians: Median length of each action's runs, in steps; NaN for an action without runs, of
            shape (A,).
        static: Share of the channels with the same action at every step, 0 to 1.
        always: Share of the channels that always had each action, of shape (A,); the shares add up
            to `static`.
        steps: Steps in the window.
    """

    counts: NDArray[np.int64]
    medians: NDArray[np.float64]
    static: float
    always: NDArray[np.float64]
    steps: int


def runs(
    actions: NDArray[np.int8], follows: NDArray[np.bool_]
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Find all runs of equal actions.

    Args:
        actions: `Action` of every channel at every step, of shape (C, N).
        follows: Whether each step directly follows the one before, of shape (N,): a run ends where
            it does not.

    Returns:
        The action and the length in steps of every run, channel by channel, from old to new.
    """
    if actions.size == 0:
        return np.empty(0, np.int8), np.empty(0, np.int64)
    begins = np.ones(actions.shape, np.bool_)
    begins[:, 1:] = (actions[:, 1:] != actions[:, :-1]) | ~follows[1:]
    places = np.flatnonzero(begins)
    return actions.reshape(-1)[places], np.diff(np.append(places, actions.size))


def run_lengths(states: NDArray[np.uint8], follows: NDArray[np.bool_]) -> RunLengths:
    """Return how long the channels of a block keep the same action.

    Args:
        states: `ChannelState` of every channel at every step, of shape (C, N).
        follows: Whether each step directly follows the one before, of shape (N,).
    """
    actions = ACTION_OF[states]
    kinds, lengths = runs(actions, follows)
    bins = np.searchsorted(BIN_ENDS, lengths)
    size = len(Action), len(BIN_NAMES)
    counts = np.bincount(kinds * size[1] + bins, minlength=size[0] * size[1]).reshape(size)
    medians = np.full(len(Action), np.nan)
    for action in Action:
        own = lengths[kinds == np.int8(action)]
        if own.size:
            medians[action] = np.median(own)
    always, static = np.zeros(len(Action)), 0.0
    if actions.size:
        first = actions[:, 0]
        same = (actions == first[:, None]).all(axis=1)
        always = np.bincount(first[same], minlength=len(Action)) / len(actions)
        static = np.count_nonzero(same) / len(actions)
    return RunLengths(counts, medians, static, always, states.shape[1])

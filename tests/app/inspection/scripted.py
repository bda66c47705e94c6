"""Predictions whose traces are what an engine would give for scripted actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from app.inspection.history import PolicyHistory
from app.live.snapshot import Prediction
from models.flops import NetworkCost, SiteCost, step_trace
from models.trace import StepTrace

INTERVAL_S = 0.125


def network_cost(channels: Sequence[int] = (4, 6)) -> NetworkCost:
    sites = tuple(
        SiteCost(f"layer{number}.0", count, produce=1000, consume=500, policy=10)
        for number, count in enumerate(channels, 1)
    )
    return NetworkCost(sites, fixed=10_000)


def a_prediction(
    trace: StepTrace, index: int, time_s: float | None = None, label: str = "Thumb Up"
) -> Prediction:
    return Prediction(
        index=index,
        frame_index=4 * index,
        time_s=index * INTERVAL_S if time_s is None else time_s,
        label=label,
        confidence=0.9,
        ranking=((label, 0.9), ("No gesture", 0.1)),
        step_ms=3.0,
        trace=trace,
    )


def predictions_of(
    streams: Sequence[NDArray[np.int8]], first: int = 0, cost: NetworkCost | None = None
) -> Iterator[Prediction]:
    """Yield the predictions of one stream.

    Args:
        streams: For every block the actions, of shape (C, N).
        first: Number of the first prediction.
        cost: Of the network.
    """
    cost = cost or network_cost([len(actions) for actions in streams])
    before = None
    for step in range(streams[0].shape[1]):
        now = [np.ascontiguousarray(actions[:, step]) for actions in streams]
        yield a_prediction(step_trace(cost, now, before), first + step)
        before = now


def random_streams(
    channels: Sequence[int] = (4, 6), steps: int = 20, seed: int = 0
) -> list[NDArray[np.int8]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(0, 3, (count, steps), np.int8) for count in channels]


def filled(streams: Sequence[NDArray[np.int8]] | None = None, capacity: int = 300) -> PolicyHistory:
    history = PolicyHistory(capacity)
    for prediction in predictions_of(streams or random_streams()):
        history.add(prediction)
    return history

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.cadence import LONGEST_GAP_S, Cadence, Sample


@dataclass(frozen=True)
class Frame:
    time_s: float
    index: int
    segment: int = 0


def pick(
    interval_s: float, times_s: list[float], segments: list[int] | None = None
) -> list[Sample[Frame]]:
    cadence: Cadence[Frame] = Cadence(interval_s)
    segments = segments or [0] * len(times_s)
    picked = [
        cadence.pick(Frame(time_s, index, segment))
        for index, (time_s, segment) in enumerate(zip(times_s, segments, strict=True))
    ]
    return [sample for sample in picked if sample is not None]


def times(samples: list[Sample[Frame]]) -> list[float]:
    return [sample.frame.time_s for sample in samples]


@pytest.mark.parametrize(
    "fps", [8.0, 12.0, 15.0, 16.0, 24.0, 25.0, 29.97, 30.0, 59.94, 60.0, 120.0]
)
def test_the_model_sees_its_own_rate_whatever_the_camera_gives(fps: float) -> None:
    duration_s = 600
    samples = pick(0.125, [index / fps for index in range(int(duration_s * fps))])
    assert len(samples) == pytest.approx(duration_s / 0.125, abs=2)


@pytest.mark.parametrize("fps", [12.0, 25.0, 29.97, 60.0])
def test_every_sample_lies_within_half_a_frame_of_its_tick_even_after_ten_minutes(
    fps: float,
) -> None:
    samples = pick(0.125, [index / fps for index in range(int(600 * fps))])
    distances = [abs(time_s - round(time_s / 0.125) * 0.125) for time_s in times(samples)]
    assert max(distances) <= 0.5 / fps + 1e-6


def test_a_source_that_is_slower_than_the_model_has_every_frame_seen() -> None:
    assert len(pick(0.125, [index / 5 for index in range(50)])) == 50


def test_a_source_at_the_models_own_rate_has_every_frame_seen_in_spite_of_jitter() -> None:
    jitter = np.random.default_rng(0).uniform(-0.02, 0.02, 200)
    times_s = [0.0, *(0.125 * np.arange(1, 201) + jitter).tolist()]
    assert len(pick(0.125, times_s)) == len(times_s)


def test_one_unbroken_stream_is_one_run() -> None:
    assert {sample.run for sample in pick(0.125, [index / 30 for index in range(300)])} == {0}


@pytest.mark.parametrize(
    ("times_s", "segments"),
    [
        ([0.0, 0.1, 0.1 + LONGEST_GAP_S + 0.1], [0, 0, 0]),
        ([5.0, 5.1, 2.0], [0, 0, 0]),
        ([0.0, 0.1, 0.2], [0, 0, 1]),
    ],
    ids=["after a long gap", "when time runs backwards", "with a new segment"],
)
def test_a_break_starts_a_new_run_at_once(times_s: list[float], segments: list[int]) -> None:
    samples = pick(0.125, times_s, segments)
    assert samples[-1].frame.time_s == times_s[-1]
    assert samples[-1].run == 1


def test_a_short_gap_does_not_break_the_stream() -> None:
    samples = pick(0.125, [0.0, 0.125, 0.9, 1.0])
    assert {sample.run for sample in samples} == {0}


def test_a_model_that_looks_seldom_may_wait_longer() -> None:
    assert {sample.run for sample in pick(2.0, [0.0, 2.0, 4.0])} == {0}


@given(
    steps_s=st.lists(st.floats(0.001, 0.9), min_size=1, max_size=200),
    interval_s=st.floats(0.02, 1.0),
)
def test_any_stream_gives_no_more_than_one_sample_a_tick(
    steps_s: list[float], interval_s: float
) -> None:
    times_s = [0.0, *np.cumsum(steps_s).tolist()]
    samples = pick(interval_s, times_s)
    assert times(samples)[0] == 0.0
    assert len(samples) <= times_s[-1] / interval_s + 2
    assert times(samples) == sorted(times(samples))


@given(steps_s=st.lists(st.floats(-3, 3), min_size=1, max_size=100))
def test_the_same_times_give_the_same_samples(steps_s: list[float]) -> None:
    times_s = [0.0, *np.cumsum(steps_s).tolist()]
    first, second = pick(0.125, times_s), pick(0.125, times_s)
    assert [(s.frame.index, s.run) for s in first] == [(s.frame.index, s.run) for s in second]
    assert [s.run for s in first] == sorted(s.run for s in first)

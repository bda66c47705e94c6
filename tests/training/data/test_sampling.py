from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.data.sampling import DenseWindow, Sampling, UniformSegments

samplings = st.one_of(
    st.builds(UniformSegments, frames=st.integers(1, 16)),
    st.builds(
        DenseWindow, frames=st.integers(1, 16), stride=st.floats(0.2, 5), jitter=st.floats(0, 5)
    ),
)


@given(samplings, st.integers(1, 200), st.none() | st.integers(0, 99))
def test_every_clip_has_its_frames_in_order_and_inside_the_video(
    sampling: Sampling, length: int, seed: int | None
) -> None:
    rng = None if seed is None else np.random.default_rng(seed)
    chosen = sampling.indices(length, rng)
    assert len(chosen) == sampling.frames
    assert np.all(np.diff(chosen) >= 0)
    assert 0 <= chosen.min() <= chosen.max() < length


@given(st.integers(8, 300), st.integers(0, 99))
def test_uniform_sampling_takes_one_frame_from_each_segment(length: int, seed: int) -> None:
    chosen = UniformSegments(8).indices(length, np.random.default_rng(seed))
    edges = np.linspace(0, length, 9)
    assert np.all(chosen >= np.floor(edges[:-1]))
    assert np.all(chosen < np.ceil(edges[1:]))


def test_uniform_sampling_takes_the_centers_without_chance() -> None:
    assert UniformSegments(8).indices(16, None).tolist() == [1, 3, 5, 7, 9, 11, 13, 15]


def test_a_dense_window_is_centerd_and_keeps_its_cadence() -> None:
    assert DenseWindow(4, stride=2).indices(21, None).tolist() == [7, 9, 11, 13]


def test_a_window_longer_than_the_video_repeats_its_ends() -> None:
    assert DenseWindow(6, stride=1).indices(2, None).tolist() == [0, 0, 0, 1, 1, 1]


def test_a_jittered_window_moves_by_no_more_than_it_may() -> None:
    window = DenseWindow(4, stride=2, jitter=1)
    starts = {int(window.indices(41, np.random.default_rng(seed))[0]) for seed in range(50)}
    assert starts <= set(range(15, 20))
    assert len(starts) > 1


def test_a_pace_varies_how_fast_hands_are_in_training_alone() -> None:
    window = DenseWindow(frames=8, stride=2.0, jitter=0.0, pace=(0.5, 1.5))
    spans = [np.ptp(window.indices(100, np.random.default_rng(seed))) for seed in range(50)]
    assert min(spans) < 10
    assert max(spans) > 18
    assert all(7 <= span <= 21 for span in spans)
    assert np.ptp(window.indices(100, None)) == 14

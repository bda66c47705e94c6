"""Going to and fro in a recording shows the steps around the place, and never more of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.inspection.playback import Playback, last_at
from tests.app.inspection.fakes import FakeRecording
from tests.app.inspection.scripted import predictions_of, random_streams

RECORDING = FakeRecording(list(predictions_of(random_streams(steps=60))))


@given(st.lists(st.floats(-1, 10), min_size=1, max_size=12), st.integers(1, 80))
def test_the_column_is_that_of_the_place(times_s: list[float], capacity: int) -> None:
    playback = Playback(RECORDING, capacity)
    for time_s in times_s:
        playback.seek(time_s)
        prediction, column = playback.prediction, playback.column

        assert prediction is not None
        assert column is not None
        assert prediction.time_s <= playback.time_s
        assert playback.history.indices[column] == prediction.index
        assert playback.history.steps == min(capacity, 60)


def test_seek_says_whether_other_steps_are_on_show() -> None:
    playback = Playback(RECORDING, capacity=10)
    assert not playback.seek(1.0)
    assert playback.seek(5.0)
    assert not playback.seek(5.125)
    playback.seek(100)
    assert playback.history.indices[-1] == 59


def test_steps_and_ends() -> None:
    playback = Playback(RECORDING)
    playback.seek_number(7)
    assert playback.number == 7
    playback.seek_number(1000)
    assert playback.number == 59
    playback.seek_number(-3)
    assert playback.number == 0


def test_before_the_first_prediction_there_is_none() -> None:
    late = FakeRecording(
        [p for p in RECORDING.predictions if p.time_s > 1.0], duration_s=RECORDING.duration_s
    )
    playback = Playback(late)
    assert playback.prediction is None
    assert playback.column is None
    assert last_at(late.predictions, 0.5) is None


def test_a_recording_without_predictions_is_no_error() -> None:
    playback = Playback(FakeRecording([], duration_s=2.0))
    playback.seek(1.0)
    playback.seek_number(3)
    assert playback.prediction is None
    assert playback.history.steps == 0
    assert np.isclose(playback.time_s, 1.0)

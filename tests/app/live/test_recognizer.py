from __future__ import annotations

import numpy as np
import pytest

from app.live.recognizer import Recognition, Recognizer
from models.cadence import Sample
from models.decision import DecisionSettings
from models.errors import ModelError
from models.preprocess import network_input
from tests.app.fakes import LABELS, FakeEngine, logits_for, make_frame, make_spec


def run(engine: FakeEngine, count: int, run_number: int = 0) -> list[Recognition]:
    recognizer = Recognizer(engine, DecisionSettings())
    return [
        recognizer.process(Sample(make_frame(index * 0.125, index), run_number))
        for index in range(count)
    ]


def test_the_prediction_is_the_softmax_of_the_mean_of_the_clips_logits() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20, len(LABELS))).astype(np.float32)
    results = run(FakeEngine(lambda step: logits[step]), 20)
    for index, result in enumerate(results):
        mean = logits[max(0, index - 7) : index + 1].astype(np.float64).mean(axis=0)
        expected = np.exp(mean) / np.exp(mean).sum()
        prediction = result.snapshot.prediction
        assert prediction.label == LABELS[int(expected.argmax())]
        assert prediction.confidence == pytest.approx(expected.max())
        shown = [probability for _, probability in prediction.ranking]
        assert shown == pytest.approx(sorted(expected, reverse=True)[:5])


def test_the_network_gets_what_training_feeds_it() -> None:
    engine = FakeEngine()
    run(engine, 1)
    np.testing.assert_array_equal(engine.inputs[0], network_input(make_frame(0).image, make_spec()))


def test_the_ring_shows_the_last_eight_pictures_as_the_network_saw_them() -> None:
    last = run(FakeEngine(), 11)[-1].snapshot
    assert [int(image[0, 0, 0]) for image in last.ring] == list(range(3, 11))
    assert last.ring[0].shape == (32, 48, 3)


def test_the_snapshot_counts_and_names_what_it_belongs_to() -> None:
    last = run(FakeEngine(delay_s=0.002), 3)[-1].snapshot
    assert (last.predictions, last.prediction.index, last.prediction.frame_index) == (3, 2, 2)
    assert last.prediction.time_s == pytest.approx(0.25)
    assert last.prediction.step_ms >= 2
    assert last.frame_age_ms >= last.prediction.step_ms
    assert last.prediction.trace.shares() == (0.25, 0.25, 0.5)


def test_a_gesture_fires_once_and_stays_known() -> None:
    results = run(FakeEngine(lambda step: logits_for("Thumb Up")), 10)
    fired = [result.fired for result in results if result.fired is not None]
    assert [gesture.label for gesture in fired] == ["Thumb Up"]
    assert results[-1].snapshot.gesture == fired[0]


def test_a_new_run_forgets_the_stream() -> None:
    engine = FakeEngine(lambda step: logits_for("Thumb Up" if step < 8 else "Swiping Left"))
    recognizer = Recognizer(engine, DecisionSettings())
    for index in range(8):
        recognizer.process(Sample(make_frame(index * 0.125, index), 0))
    after = recognizer.process(Sample(make_frame(9.0, 8), 1)).snapshot
    assert engine.states == [*range(8), 0]
    assert len(after.ring) == 1
    assert after.predictions == 9
    assert after.gesture is not None


def test_in_a_new_run_the_same_gesture_fires_again() -> None:
    recognizer = Recognizer(FakeEngine(lambda step: logits_for("Thumb Up")), DecisionSettings())
    fired = [
        recognizer.process(Sample(make_frame(index * 0.125, index), index // 10)).fired
        for index in range(20)
    ]
    assert sum(gesture is not None for gesture in fired) == 2


def test_scores_that_are_not_numbers_are_told_and_not_shown() -> None:
    engine = FakeEngine(lambda step: np.full(len(LABELS), np.nan, np.float32))
    with pytest.raises(ModelError, match="not finite"):
        run(engine, 1)


def test_huge_scores_do_not_overflow() -> None:
    result = run(FakeEngine(lambda step: logits_for("Thumb Up", 1e30)), 1)[0]
    assert result.snapshot.prediction.confidence == 1.0


@pytest.mark.parametrize("shape", [(1, 1, 3), (31, 7, 3), (1080, 1920, 3), (7, 501, 3)])
def test_frames_of_any_size_are_seen(shape: tuple[int, int, int]) -> None:
    engine = FakeEngine()
    frame = make_frame(0)
    odd = type(frame)(np.zeros(shape, np.uint8), 0.0, 0, frame.captured_at_s)
    Recognizer(engine, DecisionSettings()).process(Sample(odd, 0))
    assert engine.inputs[0].shape == (3, 32, 48)

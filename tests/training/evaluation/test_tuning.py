from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace as replace_struct

from models.decision import DecisionSettings, Observation
from tests.app.fakes import make_spec
from training.data.errors import DataError
from training.evaluation.gesture_tuning import CHOICES_PER_GESTURE, tune_gestures
from training.evaluation.stream_metrics import StreamMetrics
from training.evaluation.streams import TEST_SEED, Belief, TranscribedStream, check_not_test_streams
from training.evaluation.tuning import firing_choices, measured, release_choices, tune, worth
from training.performer.synthesize_streams import synthesize_streams
from training.streams.truth import CueKind, StreamCue, StreamTruth

SPEC = make_spec()
GOOD = StreamMetrics(60.0, 400, 0.9, 0.9, 0.05, 100.0, 300.0)


def hesitant_stream() -> TranscribedStream:
    """A model that is sure of 0.5 at gestures, of 0.4 for a moment in between, and of 0.1 else."""
    cues = tuple(
        StreamCue(CueKind.GESTURE, "Thumb Up", start, start, start + 1.0, start + 1.5)
        for start in np.arange(4.0, 56.0, 4.0).tolist()
    )
    beliefs = []
    for time_s in np.arange(0.0, 60.0, 0.125).tolist():
        sure = 0.1
        if any(cue.start_s + 0.5 <= time_s <= cue.end_s + 0.2 for cue in cues):
            sure = 0.5
        elif time_s % 4.0 == 2.0:
            sure = 0.4
        rest = (1 - sure) / (len(SPEC.labels) - 1)
        probabilities = {name: sure if name == "Thumb Up" else rest for name in SPEC.labels}
        # Undecided means silent: the rest goes to a label that never fires.
        probabilities["No gesture"] += 0.01
        beliefs.append(Belief(0, Observation(time_s, probabilities)))
    truth = StreamTruth(video="a.mp4", fps=8, duration_s=60, cues=cues)
    return TranscribedStream(truth, tuple(beliefs))


def test_tuning_finds_what_the_defaults_miss() -> None:
    streams = [hesitant_stream()]
    before = measured(streams, SPEC, SPEC.decision)
    after = tune(streams, SPEC)
    assert before.metrics.detection_rate == 0
    assert after.metrics.detection_rate == after.metrics.levenshtein_accuracy == 1
    assert after.metrics.false_per_minute == 0
    assert after.score > before.score
    assert 0.4 < after.settings.fire_above <= 0.5 or after.settings.hold_s > 0


def test_settings_that_are_as_good_as_any_are_left_as_they_are() -> None:
    streams = [hesitant_stream()]
    best = tune(streams, SPEC).settings
    assert tune(streams, make_spec(decision=best)).settings == best


def test_only_what_misses_a_goal_costs() -> None:
    assert worth(GOOD) == worth(replace(GOOD, false_per_minute=0.1, delay_ms_p95=400.0)) == 0.9
    assert worth(replace(GOOD, false_per_minute=1.1)) == pytest.approx(0.8)
    assert worth(replace(GOOD, delay_ms_p95=600.0)) == pytest.approx(0.8)
    assert worth(replace(GOOD, delay_ms_p95=None)) == 0.9


def test_choices_differ_in_what_they_are_about_and_nothing_else() -> None:
    current = DecisionSettings(fire_above=0.6, hold_s=0.2, release_below=0.3, release_s=0.4)
    firing, release = firing_choices(current, SPEC), release_choices(current)
    assert {settings.release_s for settings in firing} == {0.4}
    for settings in firing:
        assert settings.release_below == pytest.approx(settings.fire_above / 2, abs=1e-4)
    assert {(settings.fire_above, settings.hold_s) for settings in release} == {(0.6, 0.2)}
    for found in (firing, release):
        assert len(set(map(repr, found))) == len(found)


UP, OTHER = (
    "Thumb Up",
    next(name for name in SPEC.labels if name != "Thumb Up" and name not in SPEC.silent_labels),
)


def two_signs(mistaken: float) -> TranscribedStream:
    """Thumbs up, believed with 0.5, and another sign: with 0.8, and as much by mistake as given."""
    shown = ((UP, UP, 0.5), (OTHER, OTHER, 0.8), (None, OTHER, mistaken))
    cues, beliefs = [], []
    for time_s in np.arange(4.0, 116.0, 0.125).tolist():
        number, within_s = int(time_s // 4.0), time_s % 4.0
        made, seen, sure = shown[number % 3]
        if within_s == 0.0 and made is not None:
            times = (time_s, time_s, time_s + 1.0, time_s + 1.5)
            cues.append(StreamCue(CueKind.GESTURE, made, *times))
        sure = sure if 0.5 <= within_s <= 1.2 else 0.1
        probabilities = {name: (1 - sure) / (len(SPEC.labels) - 1) for name in SPEC.labels}
        probabilities[seen] = sure
        probabilities["No gesture"] += 0.01
        beliefs.append(Belief(0, Observation(time_s, probabilities)))
    truth = StreamTruth(video="a.mp4", fps=8, duration_s=120, cues=tuple(cues))
    return TranscribedStream(truth, tuple(beliefs))


START = DecisionSettings(0.9, 0.0, 0.3, 0.0)


def test_a_gesture_gets_what_keeps_its_false_activations_within_the_rate() -> None:
    tried: list[int] = []
    settings, tuned = tune_gestures([two_signs(0.5)], SPEC, START, (UP, OTHER), 0.1, tried.append)
    assert tried[-1] == 2 * CHOICES_PER_GESTURE
    assert replace_struct(settings, gestures={}) == START
    for gesture in tuned:
        assert gesture.detected == gesture.made > 0
        assert gesture.false_per_minute == 0.0
    low, high = (settings.fire_above_for(label) for label in (UP, OTHER))
    assert low <= 0.5 < high <= 0.8, "as low as it may be, and above what is mistaken for it"


def test_where_nothing_keeps_within_the_rate_the_fewest_false_activations_are_taken() -> None:
    settings, (gesture,) = tune_gestures([two_signs(0.99)], SPEC, START, (OTHER,), 0.1)
    assert gesture.false_per_minute > 0.1
    assert settings.gestures == {OTHER: gesture.thresholds}


def test_nothing_is_tuned_on_the_streams_that_models_are_tested_on(tmp_path: Path) -> None:
    for seed in (TEST_SEED, 1):
        synthesize_streams(tmp_path / str(seed), 0.17, seed, fps=2.0, height=16, workers=1)
    check_not_test_streams(tmp_path / "1")
    with pytest.raises(DataError, match="another --seed"):
        check_not_test_streams(tmp_path / str(TEST_SEED))

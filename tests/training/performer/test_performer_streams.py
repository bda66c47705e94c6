from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.app.command import ROOT
from training.cli import main
from training.labels import JESTER_LABELS, SILENT_LABELS
from training.performer.distractions import Distraction, compose_distraction
from training.performer.framing import sample_framing
from training.performer.motion import Track
from training.performer.performance import perform, sample_cue
from training.performer.repertoire import compose
from training.performer.script import SHORTEST_S, plan_scripted_stream
from training.performer.synthesize_streams import read_stream_set, synthesize_streams
from training.performer.unfinished import broken_off, can_break_off
from training.streams.truth import CueKind, list_streams, read_truth


def small(out: Path, minutes: float = 0.2, seed: int = 1, workers: int = 1) -> None:
    synthesize_streams(out, minutes, seed, fps=4.0, height=24, workers=workers, stream_s=12)


def test_a_script_holds_gestures_beginnings_and_distractions_with_times_that_fit() -> None:
    kinds: Counter[CueKind] = Counter()
    labels: Counter[str] = Counter()
    for index in range(12):
        stream = plan_scripted_stream(3, index, 60.0, 24)
        assert stream.cues[-1].until_s <= stream.duration_s == 60.0
        for earlier, later in pairwise(stream.cues):
            assert later.begin_s >= earlier.until_s
        kinds.update(cue.kind for cue in stream.cues)
        labels.update(cue.label for cue in stream.cues if cue.kind is CueKind.GESTURE)
    assert set(kinds) == set(CueKind)
    assert kinds[CueKind.GESTURE] > kinds[CueKind.DISTRACTION] > kinds[CueKind.UNFINISHED] > 5
    assert set(labels) == set(JESTER_LABELS) - set(SILENT_LABELS)


@pytest.mark.parametrize("index", [51, 57])
def test_the_first_thing_in_the_shortest_stream_is_over_when_it_ends(index: int) -> None:
    # The first thing drawn for these two would have taken longer.
    stream = plan_scripted_stream(3, index, SHORTEST_S, 24)
    assert stream.cues
    assert stream.cues[-1].until_s <= stream.duration_s == SHORTEST_S


def test_each_stream_of_a_set_has_a_person_and_a_room_of_its_own() -> None:
    first, second = (plan_scripted_stream(3, index, 12.0, 24) for index in range(2))
    assert first.stage.actor.materials.tolist() != second.stage.actor.materials.tolist()
    assert first.cues != second.cues


@pytest.mark.parametrize("kind", Distraction)
def test_every_distraction_is_drawn_and_is_no_gesture(kind: Distraction) -> None:
    rng = np.random.default_rng([1, list(Distraction).index(kind)])
    gesture, draw = compose_distraction(kind, rng, sample_framing(rng, 24))
    assert gesture.label == "Doing other things"
    assert 1.5 <= gesture.duration_s <= 4.0
    performance = perform([sample_cue(gesture, draw, 1.0, unhurried=True)])
    assert (performance.main is None) == (kind is Distraction.LEANING)


def test_an_unfinished_gesture_makes_less_than_a_third_of_its_way() -> None:
    rng = np.random.default_rng(0)
    for label in filter(can_break_off, JESTER_LABELS):
        gesture, draw = compose(label, rng, sample_framing(rng, 24))
        short = broken_off(gesture, draw)
        first, last = (Track(gesture.keyframes).at(at_s) for at_s in (0.0, gesture.duration_s))
        stopped = short.keyframes[-1].state
        way = np.linalg.norm([last.u - first.u, last.v - first.v, last.distance - first.distance])
        gone = np.linalg.norm(
            [stopped.u - first.u, stopped.v - first.v, stopped.distance - first.distance]
        )
        assert gone <= way / 3 + 1e-9
        assert np.abs(stopped.pose - first.pose).max() <= np.abs(last.pose - first.pose).max() / 3


def test_a_returning_hand_goes_back_to_where_its_stroke_started_and_then_sinks() -> None:
    rng = np.random.default_rng(2)
    # Somebody who shows a gesture rests with the hands down.
    gesture, draw = compose("Swiping Left", rng, sample_framing(rng, 24), plain=True)
    cue = sample_cue(gesture, draw, 1.0, unhurried=True)
    returning = replace(cue, return_s=0.5)
    track = perform([returning]).main
    assert track is not None
    start, end = track.at(cue.start_s), track.at(cue.end_s)
    back = track.at(cue.end_s + cue.hold_after_s + 0.5)
    assert start.u < end.u
    assert back.u == pytest.approx(start.u)
    assert track.at(returning.busy_until_s).v < -1
    assert returning.busy_until_s == pytest.approx(cue.busy_until_s + 0.5)


def test_fewer_samples_of_a_hand_that_rests_give_the_same_picture() -> None:
    stream = plan_scripted_stream(5, 0, 20.0, 24)
    stage, performance = stream.stage, stream.performance
    times_s = np.arange(0, 20, 0.1).tolist()
    resting_s = next(time_s for time_s in times_s if performance.still_around(time_s, 0.02))
    few, many = (stage.draw(performance, resting_s, 0.02, samples) for samples in (2, 4))
    np.testing.assert_allclose(few, many, atol=0.02)
    assert not performance.still_around(performance.cues[0].busy_from_s + 0.2, 0.05)


def test_videos_and_truth_lie_side_by_side_and_agree(tmp_path: Path) -> None:
    out = tmp_path / "new" / "streams"
    told: list[float] = []
    synthesize_streams(out, 0.5, 1, fps=5.0, height=32, workers=1, progress=told.append)
    (path,) = list_streams(out)
    truth = read_truth(path)
    assert (truth.fps, truth.duration_s, truth.seed) == (5.0, 30.0, 1)
    assert truth.cues == plan_scripted_stream(1, 0, 30.0, 32).cues
    video = cv2.VideoCapture(str(out / truth.video))
    times_s, pictures = [], []
    while True:
        read, picture = video.read()
        if not read:
            break
        times_s.append(video.get(cv2.CAP_PROP_POS_MSEC) / 1000)
        pictures.append(picture)
    video.release()
    assert times_s == pytest.approx(np.arange(150) / 5.0, abs=1e-3)
    # What the file shows at a moment is what the performer drew for it.
    drawn = list(plan_scripted_stream(1, 0, 30.0, 32).frames(5.0))
    for index in (0, 40, 149):
        error = np.abs(pictures[index].astype(float) - drawn[index]).mean()
        assert error < 12
    facts = read_stream_set(out)
    assert facts is not None
    assert (facts.seed, facts.streams, facts.minutes) == (1, 1, 0.5)
    assert told == [0.5]


def test_workers_do_not_change_the_result(tmp_path: Path) -> None:
    small(tmp_path / "alone", 0.4)
    small(tmp_path / "together", 0.4, workers=2)
    names = sorted(path.name for path in (tmp_path / "alone").iterdir())
    assert len(names) == 2 * 3 + 1
    for name in names:
        one, other = ((tmp_path / folder / name).read_bytes() for folder in ("alone", "together"))
        assert one == other


def test_a_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def stop(minutes: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize_streams(tmp_path / "out", 0.2, 1, fps=4.0, height=24, workers=1, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_leaves_nothing_under_the_name(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = f"-m training synthesize-streams --out {out} --minutes 60 --workers 1".split()
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT)
    deadline_s = time.monotonic() + 60
    while not any(tmp_path.glob(".partial-*/*")) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert process.poll() is None, "it works on"
    assert any(tmp_path.glob(".partial-*/*"))
    process.kill()
    process.wait()
    assert not out.exists()
    assert all(path.name.startswith(".partial-") for path in tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--minutes", "0.01"], 2, "at least 10 seconds"),
        (["--minutes", "1", "--height", "33"], 2, "even"),
        (["--minutes", "1", "--backgrounds", "nowhere"], 1, "nowhere"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_made(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    complaint: str,
) -> None:
    command = ["synthesize-streams", "--out", str(tmp_path / "out"), "--workers", "1"]
    assert main(command + arguments) == code
    assert complaint in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []

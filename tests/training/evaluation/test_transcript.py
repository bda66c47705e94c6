from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.live.events import Event, GestureEvent, PredictionEvent
from app.live.headless import run_file
from app.live.run import Run
from app.sources.factory import open_file
from models.bundle import load_bundle
from models.decision import DecisionSettings
from models.engines.base import StreamingEngine
from models.engines.factory import create_engine
from models.live import Frame
from tests.app.fakes import FakeEngine, logits_for, make_spec
from training.data.errors import DataError
from training.evaluation.streams import decided, transcribe
from training.performer.video import write_video
from training.streams.video import read_video


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "stream.mp4"
    rng = np.random.default_rng(0)
    # Noise and black by turns, each for longer than the model's clip.
    noise = rng.integers(0, 256, (48, 64, 3), np.uint8)
    pictures = (noise * np.uint8((index // 20) % 2) for index in range(120))
    write_video(path, pictures, 15.0, bits_per_pixel=2.0)
    return path


def app_events(engine: StreamingEngine, video: Path, decision: DecisionSettings) -> list[Event]:
    events: list[Event] = []
    run = Run(engine, decision, on_event=events.append)
    run_file(lambda: open_file(str(video)), run, None, lambda: False)
    return events


def test_evaluation_sees_and_decides_what_the_app_does(tiny_bundle: Path, video: Path) -> None:
    engine = create_engine(load_bundle(tiny_bundle), "torch").engine
    transcript = transcribe(engine, read_video(video, 15.0, 8.0))
    # A threshold that even a network of noise crosses again and again.
    middle = float(np.median([max(item.observation.probabilities.values()) for item in transcript]))
    decision = DecisionSettings(middle, 0.0, middle, 0.0)
    events = app_events(engine, video, decision)

    shown = [item for item in events if isinstance(item, PredictionEvent)]
    assert len(shown) == len(transcript) > 50
    for belief, prediction in zip(transcript, shown, strict=True):
        observation = belief.observation
        assert observation.time_s == prediction.t
        assert observation.probabilities[prediction.label] == prediction.confidence
        assert max(observation.probabilities.values()) == prediction.confidence

    fired = [item for item in events if isinstance(item, GestureEvent)]
    again = decided(transcript, engine.spec, decision)
    assert [(item.label, item.time_s) for item in again] == [(item.label, item.t) for item in fired]
    assert len(fired) >= 2


def test_a_long_gap_starts_afresh_as_in_the_app() -> None:
    engine = FakeEngine(lambda step: logits_for("Thumb Up"))
    image = np.zeros((48, 64, 3), np.uint8)
    times_s = [0.125 * index for index in range(8)] + [5.0 + 0.125 * index for index in range(8)]
    transcript = transcribe(engine, (Frame(image, time_s) for time_s in times_s))
    assert engine.states == [*range(8), *range(8)]
    fired = decided(transcript, make_spec(), DecisionSettings())
    assert [gesture.label for gesture in fired] == ["Thumb Up", "Thumb Up"]


def test_media_times_are_exact(video: Path) -> None:
    times_s = [frame.time_s for frame in read_video(video, 15.0, 8.0)]
    assert times_s == pytest.approx(np.arange(120) / 15.0, abs=1e-3)


@pytest.mark.parametrize("content", [None, b"", b"no video"])
def test_a_video_that_cannot_be_played_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match="missing, damaged or not a video"):
        list(read_video(path, 12.0, 1.0))


def test_a_video_that_breaks_off_is_told(video: Path) -> None:
    with pytest.raises(DataError, match=r"breaks off after 7\.9 of 60\.0 seconds"):
        list(read_video(video, 15.0, 60.0))

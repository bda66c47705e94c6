"""A recording of a real run: a bundle over the beginning of the demo clip."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from app.live.recognizer import Recognizer
from app.live.snapshot import Prediction
from app.sources.base import Frame
from app.sources.factory import DEMO, SourceOpener
from models.bundle import load_bundle
from models.cadence import Cadence
from models.decision import Gesture
from models.engines.sparse import SparseEngine
from models.spec import ModelSpec
from tests.app.inspection.fakes import FakeRecording


def record(bundle: Path, frames: int) -> tuple[FakeRecording, ModelSpec]:
    """Run a bundle over so many frames; gestures are two that a test can look for."""
    engine = SparseEngine(load_bundle(bundle), 1)
    recognizer = Recognizer(engine, engine.spec.decision)
    recognizer.times_blocks = True
    cadence: Cadence[Frame] = Cadence(engine.spec.frame_interval_s)
    seen: list[Frame] = []
    predictions: list[Prediction] = []
    with closing(SourceOpener.of(DEMO)()) as source:
        while len(seen) < frames and (frame := source.read()) is not None:
            seen.append(frame)
            sample = cadence.pick(frame)
            if sample is not None:
                predictions.append(recognizer.process(sample).snapshot.prediction)
    moments = (predictions[len(predictions) // 3], predictions[2 * len(predictions) // 3])
    gestures = [Gesture(p.label, p.confidence, p.time_s) for p in moments]
    return FakeRecording(predictions, gestures, seen, seen[-1].time_s), engine.spec

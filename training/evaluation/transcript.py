"""What a model believes throughout a recording, seen as the app sees it.

The network runs once; decisions are then made from the transcript as often as one likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cadence import Cadence
from models.decision import DecisionSettings, DecisionState, Gesture, Observation, decide
from models.engines.base import StreamingEngine
from models.preprocess import network_input
from models.smoothing import ScoreWindow
from models.spec import ModelSpec
from training.data.errors import DataError


@dataclass(frozen=True)
class StreamFrame:
    """One picture of a recording.

    Attributes:
        image: BGR, shape (H, W, 3).
        time_s: Seconds from the first frame.
        segment: A recording is one uninterrupted stretch.
    """

    image: NDArray[np.uint8]
    time_s: float
    segment: int = 0


@dataclass(frozen=True)
class Belief:
    """One step of the model.

    Attributes:
        run: Number of the uninterrupted run that it belongs to; decisions start afresh with each.
        observation: When, and what it believes.
    """

    run: int
    observation: Observation


def read_video(path: Path, fps: float) -> Iterator[StreamFrame]:
    """Yield the frames of a video with their media times.

    Args:
        path: The file.
        fps: Frames a second, for frames that carry no usable time stamp.

    Raises:
        DataError: It cannot be played.
    """
    # Absolute, so that no name can be taken for an address such as "http:..." by FFmpeg.
    capture = cv2.VideoCapture(str(path.absolute()), cv2.CAP_FFMPEG)
    try:
        first_s, time_s = 0.0, -1.0 / fps
        while True:
            decoded, image = capture.read()
            if not decoded:
                break
            stamp_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if time_s < 0:
                first_s = stamp_s
            time_s = stamp_s - first_s if stamp_s - first_s > time_s else time_s + 1.0 / fps
            yield StreamFrame(np.asarray(image, np.uint8), time_s)
    finally:
        capture.release()
    if time_s < 0:
        raise DataError(f"The video {path} is missing, damaged or not a video.")


def transcribe(engine: StreamingEngine, frames: Iterable[StreamFrame]) -> list[Belief]:
    """Run a model over a recording: its cadence, its preprocessing, its newest T scores.

    Args:
        engine: Runs the model.
        frames: The recording, in order.

    Raises:
        ModelError: The model's scores are not numbers.
    """
    spec = engine.spec
    cadence: Cadence[StreamFrame] = Cadence(spec.frame_interval_s)
    scores = ScoreWindow(spec)
    state, run = engine.init_state(), 0
    beliefs = []
    for frame in frames:
        sample = cadence.pick(frame)
        if sample is None:
            continue
        if sample.run != run:
            state, run = engine.init_state(), sample.run
            scores.clear()
        result = engine.step(network_input(frame.image, spec), state)
        state = result.state
        by_label = dict(zip(spec.labels, scores.push(result.logits).tolist(), strict=True))
        beliefs.append(Belief(run, Observation(frame.time_s, by_label)))
    return beliefs


def decided(
    transcript: Iterable[Belief], spec: ModelSpec, settings: DecisionSettings
) -> list[Gesture]:
    """Return the gestures that fire over a transcript.

    Args:
        transcript: What the model believes, in order.
        spec: The model.
        settings: When a probability becomes a gesture.
    """
    silent = frozenset(spec.silent_labels)
    state, run = DecisionState(), 0
    fired = []
    for belief in transcript:
        if belief.run != run:
            state, run = DecisionState(), belief.run
        state, gesture = decide(state, belief.observation, settings, silent)
        if gesture is not None:
            fired.append(gesture)
    return fired

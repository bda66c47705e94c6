"""What a model believes throughout a recording, seen as the app sees it.

The network runs once; decisions are then made from the transcript as often as one likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models.decision import DecisionSettings, DecisionState, Gesture, Observation, decide
from models.engines.base import StreamingEngine
from models.preprocess import network_input
from models.smoothing import ScoreWindow
from models.spec import ModelSpec
from training.streams.video import StreamFrame, samples


@dataclass(frozen=True)
class Belief:
    """One step of the model.

    Attributes:
        run: Number of the uninterrupted run that it belongs to; decisions start afresh with each.
        observation: When, and what it believes.
    """

    run: int
    observation: Observation


def transcribe(engine: StreamingEngine, frames: Iterable[StreamFrame]) -> list[Belief]:
    """Run a model over a recording: its cadence, its preprocessing, its newest T scores.

    Args:
        engine: Runs the model.
        frames: The recording, in order.

    Raises:
        ModelError: The model's scores are not numbers.
    """
    spec = engine.spec
    scores = ScoreWindow(spec)
    state, run = engine.init_state(), 0
    beliefs = []
    for sample in samples(frames, spec.frame_interval_s):
        if sample.run != run:
            state, run = engine.init_state(), sample.run
            scores.clear()
        result = engine.step(network_input(sample.frame.image, spec), state)
        state = result.state
        by_label = dict(zip(spec.labels, scores.push(result.logits).tolist(), strict=True))
        beliefs.append(Belief(run, Observation(sample.frame.time_s, by_label)))
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

"""The recognizer's knowledge after one step, frozen: the window reads it without a lock."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.inspection.totals import RunTotals
from models.decision import Gesture, Verdict
from models.spec import ModelSpec
from models.trace import StepTrace
from models.two_views.stream import HandView


@dataclass(frozen=True)
class RunningModel:
    """A model on its engine. Every switch creates a new one, even to the same model.

    Attributes:
        spec: The model.
        engine_name: The engine that runs it.
        engine_reason: Why this engine, as the end of a sentence; empty if there is none.
        times_blocks: Whether the engine can measure how long each fused block takes.
        saves_time: Whether the engine skips what the policy does not ask for; False where it
            computes every channel anyway.
        person: Whose gestures run on it; None for the model's own.
    """

    spec: ModelSpec
    engine_name: str
    engine_reason: str = ""
    times_blocks: bool = False
    saves_time: bool = True
    person: str | None = None


@dataclass(frozen=True)
class Prediction:
    """One step of the model.

    Attributes:
        index: Index of this prediction in the run.
        frame_index: Index of the source's frame that it belongs to.
        time_s: Time of that frame on the source's clock, in seconds from its first frame.
        label: The most probable label over the model's clip.
        confidence: Probability of `label`, 0 to 1.
        ranking: Labels with their probabilities, most probable first, at most five.
        step_ms: Time that the engine took, without preprocessing, in milliseconds.
        trace: What the network computed, reused and skipped.
    """

    index: int
    frame_index: int
    time_s: float
    label: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    step_ms: float
    trace: StepTrace


@dataclass(frozen=True)
class Snapshot:
    """Everything that the window draws about the recognition.

    Attributes:
        prediction: The newest prediction.
        ring: The frames of the model's clip as the network saw them: BGR, cropped to its input
            size, oldest first.
        gesture: The gesture that fired last, with its time; None before the first.
        predictions: Predictions since the start.
        dropped: Samples that were dropped because the engine was busy.
        frame_age_ms: Time from reading the frame to the end of its step, in milliseconds.
        verdict: The decision's verdict on the newest prediction, with its reason.
        model: The model that made the newest prediction.
        totals: Cost of the run since its start.
        hand: Where a model of two views looked for the hand; None of a model of one view.
    """

    prediction: Prediction
    ring: tuple[NDArray[np.uint8], ...]
    gesture: Gesture | None
    predictions: int
    dropped: int
    frame_age_ms: float
    verdict: Verdict | None = None
    model: RunningModel | None = None
    totals: RunTotals = RunTotals()  # noqa: RUF009 - frozen
    hand: HandView | None = None

"""The events of a run, one JSON object per line (the format is fixed)."""

from __future__ import annotations

import msgspec

from app.live.snapshot import Prediction
from models.decision import Gesture, Verdict

DECIMALS = 6
"""Digits after the decimal point: more would be noise and would differ between machines."""


class PredictionEvent(msgspec.Struct, frozen=True, tag_field="type", tag="prediction"):
    """One step of the model.

    Attributes:
        t: Time of the frame, in seconds from the first frame.
        label: The most probable label.
        confidence: Its probability, 0 to 1.
        gflops: Cost of the step in 1e9 multiply-adds.
        dense_gflops: The same with every channel kept.
        keep: Fraction of the channels that were computed.
        reuse: Fraction that was taken from the previous frame.
        skip: Fraction that was left out.
        step_ms: Time that the engine took, in milliseconds.
        frame: Index of the source's frame.
    """

    t: float
    label: str
    confidence: float
    gflops: float
    dense_gflops: float
    keep: float
    reuse: float
    skip: float
    step_ms: float
    frame: int

    @classmethod
    def of(cls, prediction: Prediction) -> PredictionEvent:
        """Return the event for `prediction`."""
        keep, reuse, skip = prediction.trace.shares()
        return cls(
            t=prediction.time_s,
            label=prediction.label,
            confidence=prediction.confidence,
            gflops=prediction.trace.gflops,
            dense_gflops=prediction.trace.dense_gflops,
            keep=keep,
            reuse=reuse,
            skip=skip,
            step_ms=prediction.step_ms,
            frame=prediction.frame_index,
        )


class GestureEvent(msgspec.Struct, frozen=True, tag_field="type", tag="gesture"):
    """A gesture fired.

    Attributes:
        t: Time of the frame at which it fired, in seconds from the first frame.
        label: Its label.
        confidence: Its probability, 0 to 1.
    """

    t: float
    label: str
    confidence: float

    @classmethod
    def of(cls, gesture: Gesture) -> GestureEvent:
        """Return the event for `gesture`."""
        return cls(t=gesture.time_s, label=gesture.label, confidence=gesture.confidence)


class DecisionEvent(msgspec.Struct, frozen=True, tag_field="type", tag="decision"):
    """The verdict on the most probable label changed; only where control is on.

    Attributes:
        t: Time of the frame, in seconds from the first frame.
        label: The label.
        confidence: Its probability, 0 to 1.
        outcome: Why it fired or did not, one of `models.decision.Outcome`.
        waits_for: The gesture that has to be over first; empty if it waits for none.
    """

    t: float
    label: str
    confidence: float
    outcome: str
    waits_for: str

    @classmethod
    def of(cls, verdict: Verdict) -> DecisionEvent:
        """Return the event for `verdict`."""
        return cls(
            t=verdict.time_s,
            label=verdict.label,
            confidence=verdict.confidence,
            outcome=verdict.outcome,
            waits_for=verdict.waits_for,
        )


class ActionEvent(msgspec.Struct, frozen=True, tag_field="type", tag="action"):
    """What a gesture that fired led to.

    Attributes:
        t: Time of the frame at which it fired, in seconds from the first frame.
        action: What it asks for, such as "next"; "none" if it is bound to nothing.
        key: The key for it, such as "PageDown"; empty if there is none.
        sent: Whether the key was sent.
        gesture: The gesture's label; empty for a test key.
        reason: Why the key was sent or not, one of `app.control.dispatch.Reason`.
        latency_ms: Time in milliseconds from reading the frame at which the gesture fired until its
            key was sent, or would have been in a dry run; None without a key.
    """

    t: float
    action: str
    key: str
    sent: bool
    gesture: str
    reason: str
    latency_ms: float | None = None


class ControlEvent(msgspec.Struct, frozen=True, tag_field="type", tag="control"):
    """The control was armed or disarmed.

    Attributes:
        t: Time of the newest sample, in seconds from the first frame.
        armed: Whether gestures become keys from now on.
        cause: The reason, one of `app.control.arming.Cause`.
    """

    t: float
    armed: bool
    cause: str


class ErrorEvent(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    """Something went wrong.

    Attributes:
        t: Time of the last frame before it, in seconds from the first frame.
        message: One plain sentence.
    """

    t: float
    message: str


class SummaryEvent(msgspec.Struct, frozen=True, tag_field="type", tag="summary"):
    """The last line of a run.

    Attributes:
        t: Time of the last frame, in seconds from the first frame.
        frames: Frames that the source gave.
        predictions: Frames that the model saw.
        dropped: Sampled frames that were left out because the engine was busy.
        step_ms_p50: Median time of a step in milliseconds; None without a prediction.
        step_ms_p95: 95th percentile of the same.
        engine: Name of the engine.
        model: Name of the model.
        latency_ms_p50: Median time from a frame to its key in milliseconds; None without a key.
        latency_ms_p95: 95th percentile of the same.
    """

    t: float
    frames: int
    predictions: int
    dropped: int
    step_ms_p50: float | None
    step_ms_p95: float | None
    engine: str
    model: str
    latency_ms_p50: float | None = None
    latency_ms_p95: float | None = None


Event = (
    PredictionEvent
    | GestureEvent
    | DecisionEvent
    | ActionEvent
    | ControlEvent
    | ErrorEvent
    | SummaryEvent
)


def encode(event: Event) -> bytes:
    """Return `event` as one line of JSON, its `type` first, floats rounded to `DECIMALS`."""
    fields = msgspec.to_builtins(event)
    rounded = {
        name: round(value, DECIMALS) if isinstance(value, float) else value
        for name, value in fields.items()
    }
    return msgspec.json.encode(rounded) + b"\n"

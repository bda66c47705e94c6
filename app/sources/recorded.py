"""What a recording holds about one of its frames, so that a replay gives the same result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.decision import DecisionSettings, DecisionState


@dataclass(frozen=True)
class RecordedSample:
    """A frame that the network saw when it was recorded.

    Attributes:
        picture: What it saw, bit for bit: BGR, cropped to the model's input size, of shape
            (H, W, 3).
        run: Index of the uninterrupted run of samples that it belonged to.
        decision: The decision settings at the time.
        decision_state: The decision's state before the recording; only with the first sample.
        square: What the second view of a model of two views saw, BGR of shape (S, S, 3).
    """

    picture: NDArray[np.uint8]
    run: int
    decision: DecisionSettings
    decision_state: DecisionState | None = None
    square: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class RecordedFrame:
    """A frame of a recording.

    Attributes:
        frame_interval_s: Time between two samples of the model that ran, in seconds.
        input_height: Height of that model's input, in pixels.
        input_width: Width of that model's input, in pixels.
        sample: What the network saw of this frame; None if it did not see it.
        square_side: Side of that model's square around the hand, in pixels; None if it had one
            view.
    """

    frame_interval_s: float
    input_height: int
    input_width: int
    sample: RecordedSample | None
    square_side: int | None = None

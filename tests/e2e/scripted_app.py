"""The real application, whose model reads the gesture off the brightness of the picture.

    python scripted_app.py [the options of run_demo.py]

Everything else is real: the video file and its clock, the threads, the smoothing, the decision, the
control, the keys and the window.
"""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

from app import session
from app.main import main
from models.engines.base import StepResult
from models.engines.factory import OpenedEngine
from models.spec import ModelSpec
from models.trace import StepTrace

LABELS = ("Swiping Left", "Swiping Right", "Stop Sign", "No gesture", "Doing other things")
BRIGHTNESS_STEP = 40
"""Gray levels between two labels: more than a codec blurs."""


def brightness_of(label: str) -> int:
    """Return the gray that stands for a label in the script's video."""
    return 20 + BRIGHTNESS_STEP * LABELS.index(label)


class BrightnessEngine:
    """As sure of what it sees as a good model is."""

    name = "scripted"
    spec = ModelSpec(
        name="scripted",
        labels=LABELS,
        silent_labels=LABELS[-2:],
        backbone="resnet18",
        frames=4,
        frame_interval_s=0.08,
        input_height=32,
        input_width=32,
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
    )

    def init_state(self) -> None:
        return None

    def step(self, frame: NDArray[np.float32], state: object) -> StepResult:
        gray = 255 * float(frame.mean())
        logits = np.zeros(len(LABELS), np.float32)
        logits[min(len(LABELS) - 1, max(0, round((gray - 20) / BRIGHTNESS_STEP)))] = 8.0
        return StepResult(logits, None, StepTrace((), 1_000_000, 1_000_000))


def open_engine(options: object, *, in_window: bool) -> OpenedEngine:
    return OpenedEngine(BrightnessEngine(), "for a test")


if __name__ == "__main__":
    session._open_engine = open_engine
    sys.exit(main())

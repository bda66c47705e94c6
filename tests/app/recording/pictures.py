"""A model whose scores depend on every picture that it has seen, and a camera worth looking at."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.sources.base import Frame
from models.engines.base import StepResult
from models.spec import ModelSpec
from models.trace import Action, BlockTrace, StepTrace
from tests.app.fakes import LABELS, make_spec

CHANNELS = 12


@dataclass
class LookingEngine:
    """Its scores change with the last bit of any picture since the stream began."""

    spec: ModelSpec = field(default_factory=make_spec)
    delay_s: float = 0.0
    name: str = "looking"
    restarts: int = 0

    def init_state(self) -> float:
        self.restarts += 1
        return 0.0

    def step(self, frame: NDArray[np.float32], state: float) -> StepResult:
        time.sleep(self.delay_s)
        weights = np.linspace(0.5, 1.5, frame.size).reshape(frame.shape)
        state = 0.6 * state + float((frame * weights).sum(dtype=np.float64))
        logits = 4 * np.sin(state * np.arange(1, len(LABELS) + 1) / 50).astype(np.float32)
        return StepResult(logits, state, _trace(state))


def _trace(state: float) -> StepTrace:
    actions = (np.sin(state * np.arange(CHANNELS)) * 1.5 + 1).round().clip(0, 2).astype(np.int8)
    kept, reused, skipped = (int((actions == action).sum()) for action in Action)
    block = BlockTrace("layer1.0", actions, kept, reused, 0, skipped, kept * 1000, CHANNELS * 1000)
    return StepTrace((block,), 500 + kept * 1000, 500 + CHANNELS * 1000)


class NoisyCamera:
    """Gives pictures that no codec keeps, at a fixed rate, and may be unplugged."""

    live = True

    def __init__(self, fps: float = 60.0, frames: int | None = None, seed: int = 0) -> None:
        self.name = "Camera 0"
        self.fps: float | None = fps
        self._frames = frames
        self._noise = np.random.default_rng(seed)
        self._index = 0
        self._start_s = time.monotonic()

    def read(self) -> Frame | None:
        if self._index == self._frames:
            return None
        assert self.fps is not None
        due_s = self._start_s + self._index / self.fps
        time.sleep(max(0.0, due_s - time.monotonic()))
        now_s = time.monotonic()
        image = self._noise.integers(0, 256, (48, 64, 3), np.uint8)
        frame = Frame(image, now_s - self._start_s, self._index, now_s)
        self._index += 1
        return frame

    def close(self) -> None:
        pass

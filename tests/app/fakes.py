"""Stand-ins for what the app talks to: an engine that says what it is told, scripted sources."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.live.events import Event
from app.sources.base import Frame, FrameSource, SourceError
from models.engines.base import EngineState, StepResult
from models.spec import ModelSpec
from models.trace import Action, BlockTrace, StepTrace

LABELS = ("Swiping Left", "Swiping Right", "Thumb Up", "No gesture", "Doing other things")
SILENT = ("No gesture", "Doing other things")


def make_spec(**changes: Any) -> ModelSpec:
    fields: dict[str, Any] = {
        "name": "fake",
        "labels": LABELS,
        "silent_labels": SILENT,
        "backbone": "resnet18",
        "frame_interval_s": 0.125,
        "input_height": 32,
        "input_width": 48,
    }
    return ModelSpec(**(fields | changes))


def logits_for(label: str, strength: float = 8.0) -> NDArray[np.float32]:
    """Scores that make `label` all but certain."""
    return np.asarray([strength * (name == label) for name in LABELS], np.float32)


def make_trace(keep: int = 2, cached: int = 1, late: int = 1, skip: int = 4) -> StepTrace:
    actions = [Action.KEEP] * keep + [Action.REUSE] * (cached + late) + [Action.SKIP] * skip
    block = BlockTrace(
        name="layer1.0",
        actions=np.asarray(actions, np.int8),
        kept=keep,
        reused_cached=cached,
        reused_late=late,
        skipped=skip,
        multiply_adds=1_000_000 * (keep + late),
        dense_multiply_adds=1_000_000 * len(actions),
    )
    return StepTrace((block,), 2_000_000 + block.multiply_adds, 2_000_000 + 8_000_000)


@dataclass
class FakeEngine:
    """Gives scripted logits, takes as long as it is told, and remembers what it saw.

    The state is the number of steps since `init_state`, so that a restart shows.
    """

    script: Callable[[int], NDArray[np.float32]] = lambda step: logits_for("No gesture")
    delay_s: float = 0.0
    spec: ModelSpec = field(default_factory=make_spec)
    name: str = "fake"
    inputs: list[NDArray[np.float32]] = field(default_factory=list)
    states: list[int] = field(default_factory=list)
    keep_inputs: bool = True

    def init_state(self) -> EngineState:
        return 0

    def step(self, frame: NDArray[np.float32], state: EngineState) -> StepResult:
        time.sleep(self.delay_s)
        if self.keep_inputs:
            self.inputs.append(frame)
            self.states.append(state)
        return StepResult(self.script(state), state + 1, make_trace())


def make_frame(time_s: float, index: int = 0, segment: int = 0) -> Frame:
    image = np.full((48, 64, 3), index % 256, np.uint8)
    return Frame(image, time_s, index, time.monotonic(), segment)


class ScriptedSource:
    """Gives frames at the times it is told, as fast as they are asked for."""

    def __init__(
        self,
        times_s: Sequence[float],
        *,
        live: bool = False,
        name: str = "script",
        error: SourceError | None = None,
    ) -> None:
        self.name = name
        self.live = live
        self.fps: float | None = 25.0
        self.closed = 0
        self._frames = [make_frame(time_s, index) for index, time_s in enumerate(times_s)]
        self._error = error

    def read(self) -> Frame | None:
        if self._frames:
            frame = self._frames.pop(0)
            return Frame(frame.image, frame.time_s, frame.index, time.monotonic())
        if self._error is not None:
            raise self._error
        return None

    def close(self) -> None:
        self.closed += 1


class TickingCamera:
    """A camera that gives a picture at a fixed rate; it can be unplugged, or hang in its driver."""

    live = True

    def __init__(
        self, fps: float = 60.0, frames: int | None = None, name: str = "Camera 0"
    ) -> None:
        self.name = name
        self.fps: float | None = fps
        self.hang_s = 0.0
        self.closed = 0
        self._frames = frames
        self._index = 0
        self._start_s = time.monotonic()

    def read(self) -> Frame | None:
        if self._index == self._frames:
            time.sleep(self.hang_s)
            return None
        assert self.fps is not None
        due_s = self._start_s + self._index / self.fps
        time.sleep(max(0.0, due_s - time.monotonic()))
        now_s = time.monotonic()
        image = np.full((480, 640, 3), self._index % 256, np.uint8)
        frame = Frame(image, now_s - self._start_s, self._index, now_s)
        self._index += 1
        return frame

    def close(self) -> None:
        self.closed += 1


class Factory:
    """Opens scripted sources one after the other; an error in the script is raised instead."""

    def __init__(self, *script: FrameSource | SourceError) -> None:
        self.script = list(script)
        self.opened = 0

    def __call__(self) -> FrameSource:
        self.opened += 1
        result = self.script.pop(0)
        if isinstance(result, SourceError):
            raise result
        return result


class EventList(list[Event]):
    """Collects events, by type if asked."""

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def wait_until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.005)

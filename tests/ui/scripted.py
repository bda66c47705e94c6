"""Stand-ins with a known script: a model, what it says and costs, and a pipeline."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.inspection.totals import RunTotals
from app.live.mailbox import LatestSlot
from app.live.pipeline import PipelineState, PipelineStatus
from app.live.snapshot import Prediction, RunningModel, Snapshot
from app.sources.base import Frame
from models.decision import DecisionSettings, Gesture
from models.engines.base import StepResult
from models.spec import Method, ModelSpec, PolicySpec
from models.trace import Action, BlockTrace, StepTrace

LABELS = (
    "Swiping Left",
    "Swiping Right",
    "Thumb Up",
    "Sliding Two Fingers Down",
    "Turning Hand Counterclockwise",
    "Doing other things",
    "No gesture",
)
SILENT = LABELS[-2:]

RESNET18 = tuple(f"layer{stage}.{block}" for stage in range(1, 5) for block in range(2))
RESNET50 = tuple(
    f"layer{stage}.{block}"
    for stage, blocks in zip(range(1, 5), (3, 4, 6, 3), strict=True)
    for block in range(blocks)
)


def a_spec(*, dense: bool = False, frame_interval_s: float = 0.125) -> ModelSpec:
    """Return a model with long and short labels."""
    return ModelSpec(
        name="resnet18-performer",
        labels=LABELS,
        silent_labels=SILENT,
        backbone="resnet18",
        method=Method.TSN,
        policy=None if dense else PolicySpec(hidden=64),
        frame_interval_s=frame_interval_s,
        input_height=112,
        input_width=112,
    )


def a_block(name: str, kept: int, cached: int, late: int, skipped: int) -> BlockTrace:
    """Return a block whose cost follows from its counts."""
    counts = ((Action.KEEP, kept), (Action.REUSE, cached + late), (Action.SKIP, skipped))
    actions = np.concatenate([np.full(count, action, np.int8) for action, count in counts])
    dense = 115_605_504
    share = (kept + late + kept + cached + late) / (2 * actions.size)
    return BlockTrace(name, actions, kept, cached, late, skipped, round(dense * share), dense)


def a_trace(names: tuple[str, ...] = RESNET18, phase: float = 0.0) -> StepTrace:
    """Return a trace near the paper's mix that changes smoothly with `phase`."""
    blocks = []
    for index, name in enumerate(names):
        channels = 64 * 2 ** (int(name[5]) - 1)
        wave = 0.5 + 0.5 * np.sin(phase + 0.7 * index)
        kept = round(channels * (0.10 + 0.25 * wave))
        cached = round(channels * 0.08 * (1.2 - wave))
        late = round(channels * 0.06 * wave)
        blocks.append(a_block(name, kept, cached, late, channels - kept - cached - late))
    rest = 180_000_000
    dense = sum(block.dense_multiply_adds for block in blocks) + rest
    return StepTrace(
        tuple(blocks), sum(block.multiply_adds for block in blocks) + rest + 3_000_000, dense
    )


def a_dense_trace() -> StepTrace:
    """Return the trace of a model without policy networks."""
    return StepTrace((), 1_814_000_000, 1_814_000_000)


def a_snapshot(
    *,
    label: str = "Swiping Left",
    confidence: float = 0.87,
    trace: StepTrace | None = None,
    time_s: float = 1.0,
    gesture: Gesture | None = None,
    ring: tuple[NDArray[np.uint8], ...] = (),
    step_ms: float = 12.34,
    dropped: int = 3,
    totals: RunTotals = RunTotals(),  # noqa: B008 - frozen
) -> Snapshot:
    """Return a snapshot with one prediction."""
    prediction = Prediction(
        index=4,
        frame_index=15,
        time_s=time_s,
        label=label,
        confidence=confidence,
        ranking=((label, confidence),),
        step_ms=step_ms,
        trace=trace or a_trace(),
    )
    return Snapshot(
        prediction,
        ring,
        gesture,
        predictions=5,
        dropped=dropped,
        frame_age_ms=20.0,
        totals=totals,
    )


def a_frame(image: NDArray[np.uint8] | None = None, index: int = 0) -> Frame:
    """Return a frame that is red at its left half and blue at its right half."""
    if image is None:
        image = np.zeros((240, 320, 3), np.uint8)
        image[:, :160] = (0, 0, 255)
        image[:, 160:] = (255, 0, 0)
    return Frame(image, time_s=index / 30, index=index, captured_at_s=time.monotonic())


class ScriptedEngine:
    """An engine that takes `delay_s` a step and wanders through the labels."""

    name = "scripted"

    def __init__(
        self,
        spec: ModelSpec,
        *,
        delay_s: float = 0.0,
        blocks: tuple[str, ...] = RESNET18,
        steps_per_label: int = 16,
    ) -> None:
        self.spec = spec
        self._delay_s = delay_s
        self._blocks = blocks
        self._steps_per_label = steps_per_label

    def init_state(self) -> int:
        """Return the number of steps so far."""
        return 0

    def step(self, frame: NDArray[np.float32], state: int) -> StepResult:
        """Say a label for a while, then the next, with a pause in between."""
        time.sleep(self._delay_s)
        turn, within = divmod(state, self._steps_per_label)
        logits = np.zeros(len(self.spec.labels), np.float32)
        pausing = within < self._steps_per_label // 2
        logits[-1 if pausing else turn % len(self.spec.labels[:-2])] = 6.0
        dense = not self.spec.fuses
        trace = a_dense_trace() if dense else a_trace(self._blocks, phase=0.3 * state)
        return StepResult(logits, state + 1, trace)


class SteadySource:
    """A live source: `fps` colored frames a second, for `frames` frames."""

    live = True

    def __init__(self, fps: float, frames: int | None = None, name: str = "Camera 0") -> None:
        self.name = name
        self.fps: float | None = fps
        self.closed = False
        self._interval_s = 1 / fps
        self._frames = frames
        self._index = 0
        self._next_s = time.monotonic()

    def read(self) -> Frame | None:
        """Wait for the next tick, as a camera does."""
        if self._index == self._frames:
            return None
        self._next_s += self._interval_s
        time.sleep(max(0.0, self._next_s - time.monotonic()))
        frame = a_frame(index=self._index)
        frame.image[0, 0] = self._index % 256  # no two pictures of a camera are the same
        self._index += 1
        return frame

    def close(self) -> None:
        """Remember it."""
        self.closed = True


@dataclass
class StillPipeline:
    """A pipeline without threads, in which a test puts what the window shall see."""

    frames: LatestSlot[Frame] = field(default_factory=LatestSlot)
    snapshots: LatestSlot[Snapshot] = field(default_factory=LatestSlot)
    status: PipelineStatus = field(
        default_factory=lambda: PipelineStatus(PipelineState.RUNNING, "", "Camera 0", 29.97)
    )
    stop_requested: bool = False
    model: RunningModel | None = None
    started: int = 0
    closed: int = 0
    decisions: list[DecisionSettings] = field(default_factory=list)
    times_blocks: bool = False

    def start(self) -> None:
        """Count it."""
        self.started += 1

    def set_decision(self, decision: DecisionSettings) -> None:
        """Remember it."""
        self.decisions.append(decision)

    def set_block_timing(self, on: bool) -> None:
        """Remember it."""
        self.times_blocks = on

    def close(self) -> None:
        """Count it."""
        self.closed += 1

"""The protocol that every engine implements, so that the app never knows which one runs."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from models.spec import ModelSpec
from models.trace import StepTrace

EngineState = Any
"""State between two steps. It is opaque: only the engine that made it may look inside."""


class StepResult(NamedTuple):
    """What one step returns.

    Attributes:
        logits: Class scores of this frame, float32 of shape (K,).
        state: State to hand to the next step; the state passed in must not be used again.
        trace: What was kept, reused and skipped, and what it cost.
        features: What the classifier read of this frame, float32 of shape (F,), of which `logits`
            are a linear function; None from a graph that was exported before graphs gave them.
    """

    logits: NDArray[np.float32]
    state: EngineState
    trace: StepTrace
    features: NDArray[np.float32] | None = None


class StreamingEngine(Protocol):
    """Runs a model one frame at a time.

    The stream lives in the state alone: two streams may take turns on one engine. An engine is
    used by one thread at a time.
    """

    @property
    def name(self) -> str:
        """Short name as on the command line: "torch", "onnx" or "sparse"."""
        ...

    @property
    def spec(self) -> ModelSpec:
        """The model that runs."""
        ...

    def init_state(self) -> EngineState:
        """Return the state before the first frame: zeros, in storage of its own."""
        ...

    def step(self, frame: NDArray[np.float32], state: EngineState) -> StepResult:
        """Run one frame.

        Args:
            frame: Network input, float32 of shape (3, H, W), as `models.preprocess` makes it.
            state: State of the stream, from `init_state` or the previous step.
        """
        ...


@runtime_checkable
class BlockTimer(Protocol):
    """An engine that can also measure how long each fused block takes.

    Attributes:
        times_blocks: Whether the traces of its steps hold these times (`StepTrace.block_ms`). Off
            at first; whoever uses the engine may change it between two steps.
    """

    times_blocks: bool


@runtime_checkable
class ChannelSaver(Protocol):
    """An engine that can also leave out the channels that no action asks for.

    Other engines compute every channel and set some to zero, so that their time says nothing about
    the policy.

    Attributes:
        saves_channels: Whether it leaves them out now.
    """

    saves_channels: bool

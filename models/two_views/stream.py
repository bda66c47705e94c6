"""Runs a network of two views frame by frame, whichever engines run its two networks.

The whole view comes first and says where the hand is; the box follows; the square around it goes
through the second network; the scores are the sum of three parts. Nothing here needs PyTorch.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.engines.base import EngineState, StreamingEngine
from models.preprocess import network_input, normalize
from models.spec import ModelSpec
from models.trace import BlockTrace, StepTrace
from models.two_views.box import BoxState, Followed, follow, init_box_state
from models.two_views.cropping import hand_picture
from models.two_views.locating import locate
from models.two_views.spec import TwoViewSpec


class WholeResult(NamedTuple):
    """What one step of the whole view returns.

    Attributes:
        logits: Its part of the class scores, float32 of shape (K,).
        scores: Of the locator's cells and of "no hand", float32 of shape (cells + 1,).
        boxes: What each cell says of the box, float32 of shape (3, rows, columns).
        state: State to hand to the next step.
        trace: What was kept, reused and skipped, and what it cost, locator included.
    """

    logits: NDArray[np.float32]
    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    state: EngineState
    trace: StepTrace


class WholeEngine(Protocol):
    """Runs the whole view one frame at a time; otherwise like `StreamingEngine`."""

    @property
    def name(self) -> str:
        """Short name as on the command line."""
        ...

    @property
    def spec(self) -> ModelSpec:
        """The network that runs."""
        ...

    def init_state(self) -> EngineState:
        """Return the state before the first frame: zeros, in storage of its own."""
        ...

    def step(self, frame: NDArray[np.float32], state: EngineState) -> WholeResult:
        """Run one frame of shape (3, H, W)."""
        ...


class PlaceReader(NamedTuple):
    """The part of the classifier that reads the places: two layers with ReLU, and a sum.

    Attributes:
        layers: Weights of shape (outputs, inputs) and biases of both layers.
        labels: Weights of the sum, of shape (K, outputs).
        multiply_adds: What it costs, with the sum of the scores' three parts.
    """

    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
    labels: NDArray[np.float32]
    multiply_adds: int

    def logits(self, place: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return its part of the class scores, of shape (K,)."""
        for weight, bias in self.layers:
            place = np.maximum(weight @ place + bias, 0.0)
        return self.labels @ place


class TwoViewState(NamedTuple):
    """State between two frames: of both networks, and of the box."""

    whole: EngineState
    crop: EngineState
    box: BoxState


class TwoViewResult(NamedTuple):
    """What one step returns.

    Attributes:
        logits: Class scores of this frame, float32 of shape (K,).
        state: State to hand to the next step; the state passed in must not be used again.
        trace: Of both views in one: blocks named "whole.…", then "crop.…".
        presence: Probability that a hand shows, 0 to 1.
        followed: Where the second view looked.
        square: What it saw, BGR of shape (S, S, 3).
    """

    logits: NDArray[np.float32]
    state: TwoViewState
    trace: StepTrace
    presence: float
    followed: Followed
    square: NDArray[np.uint8]


class TwoViewStream:
    """Both views over a stream. The stream lives in the state alone.

    Args:
        spec: The pair of networks.
        whole: Runs the whole view with its locator.
        crop: Runs the square around the hand: any engine, as it is.
        places: Reads where the hand is and was.
    """

    def __init__(
        self, spec: TwoViewSpec, whole: WholeEngine, crop: StreamingEngine, places: PlaceReader
    ) -> None:
        self.spec = spec
        self._whole, self._crop, self._places = whole, crop, places

    def init_state(self) -> TwoViewState:
        """Return the state before the first frame."""
        box = init_box_state(self.spec.history)
        return TwoViewState(self._whole.init_state(), self._crop.init_state(), box)

    def step(self, image: NDArray[np.uint8], state: TwoViewState) -> TwoViewResult:
        """Run one frame.

        Args:
            image: As the camera took it, not mirrored: grey, BGR or BGRA, of any size.
            state: From `init_state` or the previous step.

        Raises:
            ValueError: `image` is not such a frame.
        """
        spec = self.spec
        whole = self._whole.step(network_input(image, spec.whole), state.whole)
        located = locate(whole.scores, whole.boxes, spec.whole.input_height)
        followed = follow(located, state.box, spec.aspect, spec.box)
        side = spec.crop.input_height
        square = hand_picture(image, followed.box, spec.aspect, spec.box.hand_share, side)
        crop = self._crop.step(normalize(square, spec.crop.mean, spec.crop.std), state.crop)
        logits = whole.logits + crop.logits + self._places.logits(followed.place)
        trace = joined_trace(whole.trace, crop.trace, self._places.multiply_adds)
        after = TwoViewState(whole.state, crop.state, followed.state)
        return TwoViewResult(logits, after, trace, located.presence, followed, square)


def joined_trace(whole: StepTrace, crop: StepTrace, places: int) -> StepTrace:
    """Return the trace of a step of both views.

    Args:
        whole: Of the whole view.
        crop: Of the square.
        places: Multiply-adds of reading the places.
    """
    blocks = (*_named("whole", whole), *_named("crop", crop))
    timed = whole.block_ms is not None and crop.block_ms is not None
    return StepTrace(
        blocks=blocks,
        multiply_adds=whole.multiply_adds + crop.multiply_adds + places,
        dense_multiply_adds=whole.dense_multiply_adds + crop.dense_multiply_adds + places,
        block_ms=np.concatenate([whole.block_ms, crop.block_ms]) if timed else None,
    )


def _named(view: str, trace: StepTrace) -> list[BlockTrace]:
    return [dataclasses.replace(block, name=f"{view}.{block.name}") for block in trace.blocks]

"""Runs a network of two views frame by frame, whichever engines run its two networks.

The whole view comes first and says where the hand is, unless it may rest; the box follows; the
square around it goes through the second network; the scores are the sum of three parts. Nothing
here needs PyTorch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from models.engines.base import (
    BlockTimer,
    ChannelSaver,
    EngineState,
    StepResult,
    StreamingEngine,
)
from models.flops import NetworkCost
from models.preprocess import normalize
from models.spec import ModelSpec
from models.trace import BlockTrace, StepTrace
from models.two_views.box import (
    SQUARE_VALUES,
    Box,
    BoxState,
    Located,
    follow,
    held_box,
    in_square,
    init_box_state,
    judged,
)
from models.two_views.cropping import hand_picture
from models.two_views.joints import Joints, joint_values, said_joints
from models.two_views.locating import locate
from models.two_views.resting import may_rest, resting_trace
from models.two_views.spec import TwoViewSpec

WHOLE, CROP = "whole", "crop"
"""Names of the views, before those of their fused blocks, as in "crop.layer2.0"."""

# Numbers of a matrix that is multiplied by a vector at once.
_MOST_OF_ONE_THREAD = 2**17

Look = Callable[[Box], NDArray[np.uint8]]
"""Gives the square around a box: BGR of shape (S, S, 3)."""


class WholeResult(NamedTuple):
    """What one step of the whole view returns.

    Attributes:
        logits: Its part of the class scores, float32 of shape (K,).
        scores: Of the locator's cells and of "no hand", float32 of shape (cells + 1,).
        boxes: What each cell says of the box, float32 of shape (3, rows, columns).
        state: State to hand to the next step.
        trace: What was kept, reused and skipped, and what it cost, locator included.
        features: What its classifier read, float32 of shape (F,); None as in `StepResult`.
    """

    logits: NDArray[np.float32]
    scores: NDArray[np.float32]
    boxes: NDArray[np.float32]
    state: EngineState
    trace: StepTrace
    features: NDArray[np.float32] | None = None


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
    """The part of the classifier that reads places and joints: two layers with ReLU, and a sum.

    Attributes:
        layers: Weights of shape (outputs, inputs) and biases of both layers.
        labels: Weights of the sum, of shape (K, outputs).
    """

    layers: tuple[tuple[NDArray[np.float32], NDArray[np.float32]], ...]
    labels: NDArray[np.float32]

    @property
    def multiply_adds(self) -> int:
        """What it costs, with the sum of the scores' three parts; one for each bias."""
        read = sum(weight.size + bias.size for weight, bias in self.layers)
        return int(read + self.labels.size + 2 * len(self.labels))

    def features(self, place: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what the sum reads, of shape (outputs,)."""
        for weight, bias in self.layers:
            place = np.maximum(_product(weight, place) + bias, 0.0)
        return place

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return its part of the class scores, of shape (K,)."""
        return self.labels @ features


def _product(weight: NDArray[np.float32], vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `weight @ vector`, in parts for which no BLAS wakes its threads.

    Beside a busy core, waiting for these took 24 ms of a product that one thread does in 0.03 ms.
    """
    rows = max(1, _MOST_OF_ONE_THREAD // max(1, weight.shape[1]))
    parts = [weight[first : first + rows] @ vector for first in range(0, len(weight), rows)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


class TwoViewState(NamedTuple):
    """State between two frames.

    Attributes:
        whole: Of the network of the whole view.
        crop: Of the square's.
        box: Of the box.
        joints: Of the newest frames whose joints the classifier sees, oldest first; None where no
            hand was seen.
        said: What the whole view said when it ran last; None before the first frame.
    """

    whole: EngineState
    crop: EngineState
    box: BoxState
    joints: tuple[Joints | None, ...] = ()
    said: WholeResult | None = None


class HandView(NamedTuple):
    """Where the second view looked.

    Attributes:
        square: What it saw, BGR of shape (S, S, 3).
        box: The box around the hand; the square reaches beyond it.
        seen: Whether the hand was found in this frame; otherwise the box is where it was last.
        presence: Probability that there is a hand, 0 to 1: in the square, if its network says so,
            otherwise anywhere.
        rested: Whether the whole view rested in this frame (`resting.py`).
    """

    square: NDArray[np.uint8]
    box: Box
    seen: bool
    presence: float
    rested: bool = False


class TwoViewResult(NamedTuple):
    """What one step returns.

    Attributes:
        logits: Class scores of this frame, float32 of shape (K,).
        state: State to hand to the next step; the state passed in must not be used again.
        trace: Of both views in one: blocks named "whole.…", then "crop.…".
        hand: Where the second view looked.
        features: What the three parts of the scores are linear in, float32 of shape (F,): the whole
            view's and the square's (each unless its classifier ignores them), and what reads
            places and joints. None as in `StepResult`.
    """

    logits: NDArray[np.float32]
    state: TwoViewState
    trace: StepTrace
    hand: HandView
    features: NDArray[np.float32] | None = None


class TwoViewStream:
    """Both views over a stream: an engine, except that its steps need the camera's picture.

    The stream lives in the state alone: two streams may take turns on one object.

    Args:
        pair: The two networks.
        whole: Runs the whole view with its locator.
        crop: Runs the square around the hand: any engine, as it is.
        places: Reads where the hand is and was.
        reads: The views whose features the classifier reads, of `WHOLE` and `CROP`; one may serve
            to say where the hand or its joints are alone.
    """

    def __init__(
        self,
        pair: TwoViewSpec,
        whole: WholeEngine,
        crop: StreamingEngine,
        places: PlaceReader,
        *,
        reads: frozenset[str] = frozenset({WHOLE, CROP}),
    ) -> None:
        self.pair = pair
        self._whole, self._crop, self._places = whole, crop, places
        self._reads = reads

    @property
    def name(self) -> str:
        """Names of the engines: one if it runs both views, otherwise as in "onnx+sparse"."""
        whole, crop = self._whole.name, self._crop.name
        return whole if whole == crop else f"{whole}+{crop}"

    @property
    def spec(self) -> ModelSpec:
        """The model as seen from outside."""
        return self.pair.model

    @property
    def saves_channels(self) -> bool:
        """Whether every network that has policies leaves out the channels that none asks for."""
        return all(
            isinstance(engine, ChannelSaver) and engine.saves_channels
            for engine in (self._whole, self._crop)
            if engine.spec.fuses
        )

    def init_state(self) -> TwoViewState:
        """Return the state before the first frame."""
        box = init_box_state(self.pair.history)
        return TwoViewState(self._whole.init_state(), self._crop.init_state(), box)

    def look_at(self, image: NDArray[np.uint8]) -> Look:
        """Return what cuts the square out of a camera's picture.

        Args:
            image: As the camera took it, not mirrored: gray, BGR or BGRA, of any size.
        """
        pair, side = self.pair, self.pair.crop.input_height
        return lambda box: hand_picture(image, box, pair.aspect, pair.box.hand_share, side)

    def step(self, picture: NDArray[np.uint8], look: Look, state: TwoViewState) -> TwoViewResult:
        """Run one frame.

        Args:
            picture: The whole view: BGR, cropped to its input, of shape (H, W, 3).
            look: Gives the square around the box, once that is known.
            state: From `init_state` or the previous step.

        Raises:
            ValueError: The camera's picture is not an 8-bit gray, BGR or BGRA picture.
        """
        pair, spec = self.pair, self.pair.whole
        rests = may_rest(state.box, pair.box)
        whole = self._rested(state) if rests else self._seen(picture, state)
        located = None if rests else self._located(whole, state.box)
        followed = follow(located, state.box, pair.aspect, pair.box)
        square = look(followed.box)
        crop = self._crop.step(normalize(square, pair.crop.mean, pair.crop.std), state.crop)
        scores, values = np.split(crop.logits, [len(spec.labels)])
        box, presence = followed.state, 0.0 if located is None else located.presence
        if len(values):
            held = in_square(values[:SQUARE_VALUES], followed.box)
            box, presence = judged(followed, held, pair.box), held.presence
        joints = self._newest_joints(state, values[SQUARE_VALUES:], followed.box, presence)
        read = followed.place
        if pair.joint_history:
            read = np.concatenate([read, joint_values(joints, pair.joint_history)])
        place = self._places.features(read)
        logits = whole.logits + scores + self._places.logits(place)
        trace = joined_trace(whole.trace, crop.trace, self._places.multiply_adds)
        after = TwoViewState(whole.state, crop.state, box, joints, whole)
        hand = HandView(square, followed.box, followed.seen, presence, rests)
        return TwoViewResult(logits, after, trace, hand, self._features(whole, crop, place))

    def _seen(self, picture: NDArray[np.uint8], state: TwoViewState) -> WholeResult:
        """Run the whole view."""
        spec = self.pair.whole
        return self._whole.step(normalize(picture, spec.mean, spec.std), state.whole)

    @staticmethod
    def _rested(state: TwoViewState) -> WholeResult:
        """Return what the whole view said last, at no cost."""
        assert state.said is not None  # a hand is held only after a step
        return state.said._replace(trace=resting_trace(state.said.trace))

    def _located(self, whole: WholeResult, before: BoxState) -> Located:
        """Return where the whole view has just found the hand."""
        refused = [place.box for place in before.refused]
        near = held_box(before, self.pair.box)
        return locate(whole.scores, whole.boxes, self.pair.whole.input_height, near, refused)

    def _newest_joints(
        self, state: TwoViewState, values: NDArray[np.float32], box: Box, presence: float
    ) -> tuple[Joints | None, ...]:
        """Return the joints of the newest frames, this one included."""
        pair = self.pair
        if not pair.joint_history:
            return ()
        seen = presence > pair.box.held_above
        now = said_joints(values, box, pair.aspect) if seen else None
        return (*state.joints, now)[-pair.joint_history :]

    def _features(
        self, whole: WholeResult, crop: StepResult, place: NDArray[np.float32]
    ) -> NDArray[np.float32] | None:
        """Return what the classifier read; None if a graph does not give its part."""
        views = {WHOLE: whole.features, CROP: crop.features}
        read = [views[view] for view in (WHOLE, CROP) if view in self._reads]
        found = [part for part in (*read, place) if part is not None]
        return np.concatenate(found) if len(found) == len(read) + 1 else None


class TimedTwoViewStream(TwoViewStream):
    """Both views on engines that can measure how long each fused block takes."""

    @property
    def times_blocks(self) -> bool:
        """Whether traces hold these times; see `engines.base.BlockTimer`."""
        return self._timer(self._crop).times_blocks

    @times_blocks.setter
    def times_blocks(self, times: bool) -> None:
        for engine in (self._whole, self._crop):
            self._timer(engine).times_blocks = times

    @staticmethod
    def _timer(engine: object) -> BlockTimer:
        assert isinstance(engine, BlockTimer)  # `two_view_stream` chose this class for it
        return engine


def two_view_stream(
    pair: TwoViewSpec,
    whole: WholeEngine,
    crop: StreamingEngine,
    places: PlaceReader,
    *,
    reads: frozenset[str],
) -> TwoViewStream:
    """Return a stream over two engines, which times blocks if both can; see `TwoViewStream`."""
    timed = isinstance(whole, BlockTimer) and isinstance(crop, BlockTimer)
    kind = TimedTwoViewStream if timed else TwoViewStream
    return kind(pair, whole, crop, places, reads=reads)


def joined_trace(whole: StepTrace, crop: StepTrace, places: int) -> StepTrace:
    """Return the trace of a step of both views.

    Args:
        whole: Of the whole view.
        crop: Of the square.
        places: Multiply-adds of reading the places.
    """
    blocks = (*_named(WHOLE, whole), *_named(CROP, crop))
    timed = whole.block_ms is not None and crop.block_ms is not None
    return StepTrace(
        blocks=blocks,
        multiply_adds=whole.multiply_adds + crop.multiply_adds + places,
        dense_multiply_adds=whole.dense_multiply_adds + crop.dense_multiply_adds + places,
        block_ms=np.concatenate([whole.block_ms, crop.block_ms]) if timed else None,
    )


def _named(view: str, trace: StepTrace) -> list[BlockTrace]:
    return [dataclasses.replace(block, name=f"{view}.{block.name}") for block in trace.blocks]


def joined_cost(whole: NetworkCost, crop: NetworkCost, places: int) -> NetworkCost:
    """Return the multiply-adds of one frame of both views, first the whole view's sites.

    Actions of the whole view followed by those of the crop fit `flops.clip_cost` and
    `flops.step_trace`, so that Eq. 5 counts both views in one sum.

    Args:
        whole: Of the whole view, locator included.
        crop: Of the square.
        places: Multiply-adds of reading the places.
    """
    sites = tuple(
        replace(site, name=f"{view}.{site.name}")
        for view, cost in ((WHOLE, whole), (CROP, crop))
        for site in cost.sites
    )
    return NetworkCost(sites=sites, fixed=whole.fixed + crop.fixed + places)

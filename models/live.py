"""A model over a stream of frames: the one loop that the app, evaluation and embedders share."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.cadence import Cadence, TimedFrame
from models.engines.base import EngineState, StreamingEngine
from models.errors import ModelError
from models.personal.personal_set import PersonalSet, needed_features
from models.preprocess import network_picture, normalize
from models.spec import ModelSpec
from models.trace import StepTrace
from models.two_views.stream import HandView, Look, TwoViewStream

LiveEngine = StreamingEngine | TwoViewStream
"""What runs a model of one view or of two, frame by frame."""


@dataclass(frozen=True)
class Frame:
    """A picture of a stream and when it was taken.

    Attributes:
        image: 8-bit picture, not mirrored: gray (H, W), BGR (H, W, 3) or BGRA (H, W, 4).
        time_s: Time on the source's own clock, in seconds.
        segment: Index of the uninterrupted stretch that the frame belongs to; when it changes, the
            stream starts afresh.
    """

    image: NDArray[np.uint8]
    time_s: float
    segment: int = 0


class ImageFrame(TimedFrame, Protocol):
    """What `LiveModel.see` needs of a frame; `Frame` is the simplest one."""

    @property
    def image(self) -> NDArray[np.uint8]:
        """8-bit picture, gray, BGR or BGRA, not mirrored."""
        ...


@dataclass(frozen=True)
class Step:
    """One step of a model over a stream.

    Attributes:
        spec: The model.
        time_s: Time of the frame, in seconds.
        run: Index of the uninterrupted run that the step belongs to. When it changes, the stream
            starts afresh, and so must every decision over time.
        picture: What the network saw: BGR, cropped to the model's input, of shape (H, W, 3).
        logits: Class scores of this frame alone, float32 of shape (K,).
        scores: Mean class scores of the newest T frames of the run, float64 of shape (K,), which
            training optimizes (Eq. 6 of the paper); with a person's set, its scores of them.
        trace: What was kept, reused and skipped, and what it cost.
        duration_ms: How long the engine took, in milliseconds.
        hand: Where a model of two views looked for the hand; None of a model of one view.
        features: What the classifier read of this frame, float32 of shape (F,); None if the model's
            graph does not give it.
    """

    spec: ModelSpec
    time_s: float
    run: int
    picture: NDArray[np.uint8]
    logits: NDArray[np.float32]
    scores: NDArray[np.float64]
    trace: StepTrace
    duration_ms: float
    hand: HandView | None = None
    features: NDArray[np.float32] | None = None

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """The softmax of `scores`, shape (K,)."""
        exponentials = np.exp(self.scores - self.scores.max())
        return np.asarray(exponentials / exponentials.sum(), np.float64)

    @property
    def by_label(self) -> dict[str, float]:
        """The probability of every label."""
        return dict(zip(self.spec.labels, self.probabilities.tolist(), strict=True))

    @property
    def label(self) -> str:
        """The most probable label."""
        return self.spec.labels[int(self.probabilities.argmax())]

    @property
    def confidence(self) -> float:
        """The probability of `label`, 0 to 1."""
        return float(self.probabilities.max())


class _Seen(NamedTuple):
    """What one step of an engine gave; see `Step`."""

    logits: NDArray[np.float32]
    state: EngineState
    trace: StepTrace
    features: NDArray[np.float32] | None
    hand: HandView | None = None


class LiveModel:
    """Runs a model over a stream, frame by frame, without looking ahead.

    `see` takes every frame of a source and does the rest: it picks frames at the model's cadence,
    starts afresh after an interruption, crops and normalizes, runs the engine and averages the
    scores of the newest T frames. A caller that picks frames itself calls `step` instead.

    Used by one thread at a time. All state of the stream is in this object, so that several
    streams may take turns on one engine.
    """

    def __init__(self, engine: LiveEngine, personal: PersonalSet | None = None) -> None:
        """Begin before the first frame.

        Args:
            engine: Runs the model; `models.engines.factory.create_engine` opens one.
            personal: Gestures of a person, whose scores replace the model's own; whoever reads it
                from a file has it `check_belongs_to` the model.
        """
        self.engine = engine
        self.personal = personal
        self.spec = engine.spec if personal is None else personal.spec_on(engine.spec)
        self._cadence: Cadence[ImageFrame] = Cadence(engine.spec.frame_interval_s)
        self._run: int | None = None
        self._state: EngineState = None
        # Logits of the newest frames; with a person's set, features.
        self._newest: deque[NDArray[np.float32]] = deque(maxlen=engine.spec.frames)

    def see(self, frame: ImageFrame) -> Step | None:
        """Run the model if the frame is one of its samples; otherwise return None.

        Args:
            frame: The next frame of the source; every frame must be offered, in order.

        Raises:
            ModelError: The model's scores are not finite.
            ValueError: The frame's image is not an 8-bit gray, BGR or BGRA picture.
        """
        sample = self._cadence.pick(frame)
        if sample is None:
            return None
        picture = network_picture(frame.image, self.spec)
        return self.step(picture, frame.time_s, sample.run, image=frame.image)

    def over(self, frames: Iterable[ImageFrame]) -> Iterator[Step]:
        """Yield the steps over a whole recording, whose frames come in order.

        Raises:
            ModelError: The model's scores are not finite.
        """
        return (step for frame in frames if (step := self.see(frame)) is not None)

    def step(
        self,
        picture: NDArray[np.uint8],
        time_s: float,
        run: int,
        *,
        image: NDArray[np.uint8] | None = None,
        square: NDArray[np.uint8] | None = None,
    ) -> Step:
        """Run the model on one picture.

        A model of two views also needs one of `image` and `square`; others ignore both.

        Args:
            picture: BGR, already cropped to the model's input, of shape (H, W, 3).
            time_s: When it was taken, in seconds.
            run: Index of the uninterrupted run; when it changes, the stream starts afresh.
            image: The picture as the camera took it, out of which the second view is cut.
            square: What the second view saw when this was recorded, of shape (S, S, 3).

        Raises:
            ModelError: The model's scores are not finite.
            ValueError: A model of two views has nothing for its second view to see.
        """
        if run != self._run:
            self._run = run
            self.restart()
        duration_ms, result = self._timed(picture, image, square)
        if not np.isfinite(result.logits).all():
            raise ModelError(
                f"The scores of the model {self.spec.name} are not finite; "
                "its weights are damaged, use another model with --model."
            )
        self._state = result.state
        logits, scores = self._scored(result)
        return Step(
            spec=self.spec,
            time_s=time_s,
            run=run,
            picture=picture,
            logits=logits,
            scores=scores,
            trace=result.trace,
            duration_ms=duration_ms,
            hand=result.hand,
            features=result.features,
        )

    def _scored(self, result: _Seen) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return the scores of this frame alone, and of the newest T frames.

        Raises:
            ModelError: The person's set needs features that the graph does not give, or others.
        """
        personal = self.personal
        if personal is None:
            self._newest.append(result.logits)
            return result.logits, np.mean(np.stack(self._newest), axis=0, dtype=np.float64)
        features = needed_features(result.features, self.engine.spec.name)
        self._newest.append(features)
        alone = personal.scores(features[None]).astype(np.float32)
        return alone, personal.scores(np.stack(self._newest))

    def _timed(
        self,
        picture: NDArray[np.uint8],
        image: NDArray[np.uint8] | None,
        square: NDArray[np.uint8] | None,
    ) -> tuple[float, _Seen]:
        """Run the engine; return how long it took, in milliseconds, and what it gave."""
        engine = self.engine
        if isinstance(engine, TwoViewStream):
            look = _look(engine, image, square)
            started_s = perf_counter()
            both = engine.step(picture, look, self._state)
            seen = _Seen(both.logits, both.state, both.trace, both.features, both.hand)
        else:
            network_input = normalize(picture, self.spec.mean, self.spec.std)
            started_s = perf_counter()
            seen = _Seen(*engine.step(network_input, self._state))
        return (perf_counter() - started_s) * 1e3, seen

    def use_set(self, personal: PersonalSet) -> None:
        """Go on with a set that was fitted again; what has been seen of the stream stays.

        Args:
            personal: Of the same model and with the same labels as the one that runs.

        Raises:
            ValueError: No set runs, or one with other labels.
        """
        spec = personal.spec_on(self.engine.spec)
        if self.personal is None or spec.labels != self.spec.labels:
            raise ValueError("a set takes over a stream only from one with the same labels")
        self.personal, self.spec = personal, spec

    def restart(self) -> None:
        """Forget what the model has seen, as before the first frame of a stream."""
        self._state = self.engine.init_state()
        self._newest.clear()


def square_side(engine: LiveEngine) -> int | None:
    """Return the side of the second view's square, in pixels; None of a model of one view."""
    return engine.pair.crop.input_height if isinstance(engine, TwoViewStream) else None


def _look(
    engine: TwoViewStream, image: NDArray[np.uint8] | None, square: NDArray[np.uint8] | None
) -> Look:
    """Return what gives the second view's square: as it was recorded, or cut out of `image`."""
    if square is not None:
        recorded = square
        return lambda box: recorded
    if image is None:
        raise ValueError("a model of two views needs the camera's picture or a recorded square")
    return engine.look_at(image)

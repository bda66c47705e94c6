"""One sampled frame in, everything known about it out: preprocess, step, ring buffer, decision."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic, perf_counter

import numpy as np
from numpy.typing import NDArray

from app.inspection.totals import RunTotals
from app.ring import RingBuffer
from app.snapshot import Prediction, Snapshot
from app.sources.base import Frame
from models.cadence import Sample
from models.decision import (
    DecisionSettings,
    DecisionState,
    Gesture,
    Observation,
    Verdict,
    judge,
)
from models.engines.base import BlockTimer, EngineState, StepResult, StreamingEngine
from models.preprocess import cover_crop, normalise
from models.smoothing import ScoreWindow

RANKING_LENGTH = 5


@dataclass(frozen=True)
class Recognition:
    """The result for one sample.

    Attributes:
        snapshot: What there is to show.
        verdict: What the decision made of this very sample.
    """

    snapshot: Snapshot
    verdict: Verdict

    @property
    def fired(self) -> Gesture | None:
        """The gesture that fired at this very sample, if one did."""
        return self.verdict.gesture


class Recognizer:
    """Runs one stream on an engine; used by one thread.

    Attributes:
        decision: When a probability becomes a gesture. Any thread may put other settings here: they
            hold from the next sample on.
        times_blocks: Whether traces tell how long each fused block took, where the engine can tell.
            Any thread may change it.
    """

    def __init__(self, engine: StreamingEngine, decision: DecisionSettings) -> None:
        """Start before the first sample.

        Args:
            engine: Runs the model.
            decision: When a probability becomes a gesture.
        """
        self._engine = engine
        self._spec = engine.spec
        self.decision = decision
        self.times_blocks = False
        self._totals = RunTotals()
        self._silent = frozenset(engine.spec.silent_labels)
        self._ring = RingBuffer(engine.spec.frames)
        self._scores = ScoreWindow(engine.spec)
        self._run: int | None = None
        self._predictions = 0
        self._gesture: Gesture | None = None
        self._decision_state = DecisionState()
        self._state: EngineState = None

    def process(self, sample: Sample[Frame], dropped: int = 0) -> Recognition:
        """Let the model see one sample.

        Args:
            sample: The frame; a new `run` makes the stream start afresh.
            dropped: Samples left out so far, to be shown.

        Raises:
            ModelError: The model's scores are not numbers.
        """
        if sample.run != self._run:
            self._run = sample.run
            self._restart()
        frame = sample.frame
        picture = cover_crop(frame.image, self._spec.input_height, self._spec.input_width)
        self._ring.push(picture, frame.time_s)
        network_input = normalise(picture, self._spec.mean, self._spec.std)
        if isinstance(self._engine, BlockTimer):
            self._engine.times_blocks = self.times_blocks
        started_s = perf_counter()
        result = self._engine.step(network_input, self._state)
        step_ms = (perf_counter() - started_s) * 1e3
        self._state = result.state
        self._totals = self._totals.plus(result.trace, step_ms)
        probabilities = self._scores.push(result.logits)
        verdict = self._judge(probabilities, frame.time_s)
        prediction = self._prediction(frame, probabilities, step_ms, result)
        self._predictions += 1
        snapshot = Snapshot(
            prediction=prediction,
            ring=self._ring.images(),
            gesture=self._gesture,
            predictions=self._predictions,
            dropped=dropped,
            frame_age_ms=(monotonic() - frame.captured_at_s) * 1e3,
            verdict=verdict,
            totals=self._totals,
        )
        return Recognition(snapshot, verdict)

    def _restart(self) -> None:
        """Forget the stream; the gesture that fired last stays known."""
        self._state = self._engine.init_state()
        self._decision_state = DecisionState()
        self._ring.clear()
        self._scores.clear()

    def _judge(self, probabilities: NDArray[np.float64], time_s: float) -> Verdict:
        """Take the probabilities into account; a gesture that fires stays known."""
        by_label = dict(zip(self._spec.labels, probabilities.tolist(), strict=True))
        self._decision_state, verdict = judge(
            self._decision_state, Observation(time_s, by_label), self.decision, self._silent
        )
        self._gesture = verdict.gesture or self._gesture
        return verdict

    def _prediction(
        self, frame: Frame, probabilities: NDArray[np.float64], step_ms: float, result: StepResult
    ) -> Prediction:
        """Put together what is known about one step."""
        order = np.argsort(-probabilities, kind="stable")[:RANKING_LENGTH]
        ranking = tuple((self._spec.labels[i], float(probabilities[i])) for i in order)
        return Prediction(
            index=self._predictions,
            frame_index=frame.index,
            time_s=frame.time_s,
            label=ranking[0][0],
            confidence=ranking[0][1],
            ranking=ranking,
            step_ms=step_ms,
            trace=result.trace,
        )

"""From a sample to a recognition: preprocessing, the model's step, ring buffer, decision."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from app.inspection.totals import RunTotals
from app.live.sampling import ModelInput, recorded_sample
from app.live.snapshot import Prediction, RunningModel, Snapshot
from app.sources.base import Frame
from app.sources.recorded import RecordedSample
from models.cadence import Sample
from models.decision import (
    DecisionSettings,
    DecisionState,
    Gesture,
    Observation,
    Outcome,
    Verdict,
    judge,
)
from models.engines.base import BlockTimer, ChannelSaver
from models.live import LiveEngine, LiveModel, Step
from models.personal.personal_set import PersonalSet
from models.preprocess import network_picture

RANKING_LENGTH = 5


@dataclass(frozen=True)
class Recognition:
    """The result for one sample.

    Attributes:
        snapshot: Everything that the window shows.
        verdict: The decision's verdict on this sample.
        decision: The settings of the decision.
        state_before: The state of the decision before this sample.
        step: What the model made of it.
    """

    snapshot: Snapshot
    verdict: Verdict
    decision: DecisionSettings
    state_before: DecisionState
    step: Step

    @property
    def fired(self) -> Gesture | None:
        """The gesture that fired at this sample, if one did."""
        return self.verdict.gesture


class Recognizer:
    """Runs one stream on an engine; used by one thread.

    Attributes:
        model: The model that runs.
        times_blocks: Whether traces hold the time of each fused block, where the engine can measure
            it. Any thread may change it.
    """

    def __init__(
        self,
        engine: LiveEngine,
        decision: DecisionSettings,
        reason: str = "",
        before: Recognizer | None = None,
        personal: PersonalSet | None = None,
    ) -> None:
        """Prepare for the first sample.

        Args:
            engine: Runs the model.
            decision: When a probability becomes a gesture.
            reason: Why this engine, as the end of a sentence.
            before: The recognizer that this one replaces: its count continues and nothing fires
                until the gesture in progress is over. The totals restart, since they are compared
                with a dense step of the model.
            personal: A person's gestures, which replace the model's own.
        """
        self._live = LiveModel(engine, personal)
        self._spec = self._live.spec
        self.model = RunningModel(
            self._spec,
            engine.name,
            reason,
            times_blocks=isinstance(engine, BlockTimer),
            saves_time=isinstance(engine, ChannelSaver) and engine.saves_channels,
            person=None if personal is None else personal.about.name,
        )
        self._calm = None if before is None else CalmWatch()
        self._input = ModelInput.of(engine)
        self._decision = decision
        self._decision_chosen = False
        self.times_blocks: bool = before is not None and before.times_blocks
        self._totals = RunTotals()
        self._silent = frozenset(self._spec.silent_labels)
        self._ring: deque[NDArray[np.uint8]] = deque(maxlen=engine.spec.frames)
        self._run: int | None = None
        self._predictions: int = 0 if before is None else before._predictions
        self._gesture: Gesture | None = None if before is None else before._gesture
        self._decision_state = DecisionState()

    def set_decision(self, decision: DecisionSettings) -> None:
        """Use other decision settings from the next sample on; any thread may call this.

        Until then a replay uses the settings that were recorded.
        """
        self._decision, self._decision_chosen = decision, True

    def use_set(self, personal: PersonalSet, decision: DecisionSettings) -> None:
        """Go on with a person's set that was fitted again, between two samples.

        The stream goes on. A gesture that has fired is waited out: to the new classifier it may
        look like another one.

        Args:
            personal: With the labels of the set that runs.
            decision: When its probabilities become gestures.
        """
        self._live.use_set(personal)
        self._spec = self._live.spec
        self.model = replace(self.model, spec=self._spec, person=personal.about.name)
        self.set_decision(decision)
        if self._decision_state.fired is not None:
            self._calm = CalmWatch()

    def restart_stream(self) -> None:
        """Forget what the network has seen, but not which gesture is in progress."""
        self._live.restart()
        self._ring.clear()

    def process(self, sample: Sample[Frame], dropped: int = 0) -> Recognition:
        """Run the model on one sample.

        Args:
            sample: The frame; a new `run` restarts the stream.
            dropped: Samples dropped so far, for the snapshot.

        Raises:
            ModelError: The model's scores are not finite.
        """
        if sample.run != self._run:
            self._run = sample.run
            self.restart_stream()
            self._decision_state = DecisionState()
        frame = sample.frame
        recorded = recorded_sample(frame, self._input)
        decision = self._decision_for(recorded)
        picture = network_picture(frame.image, self._spec) if recorded is None else recorded.picture
        self._ring.append(picture)
        engine = self._live.engine
        if isinstance(engine, BlockTimer):
            engine.times_blocks = self.times_blocks
        step = self._live.step(
            picture,
            frame.time_s,
            sample.run,
            image=frame.image,
            square=None if recorded is None else recorded.square,
        )
        self._totals = self._totals.plus(step.trace, step.duration_ms)
        state_before = self._decision_state
        verdict = self._judge(step, decision)
        prediction = self._prediction(frame, step)
        self._predictions += 1
        snapshot = Snapshot(
            prediction=prediction,
            ring=tuple(self._ring),
            gesture=self._gesture,
            predictions=self._predictions,
            dropped=dropped,
            frame_age_ms=(monotonic() - frame.captured_at_s) * 1e3,
            verdict=verdict,
            model=self.model,
            totals=self._totals,
            hand=step.hand,
        )
        return Recognition(snapshot, verdict, decision, state_before, step)

    def _decision_for(self, recorded: RecordedSample | None) -> DecisionSettings:
        """Return the decision settings for a frame; a replay has its own, and its initial state."""
        if recorded is None:
            return self._decision
        if recorded.decision_state is not None:
            self._decision_state = recorded.decision_state
        return self._decision if self._decision_chosen else recorded.decision

    def _judge(self, step: Step, decision: DecisionSettings) -> Verdict:
        """Return the decision's verdict on a step; remember a gesture that fires."""
        if self._calm is not None:
            waiting = self._wait_for_calm(self._calm, step, decision)
            if waiting is not None:
                return waiting
            self._calm = None
        self._decision_state, verdict = judge(
            self._decision_state,
            Observation(step.time_s, step.by_label),
            decision,
            self._silent,
        )
        self._gesture = verdict.gesture or self._gesture
        return verdict

    def _wait_for_calm(
        self, calm: CalmWatch, step: Step, decision: DecisionSettings
    ) -> Verdict | None:
        """Return why nothing may fire yet after a switch of models; None once something may."""
        label, confidence = step.label, step.confidence
        quiet = label in self._silent or confidence < decision.release_below_for(label)
        if calm.observe(step.time_s, calm=quiet, needed_s=decision.release_s):
            return None
        return Verdict(
            outcome=Outcome.UNRELEASED,
            label=label,
            confidence=confidence,
            threshold=decision.fire_above_for(label),
            time_s=step.time_s,
            waits_for=WAITS_FOR,
        )

    def _prediction(self, frame: Frame, step: Step) -> Prediction:
        """Return the prediction of one step."""
        order = np.argsort(-step.probabilities, kind="stable")[:RANKING_LENGTH]
        ranking = tuple((self._spec.labels[i], float(step.probabilities[i])) for i in order)
        return Prediction(
            index=self._predictions,
            frame_index=frame.index,
            time_s=frame.time_s,
            label=ranking[0][0],
            confidence=ranking[0][1],
            ranking=ranking,
            step_ms=step.duration_ms,
            trace=step.trace,
        )


LONGEST_WAIT_S = 3.0
"""After this time, in seconds, even a model that is never calm may fire."""

WAITS_FOR = "the change of models"
"""What verdicts wait for in the meantime."""


class CalmWatch:
    """Waits until the model has seen no gesture for long enough without a break.

    After a switch of models nothing may fire before that. The new model sees only the rest of a
    gesture in progress. The previous one may already have fired for it, and the rest alone may look
    like another gesture: a hand returning from a swipe looks like a swipe the other way.
    """

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._calm_since_s: float | None = None

    def observe(self, time_s: float, *, calm: bool, needed_s: float) -> bool:
        """Take one observation into account.

        Args:
            time_s: Time on the source's clock, in seconds; must be in increasing order.
            calm: Whether the model sees no gesture now.
            needed_s: How long that must last, in seconds.

        Returns:
            Whether gestures may fire from now on.
        """
        if self._since_s is None:
            self._since_s = time_s
        if time_s - self._since_s >= LONGEST_WAIT_S:
            return True
        if not calm:
            self._calm_since_s = None
            return False
        if self._calm_since_s is None:
            self._calm_since_s = time_s
        return time_s - self._calm_since_s >= needed_s

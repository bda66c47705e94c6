"""The control within a run: in its events, and when there are no pictures any more."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from app.control.arming import Cause
from app.control.controller import Controller
from app.control.settings import ControlSettings
from app.live import feed as feed_module
from app.live.events import ActionEvent, ControlEvent, DecisionEvent, GestureEvent, SummaryEvent
from app.live.headless import RunFailedError, run_file
from app.live.pipeline import Pipeline
from app.live.run import Run
from app.sources.base import SourceError
from models.decision import DecisionSettings
from tests.app.control.fakes import RememberingSender
from tests.app.fakes import (
    EventList,
    Factory,
    FakeEngine,
    ScriptedSource,
    TickingCamera,
    logits_for,
    make_spec,
    wait_until,
)

TIMES_S = [index / 8 for index in range(64)]


def swipe(step: int) -> NDArray[np.float32]:
    return logits_for("Swiping Left" if 16 <= step < 32 else "No gesture")


def armed() -> tuple[Controller, RememberingSender]:
    sender = RememberingSender()
    controller = Controller(sender, ControlSettings())
    controller.arm(Cause.BUTTON)
    return controller, sender


def play(source: ScriptedSource, controller: Controller | None, events: EventList) -> None:
    run = Run(FakeEngine(swipe), DecisionSettings(), on_event=events.append, control=controller)
    run_file(Factory(source), run, None, lambda: False)


def test_a_swipe_in_a_file_sends_one_key_and_its_event_follows_the_gesture() -> None:
    controller, sender = armed()
    events = EventList()
    play(ScriptedSource(TIMES_S), controller, events)
    assert sender.sent == ["PageDown"]
    (gesture,), (action,) = events.of(GestureEvent), events.of(ActionEvent)
    assert action.latency_ms > 0
    assert replace(action, latency_ms=None) == ActionEvent(
        t=gesture.t,
        action="next",
        key="PageDown",
        sent=True,
        gesture="Swiping Left",
        reason="sent",
    )
    assert events.index(action) > events.index(gesture)
    outcomes = [event.outcome for event in events.of(DecisionEvent)]
    assert outcomes[0] == outcomes[-1] == "silent"
    assert outcomes[outcomes.index("fired") - 1] == "holding"
    assert isinstance(events[-1], SummaryEvent)
    assert events[-2] == ControlEvent(events[-1].t, armed=False, cause="source ended")


def test_a_run_tells_how_old_the_frame_was_when_its_key_went_out() -> None:
    controller, _ = armed()
    events = EventList()
    engine_s = 0.02
    pipeline = Pipeline(
        Factory(TickingCamera(60)),
        Run(
            FakeEngine(swipe, delay_s=engine_s, spec=make_spec(frame_interval_s=0.03)),
            DecisionSettings(),
            on_event=events.append,
            control=controller,
        ),
    )
    pipeline.start()
    try:
        wait_until(lambda: bool(events.of(ActionEvent)))
    finally:
        pipeline.close()
    (action,) = events.of(ActionEvent)
    assert action.sent
    assert action.latency_ms >= engine_s * 1e3
    (summary,) = events.of(SummaryEvent)
    assert (summary.latency_ms_p50, summary.latency_ms_p95) == (action.latency_ms,) * 2


def test_without_control_a_run_tells_what_it_always_told() -> None:
    events = EventList()
    play(ScriptedSource(TIMES_S), None, events)
    assert not events.of(DecisionEvent) + events.of(ActionEvent) + events.of(ControlEvent)


def test_a_file_that_breaks_disarms() -> None:
    controller, _ = armed()
    with pytest.raises(RunFailedError):
        play(ScriptedSource(TIMES_S, error=SourceError("It broke.")), controller, EventList())
    assert (controller.status.armed, controller.status.cause) == (False, Cause.SOURCE_LOST)


def test_a_camera_that_is_lost_disarms_at_once_and_stays_so_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.02)
    controller, _ = armed()
    events = EventList()
    second = TickingCamera(60)
    pipeline = Pipeline(
        Factory(TickingCamera(60, frames=10), second),
        Run(FakeEngine(), DecisionSettings(), on_event=events.append, control=controller),
    )
    pipeline.start()
    try:
        wait_until(lambda: not controller.status.armed)
        wait_until(lambda: second._index > 5)
        assert controller.status.cause is Cause.SOURCE_LOST
        assert not controller.status.armed
        wait_until(lambda: bool(events.of(ControlEvent)))
    finally:
        pipeline.close()
    assert [event.armed for event in events.of(ControlEvent)] == [True, False]


def test_thresholds_change_while_it_runs() -> None:
    events = EventList()
    pipeline = Pipeline(
        Factory(TickingCamera(60)),
        Run(
            FakeEngine(lambda step: logits_for("Swiping Left")),
            DecisionSettings(hold_s=60),
            on_event=events.append,
        ),
    )
    pipeline.start()
    try:
        wait_until(lambda: pipeline.snapshots.peek() is not None)
        pipeline.set_decision(DecisionSettings(hold_s=0))
        wait_until(lambda: bool(events.of(GestureEvent)))
    finally:
        pipeline.close()

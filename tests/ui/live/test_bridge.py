"""The bridge tells what is new, once, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.live.bridge import Bridge
from tests.ui.scripted import StillPipeline, a_frame, a_snapshot


class Told:
    """Everything that a bridge emitted."""

    def __init__(self, bridge: Bridge) -> None:
        self.frames: list[object] = []
        self.snapshots: list[object] = []
        self.statuses: list[PipelineStatus] = []
        self.stops = 0
        bridge.frame_changed.connect(self.frames.append)
        bridge.snapshot_changed.connect(self.snapshots.append)
        bridge.status_changed.connect(self.statuses.append)
        bridge.stop_requested.connect(self._stop)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def pipeline() -> StillPipeline:
    return StillPipeline()


def test_news_is_told_once(pipeline: StillPipeline) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)
    frame, snapshot = a_frame(), a_snapshot()
    pipeline.frames.put(frame)
    pipeline.snapshots.put(snapshot)

    for _ in range(3):
        bridge.poll()

    assert told.frames == [frame]
    assert told.snapshots == [snapshot]
    assert told.statuses == [pipeline.status]


def test_nothing_is_told_of_an_empty_pipeline(pipeline: StillPipeline) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)

    bridge.poll()

    assert not told.frames
    assert not told.snapshots


def test_of_many_frames_only_the_newest_is_told(pipeline: StillPipeline) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)
    for index in range(5):
        pipeline.frames.put(a_frame(index=index))

    bridge.poll()

    assert [frame.index for frame in told.frames] == [4]  # type: ignore[attr-defined]


def test_looking_takes_nothing_away(pipeline: StillPipeline) -> None:
    frame = a_frame()
    pipeline.frames.put(frame)

    Bridge(pipeline).poll()

    assert pipeline.frames.take(timeout_s=0) is frame


def test_a_changed_state_is_told_at_once(pipeline: StillPipeline) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)
    bridge.poll()

    pipeline.status = PipelineStatus(PipelineState.RECONNECTING, "It is gone.", "Camera 0")
    bridge.poll()

    assert told.statuses[-1].state is PipelineState.RECONNECTING


def test_a_frame_rate_that_flickers_is_told_twice_a_second(
    pipeline: StillPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("app.ui.live.bridge.monotonic", lambda: now_s)
    bridge = Bridge(pipeline)
    told = Told(bridge)

    for step in range(201):
        now_s = 100.0 + step / 100
        pipeline.status = replace(pipeline.status, fps=30.0 + step / 1000)
        bridge.poll()

    assert len(told.statuses) == pytest.approx(5, abs=1)


def test_the_timer_looks_by_itself_until_it_is_stopped(
    pipeline: StillPipeline, qtbot: QtBot
) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)
    bridge.start()
    pipeline.frames.put(a_frame(index=1))
    qtbot.waitUntil(lambda: len(told.frames) == 1, timeout=1000)

    bridge.stop()
    pipeline.frames.put(a_frame(index=2))
    qtbot.wait(60)

    assert len(told.frames) == 1


def test_a_request_to_stop_is_told_once(pipeline: StillPipeline, qtbot: QtBot) -> None:
    bridge = Bridge(pipeline)
    told = Told(bridge)
    bridge.start()

    pipeline.stop_requested = True
    qtbot.wait(80)

    assert told.stops == 1

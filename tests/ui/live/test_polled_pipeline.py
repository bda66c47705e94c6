"""The polled pipeline signals what is new, once, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.live.polled_pipeline import PolledPipeline
from tests.ui.scripted import StillPipeline, a_frame, a_snapshot


class Told:
    """Everything that a polled pipeline emitted."""

    def __init__(self, polled: PolledPipeline) -> None:
        self.frames: list[object] = []
        self.snapshots: list[object] = []
        self.statuses: list[PipelineStatus] = []
        self.stops = 0
        polled.frame_changed.connect(self.frames.append)
        polled.snapshot_changed.connect(self.snapshots.append)
        polled.status_changed.connect(self.statuses.append)
        polled.stop_requested.connect(self._stop)

    def _stop(self) -> None:
        self.stops += 1


@pytest.fixture
def pipeline() -> StillPipeline:
    return StillPipeline()


def test_news_is_told_once(pipeline: StillPipeline) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)
    frame, snapshot = a_frame(), a_snapshot()
    pipeline.frames.put(frame)
    pipeline.snapshots.put(snapshot)

    for _ in range(3):
        polled.poll()

    assert told.frames == [frame]
    assert told.snapshots == [snapshot]
    assert told.statuses == [pipeline.status]


def test_nothing_is_told_of_an_empty_pipeline(pipeline: StillPipeline) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)

    polled.poll()

    assert not told.frames
    assert not told.snapshots


def test_of_many_frames_only_the_newest_is_told(pipeline: StillPipeline) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)
    for index in range(5):
        pipeline.frames.put(a_frame(index=index))

    polled.poll()

    assert [frame.index for frame in told.frames] == [4]  # type: ignore[attr-defined]


def test_looking_takes_nothing_away(pipeline: StillPipeline) -> None:
    frame = a_frame()
    pipeline.frames.put(frame)

    PolledPipeline(pipeline).poll()

    assert pipeline.frames.take(timeout_s=0) is frame


def test_a_changed_state_is_told_at_once(pipeline: StillPipeline) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)
    polled.poll()

    pipeline.status = PipelineStatus(PipelineState.RECONNECTING, "It is gone.", "Camera 0")
    polled.poll()

    assert told.statuses[-1].state is PipelineState.RECONNECTING


def test_a_frame_rate_that_flickers_is_told_twice_a_second(
    pipeline: StillPipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 100.0
    monkeypatch.setattr("app.ui.live.polled_pipeline.monotonic", lambda: now_s)
    polled = PolledPipeline(pipeline)
    told = Told(polled)

    for step in range(201):
        now_s = 100.0 + step / 100
        pipeline.status = replace(pipeline.status, fps=30.0 + step / 1000)
        polled.poll()

    assert len(told.statuses) == pytest.approx(5, abs=1)


def test_the_timer_looks_by_itself_until_it_is_stopped(
    pipeline: StillPipeline, qtbot: QtBot
) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)
    polled.start()
    pipeline.frames.put(a_frame(index=1))
    qtbot.waitUntil(lambda: len(told.frames) == 1, timeout=1000)

    polled.close()
    pipeline.frames.put(a_frame(index=2))
    qtbot.wait(60)

    assert len(told.frames) == 1


def test_a_request_to_stop_is_told_once(pipeline: StillPipeline, qtbot: QtBot) -> None:
    polled = PolledPipeline(pipeline)
    told = Told(polled)
    polled.start()

    pipeline.stop_requested = True
    qtbot.wait(80)

    assert told.stops == 1

from __future__ import annotations

import time
from threading import Event, Timer

import pytest

from app.live import feed as feed_module
from app.live.feed import Feed
from app.sources.base import Frame, FrameSource, SourceError
from tests.app.fakes import Factory, ScriptedSource


class Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def opened(self, source: FrameSource) -> None:
        self.heard.append(f"opened {source.name}")

    def lost(self, message: str) -> None:
        self.heard.append(f"lost: {message}")


def take(feed: Feed, count: int) -> list[Frame]:
    frames, stream = [], feed.frames()
    for frame in stream:
        frames.append(frame)
        if len(frames) == count:
            break
    stream.close()
    return frames


@pytest.fixture(autouse=True)
def quick_reconnect(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "RECONNECT_INTERVAL_S", 0.01)


def test_a_file_is_played_once_and_closed() -> None:
    source = ScriptedSource([0.0, 0.04, 0.08])
    frames = list(Feed(Factory(source), Event(), Listener(), paced=False).frames())
    assert [(frame.index, frame.time_s) for frame in frames] == [(0, 0.0), (1, 0.04), (2, 0.08)]
    assert source.closed


def test_a_loop_goes_on_in_time_and_begins_a_new_segment() -> None:
    factory = Factory(*(ScriptedSource([0.0, 0.04]) for _ in range(3)))
    frames = take(Feed(factory, Event(), Listener(), paced=False, loop=True), 6)
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.segment for frame in frames] == [0, 0, 1, 1, 2, 2]
    assert [frame.time_s for frame in frames] == pytest.approx([0.04 * n for n in range(6)])


def test_a_loop_over_nothing_ends() -> None:
    factory = Factory(ScriptedSource([]))
    assert list(Feed(factory, Event(), Listener(), paced=False, loop=True).frames()) == []


def test_a_paced_file_takes_as_long_as_it_lasts() -> None:
    source = ScriptedSource([0.0, 0.05, 0.3])
    start_s = time.monotonic()
    frames = list(Feed(Factory(source), Event(), Listener(), paced=True).frames())
    assert time.monotonic() - start_s > 0.28
    assert frames[-1].captured_at_s - frames[0].captured_at_s > 0.28


def test_a_damaged_time_stamp_does_not_stop_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_module, "LONGEST_WAIT_S", 0.1)
    source = ScriptedSource([0.0, 90_000.0, 90_000.04])
    start_s = time.monotonic()
    assert len(list(Feed(Factory(source), Event(), Listener(), paced=True).frames())) == 3
    assert time.monotonic() - start_s < 10.0


def test_stop_ends_a_wait_at_once() -> None:
    stop = Event()
    Timer(0.1, stop.set).start()
    start_s = time.monotonic()
    list(Feed(Factory(ScriptedSource([0.0, 4.9])), stop, Listener(), paced=True).frames())
    assert time.monotonic() - start_s < 4.0


def test_a_lost_camera_is_told_and_found_again() -> None:
    gone = SourceError("not there")
    first = ScriptedSource([0.0, 0.03], live=True, name="Camera 0")
    factory = Factory(first, gone, gone, ScriptedSource([0.0], live=True, name="Camera 0"))
    listener = Listener()
    frames = take(Feed(factory, Event(), listener, paced=True), 3)
    assert [frame.segment for frame in frames] == [0, 0, 1]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert [frame.time_s for frame in frames] == sorted(frame.time_s for frame in frames)
    assert first.closed
    assert [heard.split(":")[0] for heard in listener.heard] == [
        "opened Camera 0",
        "lost",
        "opened Camera 0",
    ]


def test_a_camera_that_breaks_while_it_is_read_is_lost_as_well() -> None:
    broken = ScriptedSource([0.0], live=True, error=SourceError("i/o error"))
    factory = Factory(broken, ScriptedSource([0.0], live=True))
    assert len(take(Feed(factory, Event(), Listener(), paced=True), 2)) == 2


def test_waiting_for_a_camera_ends_with_stop() -> None:
    stop = Event()
    factory = Factory(ScriptedSource([], live=True), *(SourceError("gone"),) * 1000)
    Timer(0.1, stop.set).start()
    assert list(Feed(factory, stop, Listener(), paced=True).frames()) == []


def test_a_file_that_breaks_is_an_error() -> None:
    broken = ScriptedSource([0.0], error=SourceError("cut off"))
    with pytest.raises(SourceError, match="cut off"):
        list(Feed(Factory(broken), Event(), Listener(), paced=False).frames())
    assert broken.closed

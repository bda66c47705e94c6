from __future__ import annotations

import time
from threading import Event

import pytest

from app.sources import watched as watched_module
from app.sources.base import Frame, SourceError
from app.sources.factory import SourceOpener
from app.sources.watched import FrozenSourceError, WatchedSource, watched
from tests.app.fakes import ScriptedSource, TickingCamera, wait_until


class HangingCamera(TickingCamera):
    """Gives some pictures; then its driver does not come back until the test lets it."""

    def __init__(self, pictures: int = 3) -> None:
        super().__init__(fps=200, frames=pictures)
        self.let_go = Event()

    def read(self) -> Frame | None:
        if self._index == self._frames:
            assert not self.closed, "closed while it is being read"
            self.let_go.wait(10)
            self._frames = None
        return super().read()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_module, "FROZEN_AFTER_S", 0.2)
    monkeypatch.setattr(watched_module, "CLOSE_TIMEOUT_S", 0.1)


def test_frames_errors_and_the_end_come_through() -> None:
    source = WatchedSource(ScriptedSource([0.0, 0.1], live=True, name="Camera 3"))
    assert (source.name, source.live, source.fps) == ("Camera 3", True, 25.0)
    frames = [source.read(), source.read()]
    assert [frame.time_s for frame in frames if frame is not None] == [0.0, 0.1]
    assert source.read() is None
    source.close()
    broken = WatchedSource(ScriptedSource([], live=True, error=SourceError("i/o error")))
    with pytest.raises(SourceError, match="i/o error"):
        broken.read()
    broken.close()


def test_a_driver_that_hangs_is_told_and_its_camera_is_closed_when_it_lets_go() -> None:
    camera = HangingCamera()
    source = WatchedSource(camera)
    for _ in range(3):
        assert source.read() is not None
    start_s = time.monotonic()
    with pytest.raises(FrozenSourceError, match=r"Camera 0 is frozen: .* plug it in again\."):
        source.read()
    source.close()
    source.close()
    assert time.monotonic() - start_s < 5
    assert camera.closed == 0
    camera.let_go.set()
    wait_until(lambda: camera.closed == 1)


def test_a_camera_is_closed_in_the_thread_that_reads_it() -> None:
    camera = TickingCamera()
    source = WatchedSource(camera)
    source.read()
    source.close()
    assert camera.closed == 1


def test_cameras_are_watched_and_files_are_not() -> None:
    opener = SourceOpener(TickingCamera)
    camera = opener()
    assert isinstance(camera, WatchedSource)
    camera.close()
    file = ScriptedSource([0.0])
    assert SourceOpener(lambda: file)() is file
    assert watched(lambda: file)() is file

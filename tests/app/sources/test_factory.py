from __future__ import annotations

from pathlib import Path

import pytest

from app.sources import factory
from app.sources.base import UnusableSourceError
from app.sources.factory import SourceOpener, open_file
from tests.app.fakes import Factory, ScriptedSource


def test_a_file_a_folder_and_the_demo_are_told_apart(
    clip: Path, image_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "demo_path", lambda: clip)
    sources = [open_file(source) for source in (str(clip), str(image_folder), "demo")]
    assert [source.name for source in sources] == ["clip.mp4", "images", "Demo clip"]
    for source in sources:
        source.close()


def test_a_demo_clip_that_is_not_there_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "demo_path", lambda: tmp_path / "demo.mp4")
    with pytest.raises(UnusableSourceError, match="demo clip is missing"):
        open_file("demo")


def test_the_first_source_is_opened_early_and_handed_out_once() -> None:
    first, second = ScriptedSource([0.0]), ScriptedSource([0.0])
    factory = Factory(first, second)
    opener = SourceOpener(factory)
    assert factory.opened == 1
    assert opener() is first
    assert opener() is second
    opener.close()
    assert not first.closed


def test_a_source_that_nobody_asked_for_is_released() -> None:
    source = ScriptedSource([0.0])
    opener = SourceOpener(Factory(source))
    opener.close()
    opener.close()
    assert source.closed == 1

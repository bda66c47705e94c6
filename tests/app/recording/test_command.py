"""`--record` and `--source RECORDING`: what is refused, and what is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.main import main
from tests.app.command import events_in

pytestmark = pytest.mark.usefixtures("apart")


class Command:
    """The command line without a window, over the tiny model."""

    def __init__(self, bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._usual = ["--headless", "--model", str(bundle), "--engine", "onnx"]
        self._capsys = capsys

    def __call__(self, *arguments: str | Path) -> tuple[int, list[str]]:
        """Run it and return its exit code and what it said on stderr."""
        code = main([*self._usual, "--events", os.devnull, *map(str, arguments)])
        return code, self._capsys.readouterr().err.splitlines()


@pytest.fixture
def command(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(tiny_bundle, capsys)


@pytest.fixture
def recording(command: Command, clip: Path, tmp_path: Path) -> Path:
    path = tmp_path / "recording.adafuse"
    code, said = command("--source", clip, "--record", path)
    assert code == 0
    assert said[-1].startswith(f"The recording is in {path}")
    return path


def test_a_recording_never_replaces_anything_else(
    command: Command, clip: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.adafuse"
    notes.write_text("mine")
    before = clip.read_bytes()
    cases: list[tuple[tuple[str | Path, ...], str]] = [
        (("--record", notes), "is left alone"),
        (("--record", clip), "is left alone"),
        (("--record", tmp_path / "a", "--events", tmp_path / "a"), "choose two files"),
        (("--record", tmp_path / "missing" / "a"), "does not exist"),
        (("--record", tmp_path), "it is a folder"),
    ]
    for arguments, words in cases:
        code, said = command("--source", clip, *arguments)
        assert (code, len(said)) == (2, 1)
        assert words in said[0]
    assert notes.read_text() == "mine"
    assert clip.read_bytes() == before


def test_a_replay_is_not_recorded_over_itself(command: Command, recording: Path) -> None:
    before = recording.read_bytes()
    code, said = command("--source", recording, "--record", recording)
    assert (code, len(said)) == (2, 1)
    assert "would overwrite" in said[0]
    assert recording.read_bytes() == before


def test_a_replay_sends_no_keys(command: Command, recording: Path) -> None:
    code, said = command("--source", recording, "--control", "keys")
    assert (code, len(said)) == (2, 1)
    assert "A replay sends no keys; use --control dry-run" in said[0]
    code, _ = command("--source", recording, "--control", "dry-run")
    assert code == 0


def test_a_replay_may_be_stopped_recorded_again_and_begun_anew(
    command: Command, recording: Path, tmp_path: Path
) -> None:
    copy, events = tmp_path / "copy.adafuse", tmp_path / "events.jsonl"
    code, _ = command("--source", recording, "--record", copy, "--duration", "1")
    assert code == 0
    code, _ = command("--source", copy, "--events", events)
    assert code == 0
    first = [event for event in events_in(events.read_text()) if event["type"] == "prediction"]
    code, _ = command("--source", recording, "--events", events)
    assert code == 0
    whole = [event for event in events_in(events.read_text()) if event["type"] == "prediction"]
    assert 0 < len(first) < len(whole)
    for event in (*first, *whole):
        del event["step_ms"]
    assert first == whole[: len(first)]


def test_it_is_said_when_a_replay_may_differ(command: Command, recording: Path) -> None:
    code, said = command("--source", recording)
    assert (code, len(said)) == (0, 1)
    code, said = command("--source", recording, "--engine", "torch")
    assert code == 0
    assert said[1:] == [
        "The replay may differ from what was recorded: it was made with the onnx engine, "
        "whose sums round differently."
    ]

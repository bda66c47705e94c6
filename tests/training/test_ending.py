"""A signal ends a run with a sentence and with the exit code that shells expect."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from training import cli, fitting


def swallowed() -> None:
    """Treat Ctrl+C as Lightning does."""
    try:
        raise KeyboardInterrupt
    except KeyboardInterrupt:
        sys.exit(1)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot send it to itself")
@pytest.mark.parametrize(("command", "resumable"), [("fit", True), ("validate", False)])
def test_sigterm_ends_with_143_and_one_sentence(
    command: str,
    resumable: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(fitting, "_run", lambda _: os.kill(os.getpid(), signal.SIGTERM))
    assert cli.main([command]) == 143
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "ended by SIGTERM" in told
    assert ("--resume true" in told) is resumable
    assert signal.getsignal(signal.SIGTERM) is before


def test_ctrl_c_ends_with_130_even_where_lightning_took_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fitting, "_run", lambda _: swallowed())
    assert cli.main(["fit"]) == 130
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "ended by SIGINT" in told
    assert "--resume true" in told


def test_another_way_to_leave_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_run", lambda _: sys.exit(2))
    with pytest.raises(SystemExit) as caught:
        cli.main(["fit"])
    assert caught.value.code == 2

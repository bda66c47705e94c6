from __future__ import annotations

import pytest

from app.command_line import Options, parse
from app.control.mode import ControlMode


def test_without_arguments_everything_has_its_default() -> None:
    assert parse([]) == Options(
        camera=None,
        source=None,
        model="default",
        engine="auto",
        headless=False,
        events=None,
        duration_s=None,
        threads=0,
        verbose=False,
        control=None,
        profile=None,
    )


def test_everything_can_be_said() -> None:
    options = parse(
        [
            *("--source", "a.mp4", "--model", "folder", "--engine", "torch", "--headless"),
            *("--events", "-", "--duration", "2.5", "--threads", "2", "--control", "dry-run"),
            *("--profile", "impress", "--record", "talk.adafuse", "--verbose"),
        ]
    )
    assert options == Options(
        camera=None,
        source="a.mp4",
        model="folder",
        engine="torch",
        headless=True,
        events="-",
        duration_s=2.5,
        threads=2,
        verbose=True,
        control=ControlMode.DRY_RUN,
        profile="impress",
        record="talk.adafuse",
    )
    assert parse(["--control", "off"]).control is ControlMode.OFF
    assert parse(["--control", "keys"]).control is ControlMode.KEYS
    assert parse(["--camera", "3"]).camera == 3


@pytest.mark.parametrize(
    "wrong",
    [
        "--camera -1",
        "--camera front",
        "--camera 1.5",
        "--camera 1_0",
        "--camera 99999999999",
        "--camera 0 --source a.mp4",
        "--duration 0",
        "--duration -3",
        "--duration nan",
        "--duration inf",
        "--duration soon",
        "--threads 0",
        "--threads -2",
        "--threads nan",
        "--engine fast",
        "--control on",
        "--control keys-if-possible",
        "--profile excel",
        "--head",
        "--unknown",
        "stray",
        "--source",
    ],
)
def test_what_cannot_be_meant_is_refused_in_one_sentence(
    wrong: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(wrong.split())
    assert caught.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 1
    assert printed.err.endswith("--help.\n")


@pytest.mark.parametrize("option", ["--source", "--model", "--events"])
def test_an_empty_name_is_refused(option: str) -> None:
    with pytest.raises(SystemExit):
        parse([option, ""])


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_go_to_stdout(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse([option])
    assert caught.value.code == 0
    assert "AdaFuse Live" in capsys.readouterr().out

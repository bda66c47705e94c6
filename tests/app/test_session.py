from __future__ import annotations

import io
import logging

import pytest

from app.session import PreparationNotice


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_percentage_that_counts_up_in_place() -> None:
    terminal = Terminal()
    notice = PreparationNotice(terminal)
    for fraction in (0.1, 0.5, 1.0):
        notice.show(fraction)
    text = terminal.getvalue()
    assert text.count("\r") == 3
    assert text.endswith("100%\n")


def test_a_log_gets_one_sentence(caplog: pytest.LogCaptureFixture) -> None:
    notice = PreparationNotice(io.StringIO())
    with caplog.at_level(logging.INFO):
        for fraction in (0.1, 0.5, 1.0):
            notice.show(fraction)
    assert len(caplog.records) == 1
    assert "once" in caplog.text

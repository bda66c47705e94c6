"""What Qt says before it ends the process by itself, in our words and in good order.

When the display goes away, or none can be opened, Qt prints something for developers and calls
`exit` or `abort` at once, in the midst of its own work: no exception, no signal, nothing closed.
Its message handler is the one place that hears of it in time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PyQt6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from app.errors import AppError

log = logging.getLogger(__name__)

_LOST = "connection broke"
"""What Qt says of an X server or a Wayland compositor that is gone, before it ends the process."""

_NO_PLATFORM = "no Qt platform plugin could be initialized"

_closing: list[Callable[[], object]] = []
"""What is to be closed when the display is lost, the last first."""


def speak_for_qt() -> None:
    """Hear what Qt has to say from now on; for before the application object is made."""
    qInstallMessageHandler(_hear)


@contextmanager
def closed_with_display(close: Callable[[], object]) -> Iterator[None]:
    """While entered, call `close` if the display is lost, before the process ends.

    Args:
        close: To be called in the window's thread; it may take no more than a second or two.
    """
    _closing.append(close)
    try:
        yield
    finally:
        if close in _closing:  # not called yet
            _closing.remove(close)


def _hear(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
    text = text or ""
    if _LOST in text:
        _end("The display was closed, and the window with it; start AdaFuse Live again.")
    if kind is QtMsgType.QtFatalMsg:
        _end(_fatal_sentence(text))
    log.debug("Qt: %s", text)


def _fatal_sentence(text: str) -> str:
    if _NO_PLATFORM not in text:
        return f"The window stopped because of an error in Qt: {' '.join(text.split())}"
    platform = os.environ.get("QT_QPA_PLATFORM")
    if platform is None:
        return "No window can open on this display; check DISPLAY, or run with --headless."
    return (
        f"No window can open with QT_QPA_PLATFORM={platform}; "
        "unset it, or choose another platform, or run with --headless."
    )


def _end(sentence: str) -> None:
    """Say why, close what is open, and leave: Qt would not come back from here."""
    log.error("%s", sentence)
    try:
        while _closing:
            _closing.pop()()
    except Exception:  # an exception that reaches Qt would abort the process with a core dump
        log.debug("not everything could be closed", exc_info=True)
    os._exit(AppError.exit_code)

"""Reports Qt's fatal errors as one sentence, and closes what is open before Qt ends the process.

When the display is lost, or none can be opened, Qt prints a message for developers and calls `exit`
or `abort` at once: no exception, no signal, nothing closed. Its message handler is the only place
that is called in time.
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
"""What Qt logs when it has lost its X server or Wayland compositor, before it exits."""

_NO_PLATFORM = "no Qt platform plugin could be initialized"

_closing: list[Callable[[], object]] = []
"""What to close when the display is lost, last one first."""


def handle_qt_messages() -> None:
    """Handle Qt's messages from now on; call it before the application object is created."""
    qInstallMessageHandler(_handle)


@contextmanager
def closed_with_display(close: Callable[[], object]) -> Iterator[None]:
    """Call `close` if the display is lost within the context, before the process ends.

    Args:
        close: Called in the window's thread; it should take a second or two at most.
    """
    _closing.append(close)
    try:
        yield
    finally:
        if close in _closing:  # not called yet
            _closing.remove(close)


def _handle(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
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
        return "No window can be opened on this display; check DISPLAY, or run with --headless."
    return (
        f"No window can be opened with QT_QPA_PLATFORM={platform}; "
        "unset it, choose another platform, or run with --headless."
    )


def _end(sentence: str) -> None:
    """Report why, close what is open, and exit: Qt would not return from here."""
    log.error("%s", sentence)
    try:
        while _closing:
            _closing.pop()()
    except Exception:  # an exception that reaches Qt would abort with a core dump
        log.debug("not everything could be closed", exc_info=True)
    os._exit(AppError.exit_code)

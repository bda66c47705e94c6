"""A small window for the one slow start, in which the kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QProgressDialog

from app.ui.application import qt_application

Result = TypeVar("Result")

LOOK_S = 0.03
"""Time between two looks at the progress, in seconds."""


class _Work(Generic[Result]):
    """Work in its own thread, with its progress and its result or error."""

    def __init__(self, work: Callable[[Callable[[float], None]], Result]) -> None:
        self.fraction: float | None = None
        self.result: Result
        self.error: Exception | None = None
        self._work = work
        self._thread = Thread(target=self._run, name="preparation", daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait at most `seconds` for the end; return whether the work has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.result = self._work(self._report)
        except Exception as error:  # raised again in the main thread
            self.error = error

    def _report(self, fraction: float) -> None:
        self.fraction = fraction


def with_progress_window(work: Callable[[Callable[[float], None]], Result]) -> Result:
    """Do work that may take long; a window shows its progress if the work reports any.

    Call it in the main thread, before the application's loop runs.

    Args:
        work: Is given a function to report the fraction that is done, 0 to 1.

    Raises:
        Exception: Whatever the work raises.
    """
    application = qt_application()
    running = _Work(work)
    dialog: QProgressDialog | None = None
    while not running.wait(LOOK_S):
        if running.fraction is not None:
            dialog = dialog or _new_dialog()
            dialog.setValue(round(running.fraction * 100))
        application.processEvents()
    if dialog is not None:
        dialog.close()
        dialog.deleteLater()
    if running.error is not None:
        raise running.error
    return running.result


def _new_dialog() -> QProgressDialog:
    """Show the window; it has no button, because nothing can go on without the work."""
    dialog = QProgressDialog(
        "Preparing the sparse engine for this processor.\n"
        "This is done once and takes about 15 seconds.",
        None,
        0,
        100,
    )
    dialog.setWindowTitle("AdaFuse Live")
    dialog.setWindowFlag(Qt.WindowType.WindowCloseButtonHint, on=False)
    dialog.setAutoReset(False)
    dialog.setAutoClose(False)
    dialog.setMinimumDuration(0)
    dialog.setMinimumWidth(420)
    dialog.show()
    return dialog

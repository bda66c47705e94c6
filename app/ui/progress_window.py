"""A small window for the one slow start, in which the kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QProgressDialog

from app.process.background_work import BackgroundWork
from app.ui.application import qt_application

Result = TypeVar("Result")

LOOK_S = 0.03
"""Time between two looks at the progress, in seconds."""


def with_progress_window(work: Callable[[Callable[[float], None]], Result]) -> Result:
    """Do work that may take long; a window shows its progress if the work reports any.

    Call it in the main thread, before the application's loop runs.

    Args:
        work: Is given a function to report the fraction that is done, 0 to 1.

    Raises:
        Exception: Whatever the work raises.
    """
    application = qt_application()
    running = BackgroundWork(work, "preparation")
    dialog: QProgressDialog | None = None
    while not running.wait(LOOK_S):
        if running.fraction is not None:
            dialog = dialog or _new_dialog()
            dialog.setValue(round(running.fraction * 100))
        application.processEvents()
    if dialog is not None:
        dialog.close()
        dialog.deleteLater()
    return running.result()


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

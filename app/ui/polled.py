"""From objects that any thread may use to Qt's signals: a timer polls, signals say what changed.

The window pulls. Whatever is pushed into Qt's event queue piles up as soon as the window is slower
than the source (measured: eight seconds behind a camera after five); a timer that looks at the
newest state never falls behind.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from PyQt6.QtCore import QObject, QTimer, pyqtSignal

Status = TypeVar("Status")


class PolledObject(QObject, Generic[Status]):
    """Polls one thread-safe object and emits what changed, in the window's thread.

    A subclass says where the status comes from (`_read`) and what else follows from a new one
    (`_emit_changes`), and passes the requests of widgets on. The object is never started or closed
    from here.
    """

    status_changed = pyqtSignal(object)
    """The `status` differs from the last one that was emitted."""

    def __init__(self, known: Status, interval_ms: int, parent: QObject | None = None) -> None:
        """Create it at rest; connect its signals, then `start` it.

        Args:
            known: The status that needs no signal, because listeners start from it.
            interval_ms: Time between two polls, in milliseconds.
            parent: Deletes this object along with itself; None leaves that to the caller.
        """
        super().__init__(parent)
        self._status = known
        self._timer = QTimer(self)
        self._timer.setInterval(interval_ms)
        self._timer.timeout.connect(self.poll)

    @property
    def status(self) -> Status:
        """The status at the last poll."""
        return self._status

    def start(self) -> None:
        """Poll now and from now on by timer."""
        self._timer.start()
        self.poll()

    def close(self) -> None:
        """Stop polling: no signal is emitted by timer afterwards."""
        self._timer.stop()

    def poll(self) -> None:
        """Look once and emit what changed."""
        before, status = self._status, self._read()
        if status == before:
            return
        self._status = status
        self._emit_changes(before, status)
        self.status_changed.emit(status)

    def _read(self) -> Status:
        """Return the object's status now."""
        raise NotImplementedError

    def _emit_changes(self, before: Status, status: Status) -> None:
        """Emit what else follows from a new status; called before `status_changed`."""

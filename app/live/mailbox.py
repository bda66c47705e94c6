"""A mailbox for one item, so that a slow reader never accumulates a queue of old frames."""

from __future__ import annotations

from threading import Condition
from time import monotonic
from typing import Generic, TypeVar

Item = TypeVar("Item")


class LatestSlot(Generic[Item]):
    """Holds the newest item; an older one that was not taken is dropped and counted.

    Any thread may call any method. `peek` leaves the item to other readers.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._item: Item | None = None
        self._unread = False
        self._dropped = 0
        self._closed = False

    @property
    def dropped(self) -> int:
        """Items that were replaced before they were taken."""
        with self._changed:
            return self._dropped

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        with self._changed:
            return self._closed

    def put(self, item: Item) -> None:
        """Put `item` in as the newest; ignored once the slot is closed."""
        with self._changed:
            if self._closed:
                return
            self._dropped += self._unread
            self._item = item
            self._unread = True
            self._changed.notify_all()

    def take(self, timeout_s: float | None = None) -> Item | None:
        """Wait for an item that has not been taken.

        Args:
            timeout_s: Longest time to wait, in seconds; None waits until `close`.

        Returns:
            The newest item, or None on timeout or when the slot is closed and empty. An item
            that was put in before `close` can still be taken.
        """
        deadline = None if timeout_s is None else monotonic() + timeout_s
        with self._changed:
            while not self._unread and not self._closed:
                remaining = None if deadline is None else deadline - monotonic()
                if remaining is not None and remaining <= 0:
                    return None
                self._changed.wait(remaining)
            if not self._unread:
                return None
            self._unread = False
            return self._item

    def peek(self) -> Item | None:
        """Return the newest item without taking it, or None before the first."""
        with self._changed:
            return self._item

    def close(self) -> None:
        """Wake all waiting readers; may be called more than once."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

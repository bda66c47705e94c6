"""After a switch of models nothing fires until the picture was calm.

The model that takes over sees the rest of whatever is going on. The one before may have fired for
it already, and the rest alone may look like another gesture: the hand that returns from a swipe is
a swipe the other way.
"""

from __future__ import annotations

LONGEST_WAIT_S = 3.0
"""A model that is never calm may fire after this time all the same, in seconds."""

WAITS_FOR = "the change of models"
"""What a verdict waits for meanwhile."""


class CalmWatch:
    """Waits until nothing is asked for, for long enough without a break."""

    def __init__(self) -> None:
        """Begin to wait with the first observation."""
        self._since_s: float | None = None
        self._calm_since_s: float | None = None

    def observe(self, time_s: float, *, calm: bool, needed_s: float) -> bool:
        """Take one observation into account.

        Args:
            time_s: Time on the source's clock, in seconds; never runs backwards.
            calm: Whether nothing is asked for now.
            needed_s: How long it must stay so, in seconds.

        Returns:
            Whether gestures may fire from now on.
        """
        if self._since_s is None:
            self._since_s = time_s
        if time_s - self._since_s >= LONGEST_WAIT_S:
            return True
        if not calm:
            self._calm_since_s = None
            return False
        if self._calm_since_s is None:
            self._calm_since_s = time_s
        return time_s - self._calm_since_s >= needed_s

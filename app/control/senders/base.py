"""The protocol of all senders, and the sender that sends nothing."""

from __future__ import annotations

from typing import Protocol

from app.control.arming import Focus
from app.control.keys import KeyStroke
from app.errors import AppError


class SendError(AppError):
    """Keys cannot be sent; one plain sentence that says what to do."""


class KeySender(Protocol):
    """Presses keys for the user. Used by one thread at a time.

    Attributes:
        name: How keys are sent, for people.
        sends: Whether keys are really sent.
    """

    name: str
    sends: bool

    def send(self, stroke: KeyStroke) -> None:
        """Press and release a key.

        Raises:
            SendError: It cannot be sent.
        """
        ...

    def focus(self) -> Focus:
        """Return which program would receive a key now; never raises."""
        ...

    def close(self) -> None:
        """Release what the sender holds; may be called more than once."""
        ...


class DryRun:
    """Sends nothing, so that gestures can be tried without a program to control."""

    sends = False

    def __init__(self, name: str = "Dry run: no key is sent.") -> None:
        """Do nothing yet.

        Args:
            name: Why nothing is sent, for people.
        """
        self.name = name

    def send(self, stroke: KeyStroke) -> None:
        """Send nothing."""

    def focus(self) -> Focus:
        """Return that the focus is unknown, since it does not matter."""
        return Focus()

    def close(self) -> None:
        """Do nothing."""

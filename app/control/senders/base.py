"""The protocol of all senders, and the sender that sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.control.arming import Focus
from app.control.keys import KeyStroke
from app.errors import AppError


class SendError(AppError):
    """Keys cannot be sent; one plain sentence that says what to do."""


class NoSuchKeyError(SendError):
    """The keyboard has no such key; others can still be sent."""

    def __init__(self, stroke: KeyStroke) -> None:
        """Say which key, and what to do."""
        super().__init__(
            f"The keyboard has no key for {stroke} in its layout; bind the gesture to another key."
        )


class ModifierHeldError(SendError):
    """Somebody holds a modifier, with which a key would mean something else.

    It is not let go for them: programs and desktops react to that as well.
    """

    def __init__(self, stroke: KeyStroke, held: Sequence[str]) -> None:
        """Say which, and what to do."""
        super().__init__(
            f"The key {stroke} was not sent because {' and '.join(held)} "
            f"{'is' if len(held) == 1 else 'are'} held on the keyboard; let go of it first."
        )


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
            NoSuchKeyError: This key cannot be sent here.
            ModifierHeldError: It cannot be sent now.
            SendError: No key can be sent.
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

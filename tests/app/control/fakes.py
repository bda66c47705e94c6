"""A keyboard that remembers, and verdicts to bring to the control."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.control.arming import Focus, FocusOwner
from app.control.keys import KeyStroke
from app.control.senders.base import SendError
from models.decision import Gesture, Outcome, Verdict

SLIDES = Focus(FocusOwner.OTHER, "process 1")
MAIL = Focus(FocusOwner.OTHER, "process 2")
US = Focus(FocusOwner.US)


@dataclass
class RememberingSender:
    """Remembers what it was to send, and lets a test say who has the keyboard."""

    name: str = "memory"
    sends: bool = True
    where: Focus = SLIDES
    error: SendError | None = None
    sent: list[str] = field(default_factory=list)
    closed: int = 0

    def send(self, stroke: KeyStroke) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(str(stroke))

    def focus(self) -> Focus:
        return self.where

    def close(self) -> None:
        self.closed += 1


def fired(label: str, time_s: float) -> Verdict:
    gesture = Gesture(label, 0.9, time_s)
    return Verdict(Outcome.FIRED, label, 0.9, 0.6, time_s, gesture=gesture)


def seen(label: str, time_s: float, confidence: float = 0.9) -> Verdict:
    return Verdict(Outcome.HOLDING, label, confidence, 0.6, time_s)

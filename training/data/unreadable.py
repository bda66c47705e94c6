"""Counting clips that cannot be read, and stopping when there are too many.

No clip is replaced silently: every failure is counted, the first ones are named, and a run ends
when their share of the data set exceeds a limit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from training.data.clip import ChooseFrames, Clip, Image
from training.data.errors import DataError, UnreadableClipError

DEFAULT_SHARE = 0.01
"""Share of a data set that may be unreadable, by default."""

NAMED = 5
"""How many of them are named."""

_log = logging.getLogger(__name__)


class Unreadable(NamedTuple):
    """A clip that could not be read.

    Attributes:
        name: Its folder or file.
        reason: What is wrong with it, as a sentence.
    """

    name: str
    reason: str


class UnreadableClips:
    """The unreadable clips of one data set; each counts once, however often it fails."""

    def __init__(self, total: int, share: float = DEFAULT_SHARE, remedy: str = "left out") -> None:
        """Start with no unreadable clip.

        Args:
            total: How many clips the data set has.
            share: Share of them that may be unreadable.
            remedy: What is done about such a clip, for messages, such as "left out".
        """
        if not 0 <= share <= 1:
            raise DataError(f"The share of unreadable clips must be 0 to 1, not {share:g}.")
        self._total = total
        self._share = share
        self._remedy = remedy
        self._reasons: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many clips could not be read."""
        return len(self._reasons)

    def note(self, found: Iterable[Unreadable]) -> None:
        """Count unreadable clips, warn about the first ones, and stop if there are too many.

        Raises:
            DataError: They exceed the allowed share, or no clip can be read at all.
        """
        for name, reason in found:
            if name in self._reasons:
                continue
            self._reasons[name] = reason
            if len(self) == self._total:
                raise DataError(
                    f"None of the {self._total} clips can be read: {' '.join(self._named())} "
                    "Repair the data, or use other data."
                )
            if len(self) > self._share * self._total:
                raise DataError(
                    f"{self._count()} cannot be read, more than the allowed "
                    f"{self._share:.2%}: {' '.join(self._named())} Repair the data, or allow "
                    "a larger share."
                )
            if len(self) <= NAMED:
                _log.warning("%s It is %s.", reason, self._remedy)

    def report(self) -> None:
        """Log at the end how many there were."""
        if self._reasons:
            _log.warning(
                "%s could not be read and were %s: %s",
                self._count(),
                self._remedy,
                " ".join(self._named()),
            )

    def _count(self) -> str:
        return f"{len(self)} of {self._total} clips ({len(self) / self._total:.2%})"

    def _named(self) -> list[str]:
        return list(self._reasons.values())[:NAMED]


def read_clips(
    clips: Sequence[Clip], choose: ChooseFrames, share: float = DEFAULT_SHARE
) -> Iterator[tuple[Clip, Sequence[Image]]]:
    """Read clips one by one, for evaluation; unreadable ones are left out and logged.

    Args:
        clips: All clips.
        choose: Which frames to read.
        share: Share of the clips that may be unreadable.

    Raises:
        DataError: More of them are unreadable.
    """
    unreadable = UnreadableClips(len(clips), share)
    for clip in clips:
        try:
            images = clip.read(choose)
        except UnreadableClipError as error:
            unreadable.note([Unreadable(clip.name, str(error))])
        else:
            yield clip, images
    unreadable.report()

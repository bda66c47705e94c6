"""Counting the clips that cannot be read, and stopping where they are too many.

Nothing stands in for a clip in silence: every failure is counted, the first ones are named, and a
run ends when their share of the data set passes a limit.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from training.data.clip import ChooseFrames, Clip, Image
from training.data.errors import DataError, UnreadableClipError

DEFAULT_SHARE = 0.01
"""Share of a data set that may be unreadable."""

NAMED = 5
"""How many are named."""

_log = logging.getLogger(__name__)


class Unreadable(NamedTuple):
    """A clip that could not be read.

    Attributes:
        name: Its folder or file.
        reason: A sentence.
    """

    name: str
    reason: str


class UnreadableClips:
    """The unreadable clips of one data set. Each counts once, however often it fails.

    Args:
        total: Clips in the data set.
        share: Share of them that may be unreadable.
        remedy: What happens in such a clip's place, for messages.
    """

    def __init__(self, total: int, share: float = DEFAULT_SHARE, remedy: str = "left out") -> None:
        if not 0 <= share <= 1:
            raise DataError(f"The share of unreadable clips must be 0 to 1, not {share:g}.")
        self._total = total
        self._share = share
        self._remedy = remedy
        self._reasons: dict[str, str] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._reasons)

    def note(self, found: Iterable[Unreadable]) -> None:
        """Count unreadable clips, name the first ones, and stop where they are too many.

        Raises:
            DataError: They are more than the share that is allowed, or all clips.
        """
        for name, reason in found:
            if name in self._reasons:
                continue
            self._reasons[name] = reason
            if len(self) == self._total:
                raise DataError(
                    f"None of the {self._total} clips can be read: {' '.join(self._named())} "
                    "Repair the data, or give other."
                )
            if len(self) > self._share * self._total:
                raise DataError(
                    f"{self._count()} cannot be read, more than the {self._share:.2%} that is "
                    f"allowed: {' '.join(self._named())} Repair the data, or allow a larger share."
                )
            if len(self) <= NAMED:
                _log.warning("%s It is %s.", reason, self._remedy)

    def tell(self) -> None:
        """Say at the end how many there were."""
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
    """Read clips one by one, for evaluation; unreadable ones are left out, and that is said.

    Args:
        clips: What there is.
        choose: Which frames to read.
        share: Share of the clips that may be unreadable.

    Raises:
        DataError: They are more than that.
    """
    unreadable = UnreadableClips(len(clips), share)
    for clip in clips:
        try:
            images = clip.read(choose)
        except UnreadableClipError as error:
            unreadable.note([Unreadable(clip.name, str(error))])
        else:
            yield clip, images
    unreadable.tell()

"""How much is kept, reused and skipped: the mixes that the paper reports, block by block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Mix:
    """Shares of all channels of a network.

    Attributes:
        skip: Fraction that is skipped.
        reuse: Fraction that is reused.
        slope: By how much more the first block skips than the last one.
    """

    skip: float
    reuse: float
    slope: float = 0.0

    @property
    def keep(self) -> float:
        """Fraction that is kept."""
        return 1.0 - self.skip - self.reuse

    def of_blocks(self, channels: Sequence[int]) -> list[Mix]:
        """Return the mix of every block, such that all together have this one.

        Args:
            channels: Channels at every fusion site, from input to output.
        """
        last = max(1, len(channels) - 1)
        depths = [index / last for index in range(len(channels))]
        center = sum(d * c for d, c in zip(depths, channels, strict=True)) / sum(channels)
        acting = 1.0 - self.skip
        mixes = []
        for depth in depths:
            skip = self.skip + self.slope * (center - depth)
            reuse = (1.0 - skip) * (self.reuse / acting if acting else 0.0)
            mixes.append(Mix(skip, reuse))
        return mixes


MIXES = {
    # Paper, Fig. 3 (Jester and Something-Something V1); earlier blocks skip more (Fig. 4).
    "jester": Mix(skip=0.712, reuse=0.105, slope=0.2),
    "something": Mix(skip=0.48, reuse=0.24, slope=0.2),
    "dense": Mix(skip=0.0, reuse=0.0),
}

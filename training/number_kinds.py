"""Numbers of a recipe that have a range: jsonargparse refuses others, and names key and range.

To everybody else they are plain numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    ClosedUnitInterval = float
    NonNegativeFloat = float
    NonNegativeInt = int
    PositiveInt = int
else:
    from jsonargparse.typing import (
        ClosedUnitInterval,
        NonNegativeFloat,
        NonNegativeInt,
        PositiveInt,
    )

__all__ = ["ClosedUnitInterval", "NonNegativeFloat", "NonNegativeInt", "PositiveInt"]

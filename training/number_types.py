"""Types of a recipe's numbers that have a range, which jsonargparse enforces and names.

Type checkers see plain numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    AtLeastOne = float
    BelowOne = float
    ClosedUnitInterval = float
    NonNegativeFloat = float
    NonNegativeInt = int
    PositiveInt = int
    PositiveShare = float
else:
    from jsonargparse.typing import (
        ClosedUnitInterval,
        NonNegativeFloat,
        NonNegativeInt,
        PositiveInt,
        restricted_number_type,
    )

    AtLeastOne = restricted_number_type("AtLeastOne", float, (">=", 1))
    BelowOne = restricted_number_type("BelowOne", float, [(">=", 0), ("<", 1)])
    PositiveShare = restricted_number_type("PositiveShare", float, [(">", 0), ("<=", 1)])

__all__ = [
    "AtLeastOne",
    "BelowOne",
    "ClosedUnitInterval",
    "NonNegativeFloat",
    "NonNegativeInt",
    "PositiveInt",
    "PositiveShare",
]

"""The choice among shapes of tiles."""

import pytest

from models.engines.planning.tuning import candidates, most_rows_of_the_fastest, tile_shapes


@pytest.mark.parametrize(
    ("microseconds", "rows"),
    [
        ({3: 514, 4: 512, 6: 516, 8: 515}, 8),
        ({3: 509, 4: 512, 6: 518, 8: 540}, 6),
        ({3: 400, 4: 512, 6: 518, 8: 540}, 3),
    ],
    ids=["noise", "one too many", "clear"],
)
def test_noise_does_not_choose_between_shapes(microseconds: dict[int, float], rows: int) -> None:
    """Near ties go to more rows, whichever was a little faster this time."""
    assert most_rows_of_the_fastest(microseconds) == rows


def test_chosen_shapes_fit_the_registers() -> None:
    shapes = tile_shapes()
    assert {shapes.large, shapes.small} <= set(candidates())

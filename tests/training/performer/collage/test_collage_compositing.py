import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from training.performer.arrays import Picture
from training.performer.collage.compositing import Shadow, composite
from training.performer.collage.sprite import PlacedSprite

_NO_SHADOW = Shadow(0.0, 1.0, 0)
_places = st.tuples(st.floats(-30.0, 60.0), st.floats(-30.0, 50.0), st.floats(-3.0, 3.0))


def square(x: float, y: float, angle: float, opacity: float = 1.0) -> PlacedSprite:
    picture = np.zeros((14, 12, 4), np.float32)
    picture[1:-1, 1:-1] = np.array([0.8, 0.4, 0.2, 1.0], np.float32) * np.float32(opacity)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return PlacedSprite(picture, np.column_stack([turn, (x, y)]))


def background() -> Picture:
    return np.random.default_rng(1).random((40, 50, 3), dtype=np.float32)


@settings(deadline=None)  # The first example compiles.
@given(_places, _places)
def test_motion_blur_is_the_mean_of_its_moments(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> None:
    moments = [[square(*first, opacity=0.7)], [square(*second)]]
    both = composite(background(), moments, _NO_SHADOW)
    each = [composite(background(), [moment], _NO_SHADOW) for moment in moments]
    np.testing.assert_allclose(both, 0.5 * (each[0] + each[1]), atol=1e-5)


@settings(deadline=None)
@given(_places)
def test_nothing_changes_beyond_a_sprites_bounds(place: tuple[float, float, float]) -> None:
    sprite = square(*place)
    drawn = composite(background(), [[sprite]], _NO_SHADOW)
    left, top, right, bottom = sprite.bounds()
    rows, columns = np.nonzero((drawn != background()).any(-1))
    if len(rows):
        assert columns.min() >= left - 1.0
        assert columns.max() <= right + 1.0
        assert rows.min() >= top - 1.0
        assert rows.max() <= bottom + 1.0


def test_the_last_of_a_moment_lies_on_top() -> None:
    over, under = square(10.0, 10.0, 0.0), square(10.0, 10.0, 0.0)
    painted = PlacedSprite(over.picture[..., [2, 1, 0, 3]].copy(), over.matrix)
    drawn = composite(background(), [[under, painted]], _NO_SHADOW)
    np.testing.assert_allclose(drawn[16, 16], (0.2, 0.4, 0.8), atol=1e-5)


def test_a_shadow_darkens_what_lies_behind_and_nothing_else() -> None:
    lit = composite(background(), [[square(10.0, 10.0, 0.0)]], _NO_SHADOW)
    shaded = composite(background(), [[square(10.0, 10.0, 0.0)]], Shadow(0.5, 2.0, 4))
    assert (shaded <= lit + 1e-6).all()
    np.testing.assert_allclose(shaded[16, 16], lit[16, 16], atol=1e-5)
    assert (shaded[27, 16] < 0.9 * lit[27, 16]).all()
    # What leaves the picture below does not come back at the top.
    low = composite(background(), [[square(10.0, 28.0, 0.0)]], Shadow(0.5, 1.0, 6))
    np.testing.assert_array_equal(low[:10], background()[:10])


def test_no_hand_leaves_the_background_as_it_is() -> None:
    ground = background()
    np.testing.assert_array_equal(composite(ground, [[]], _NO_SHADOW), ground)

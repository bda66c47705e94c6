"""The box goes where the hand is, holds on for a moment, and then shows the middle."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.two_views.box import (
    Box,
    BoxSettings,
    BoxState,
    Followed,
    Located,
    default_box,
    follow,
    init_box_state,
    place_values,
)
from models.two_views.network import places_of_clip

ASPECT, HISTORY = 1.4, 4
SETTINGS = BoxSettings()
HAND = Located(Box(0.3, 0.6, 0.2), presence=0.9)
NOTHING = Located(Box(1.0, 0.1, 0.9), presence=0.1)


def followed(located: list[Located], settings: BoxSettings = SETTINGS) -> list[Followed]:
    state, result = init_box_state(HISTORY), []
    for each in located:
        result.append(follow(each, state, ASPECT, settings))
        state = result[-1].state
    return result


def test_without_a_hand_the_view_shows_the_middle_in_full_height() -> None:
    (first,) = followed([NOTHING])
    assert first.box == default_box(ASPECT, SETTINGS) == Box(0.7, 0.5, SETTINGS.hand_share)
    assert not first.seen


def test_a_hand_is_followed_at_once() -> None:
    moved = HAND._replace(box=HAND.box._replace(x=1.1))
    steps = followed([NOTHING, HAND, moved])
    assert steps[1].box == HAND.box
    assert steps[2].box.x == moved.box.x


def test_the_size_changes_by_half_on_a_logarithmic_scale() -> None:
    larger = HAND._replace(box=HAND.box._replace(size=0.8))
    assert followed([HAND, larger])[1].box.size == pytest.approx(0.4)


def test_a_lost_hand_is_kept_for_two_frames_and_then_given_up() -> None:
    steps = followed([HAND, NOTHING, NOTHING, NOTHING])
    assert [step.box == HAND.box for step in steps] == [True, True, True, False]
    assert [step.seen for step in steps] == [True, False, False, False]
    assert steps[3].box == default_box(ASPECT, SETTINGS)


def test_a_hand_that_comes_back_later_brings_its_own_size() -> None:
    larger = HAND._replace(box=HAND.box._replace(size=0.8))
    assert followed([HAND, NOTHING, NOTHING, larger])[3].box == larger.box


def test_places_tell_this_frame_and_how_far_it_is_from_those_before() -> None:
    moved = HAND._replace(box=HAND.box._replace(x=0.5))
    steps = followed([HAND, moved])
    place = steps[1].place.reshape(HISTORY, 4)
    np.testing.assert_allclose(place[0], place_values(moved.box, seen=True, aspect=ASPECT))
    np.testing.assert_allclose(place[1], [0.2, 0.0, 0.0, 0.0], atol=1e-6)


def test_places_of_a_stream_equal_those_of_the_clip() -> None:
    rng = np.random.default_rng(0)
    located = [
        Located(Box(*rng.uniform(0.1, 0.9, 3)), presence=float(rng.random())) for _ in range(9)
    ]
    steps = followed(located)
    values = [place_values(step.box, seen=step.seen, aspect=ASPECT) for step in steps]
    whole = places_of_clip(torch.from_numpy(np.stack(values))[None], HISTORY)[0]
    np.testing.assert_allclose(whole, np.stack([step.place for step in steps]), atol=1e-6)


def test_the_state_that_went_in_is_not_changed() -> None:
    state = BoxState(HAND.box, 0, np.ones((HISTORY - 1, 4), np.float32))
    follow(NOTHING, state, ASPECT, SETTINGS)
    assert state.places.min() == 1.0


@pytest.mark.parametrize(
    "values", [{"seen_above": 1.0}, {"size_step": 0.0}, {"kept_frames": -1}, {"hand_share": 1.5}]
)
def test_settings_that_no_box_can_follow_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        BoxSettings(**values)  # type: ignore[arg-type]

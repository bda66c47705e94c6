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
    held_box,
    in_square,
    init_box_state,
    judged,
    place_values,
)
from models.two_views.locating import locate
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


def with_held(held: Located) -> BoxState:
    return BoxState(HAND.box, 0, held, (), np.zeros((HISTORY - 1, 4), np.float32))


def test_a_hand_that_the_square_holds_is_kept_whatever_the_locator_misses() -> None:
    held = HAND._replace(box=Box(0.31, 0.6, 0.15))
    step = follow(NOTHING, with_held(held), ASPECT, SETTINGS)
    assert step.seen
    assert step.box == held.box


def test_a_hand_at_rest_stays_where_the_square_saw_it_with_its_size() -> None:
    held = HAND._replace(box=Box(0.3, 0.6, 0.15))
    beside = HAND._replace(box=Box(0.315, 0.6, 0.4))
    box = follow(beside, with_held(held), ASPECT, SETTINGS).box
    assert box.size == held.box.size
    assert held.box.x < box.x < held.box.x + 0.25 * (beside.box.x - held.box.x)


def test_a_hand_that_moved_is_where_the_locator_finds_it_as_large_as_before() -> None:
    held = HAND._replace(box=Box(0.3, 0.6, 0.15))
    moved = HAND._replace(box=Box(0.8, 0.5, 0.4))
    assert follow(moved, with_held(held), ASPECT, SETTINGS).box == Box(0.8, 0.5, 0.15)


def test_a_square_without_a_hand_leaves_the_word_to_the_locator() -> None:
    lost = HAND._replace(box=Box(1.0, 0.2, 0.15), presence=0.1)
    step = follow(HAND, with_held(lost), ASPECT, SETTINGS)
    assert (step.box.x, step.box.y) == (HAND.box.x, HAND.box.y)


def test_what_the_square_says_is_relative_to_its_box() -> None:
    hand = in_square(np.array([0.5, -0.25, 1.0, 0.0], np.float32), Box(0.4, 0.6, 0.2))
    np.testing.assert_allclose(hand.box, (0.5, 0.55, 0.4), rtol=1e-6)
    assert hand.presence == 0.5


@pytest.mark.parametrize("values", [[1e30] * 4, [-1e30] * 4, [np.nan] * 4])
def test_wild_values_leave_a_box_that_can_be_cut_out(values: list[float]) -> None:
    box = Box(0.4, 0.6, 0.2)
    for _ in range(20):  # a square around what the last one said
        hand = in_square(np.array(values, np.float32), box)
        box = hand.box
        assert 0.01 < box.size < 5.0
        assert max(abs(box.x), abs(box.y)) < 10.0
    if np.isnan(values[3]):
        assert held_box(with_held(hand), SETTINGS) is None
    else:
        assert 0.0 <= hand.presence <= 1.0


@pytest.mark.parametrize("value", [1e30, -1e30, np.nan])
def test_a_wild_locator_gives_a_box_that_can_be_cut_out(value: float) -> None:
    scores, boxes = np.zeros(4 * 6 + 1, np.float32), np.full((3, 4, 6), value, np.float32)
    box = locate(scores, boxes, 32).box
    assert 0.01 < box.size < 5.0
    assert max(abs(box.x), abs(box.y)) < 10.0


def test_of_two_likely_hands_the_nearer_is_taken_and_a_clear_one_wherever_it_is() -> None:
    scores, boxes = np.zeros(4 * 6 + 1, np.float32), np.zeros((3, 4, 6), np.float32)
    scores[0], scores[-2] = 5.0, 6.0
    last = locate(scores, boxes, 32).box
    near_first = Box(0.1, 0.1, 0.2)
    assert locate(scores, boxes, 32, near_first).box.x < last.x
    scores[-2] = 9.0
    assert locate(scores, boxes, 32, near_first).box == last


REFUSING = BoxSettings(refused_frames=2)
FACE = Located(Box(0.7, 0.3, 0.3), presence=0.1)


def test_where_the_square_saw_no_hand_the_locator_is_believed_less_for_a_while() -> None:
    state = init_box_state(HISTORY)
    state = judged(follow(HAND, state, ASPECT, REFUSING), FACE, REFUSING)
    assert [place.box for place in state.refused] == [HAND.box]
    moved = HAND._replace(box=Box(1.2, 0.6, 0.2))
    state = judged(follow(moved, state, ASPECT, REFUSING), moved, REFUSING)
    assert [place.box for place in state.refused] == [HAND.box]
    state = judged(follow(moved, state, ASPECT, REFUSING), moved, REFUSING)
    assert state.refused == ()


def test_nothing_is_refused_without_the_setting_or_where_nobody_was_found() -> None:
    state = init_box_state(HISTORY)
    assert judged(follow(HAND, state, ASPECT, SETTINGS), FACE, SETTINGS).refused == ()
    assert judged(follow(NOTHING, state, ASPECT, REFUSING), FACE, REFUSING).refused == ()


def test_a_refused_place_must_be_much_likelier_to_be_taken_again() -> None:
    scores, boxes = np.zeros(4 * 6 + 1, np.float32), np.zeros((3, 4, 6), np.float32)
    scores[0], scores[-2] = 6.0, 5.0
    face = locate(scores, boxes, 32).box
    assert locate(scores, boxes, 32, refused=[face]).box.x > face.x
    scores[0] = 12.0
    assert locate(scores, boxes, 32, refused=[face]).box == face


def test_the_state_that_went_in_is_not_changed() -> None:
    state = BoxState(HAND.box, 0, None, (), np.ones((HISTORY - 1, 4), np.float32))
    follow(NOTHING, state, ASPECT, SETTINGS)
    assert state.places.min() == 1.0


@pytest.mark.parametrize(
    "values",
    [
        {"seen_above": 1.0},
        {"size_step": 0.0},
        {"kept_frames": -1},
        {"held_above": 0.0},
        {"moved_sizes": 0.0},
        {"refused_frames": -1},
        {"hand_share": 1.5},
    ],
)
def test_settings_that_no_box_can_follow_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        BoxSettings(**values)  # type: ignore[arg-type]

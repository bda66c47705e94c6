"""What a net would learn from a collage, told from its pixels."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.training.performer.collage.textures import write_textures
from training.labels import JESTER_LABELS
from training.performer.arrays import Picture
from training.performer.collage.act import (
    COLLAGE_LABELS,
    GESTURE_LABELS,
    Act,
    Phase,
    compose_act,
)
from training.performer.collage.backdrop import sample_backdrop
from training.performer.collage.compositing import Shadow, composite
from training.performer.collage.hands import Hands, make_hands
from training.performer.collage.shapes import HandShape
from training.performer.collage.texture_library import Library, open_library
from training.performer.framing import sample_framing

_HEIGHT, _WIDTH = 72, 96
_DURATION_S = 1.6
_NO_SHADOW = Shadow(0.0, 1.0, 0)
_SEEDS = range(6)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return open_library(write_textures(tmp_path_factory.mktemp("textures")))


def staged(label: str, seed: int, library: Library) -> tuple[Act, Hands]:
    rng = np.random.default_rng([seed, JESTER_LABELS.index(label)])
    backdrop = sample_backdrop(rng, library, _HEIGHT, _WIDTH, quiet=False)
    act = compose_act(label, rng, backdrop.person.framing, _DURATION_S)
    return act, make_hands(rng, library, act, backdrop.person)


def hand_alone(act: Act, hands: Hands, time_s: float) -> Picture:
    """Return the hand without its arm over black, as the finished clip shows it; RGB."""
    black = np.zeros((_HEIGHT, _WIDTH, 3), np.float32)
    picture = composite(black, [hands.at(time_s)[-1:]], _NO_SHADOW)
    return picture[:, ::-1] if act.flipped else picture


def ends(label: str, seed: int, library: Library) -> tuple[Picture, Picture]:
    act, hands = staged(label, seed, library)
    cue = act.cue
    return hand_alone(act, hands, cue.start_s), hand_alone(act, hands, cue.end_s)


def center(picture: Picture) -> tuple[float, float]:
    """Return the hand's center: to the right and upward, pixels."""
    rows, columns = np.nonzero(picture.max(-1) > 0.0)
    return float(columns.mean()), -float(rows.mean())


def reach(picture: Picture) -> int:
    """Return the area of the box around a hand, pixels."""
    rows, columns = np.nonzero(picture.max(-1) > 0.0)
    return int(np.ptp(rows) + 1) * int(np.ptp(columns) + 1)


@pytest.mark.parametrize("gesture", ["Swiping", "Sliding Two Fingers"])
@pytest.mark.parametrize(
    ("direction", "right", "up"), [("Left", 1, 0), ("Right", -1, 0), ("Down", 0, -1), ("Up", 0, 1)]
)
def test_hands_move_as_in_jester(
    gesture: str, direction: str, right: int, up: int, library: Library
) -> None:
    for seed in _SEEDS:
        first, last = (center(p) for p in ends(f"{gesture} {direction}", seed, library))
        travelled = (last[0] - first[0]) * right + (last[1] - first[1]) * up
        assert travelled > 0.15 * _HEIGHT, seed


@pytest.mark.parametrize(
    "label",
    [
        "Pushing Hand Away",
        "Pushing Two Fingers Away",
        "Zooming In With Full Hand",
        "Zooming In With Two Fingers",
    ],
)
def test_what_comes_near_or_opens_grows(label: str) -> None:
    # Painted hands cannot spread their fingers.
    rendered = open_library(None)
    opposite = {"Pushing": "Pulling", "Away": "In", "Zooming In": "Zooming Out"}
    other = label
    for word, replacement in opposite.items():
        other = other.replace(word, replacement)
    assert other in JESTER_LABELS
    for seed in _SEEDS:
        first, last = ends(label, seed, rendered)
        assert reach(last) > 1.1 * reach(first), seed
        first, last = ends(other, seed, rendered)
        assert reach(first) > 1.1 * reach(last), seed


@pytest.mark.parametrize(("label", "up"), [("Thumb Up", 1.0), ("Thumb Down", -1.0)])
def test_thumbs_point_where_the_label_says(label: str, up: float, library: Library) -> None:
    seen = 0
    for seed in range(16):
        _, picture = ends(label, seed, library)
        red, blue = picture[..., 0], picture[..., 2]
        fist = red > 0.0
        # The painted thumb is blue beside its fist; rendered hands have no such thumb.
        thumb = blue > 4.0 * red * np.median(blue[fist] / red[fist])
        if thumb.sum() < 6:
            continue
        seen += 1
        height = -float(np.nonzero(thumb)[0].mean())
        assert (height - center(picture)[1]) * up > 2.0, seed
    assert seen >= 6


def test_a_stop_sign_stays_where_it_is(library: Library) -> None:
    for seed in _SEEDS:
        act, hands = staged("Stop Sign", seed, library)
        cue = act.cue
        middle_s = 0.5 * (cue.start_s + cue.end_s)
        first = center(hand_alone(act, hands, middle_s))
        last = center(hand_alone(act, hands, cue.end_s))
        assert np.hypot(last[0] - first[0], last[1] - first[1]) < 0.06 * _HEIGHT


def test_a_shaking_hand_goes_both_ways(library: Library) -> None:
    for seed in _SEEDS:
        act, hands = staged("Shaking Hand", seed, library)
        times = np.linspace(act.cue.start_s, act.cue.end_s, 25)
        steps = np.diff([center(hand_alone(act, hands, float(time)))[0] for time in times])
        assert steps.max() > 0.5
        assert steps.min() < -0.5


@pytest.mark.parametrize("label", GESTURE_LABELS)
def test_a_gesture_lies_within_its_clip(label: str) -> None:
    rng = np.random.default_rng(JESTER_LABELS.index(label))
    framing = sample_framing(rng, _HEIGHT)
    for _ in range(10):
        act = compose_act(label, rng, framing, _DURATION_S)
        assert 0.0 < act.cue.start_s < act.cue.end_s < _DURATION_S
        assert act.phase_at(0.5 * (act.cue.start_s + act.cue.end_s)) is Phase.STROKE
        assert act.phase_at(act.cue.end_s + 1e-6) is Phase.HOLD


def test_phases_follow_each_other() -> None:
    rng = np.random.default_rng(1)
    framing = sample_framing(rng, _HEIGHT)
    for _ in range(20):
        act = compose_act("Swiping Up", rng, framing, _DURATION_S)
        told = [act.phase_at(float(time)) for time in np.linspace(-1.0, 3.0, 400)]
        order = [phase for phase, before in zip(told[1:], told, strict=False) if phase != before]
        allowed = [Phase.RAISE, Phase.HOLD, Phase.STROKE, Phase.HOLD, Phase.RETRACT, Phase.REST]
        positions = iter(allowed)
        assert all(phase in positions for phase in order), order


def idle_acts(count: int = 150) -> list[Act]:
    rng = np.random.default_rng(1)
    framing = sample_framing(rng, _HEIGHT)
    return [compose_act("Doing other things", rng, framing, _DURATION_S) for _ in range(count)]


def count(acts: list[Act], fits: Callable[[Act], bool]) -> int:
    return sum(fits(act) for act in acts)


def test_other_things_hold_strokes_that_must_not_count() -> None:
    acts = idle_acts()
    ended = [act for act in acts if act.cue.end_s <= 0.0]
    # Such a hand is still in view, on its way down, and never in its stroke.
    assert count(ended, lambda act: act.phase_at(0.2) in (Phase.HOLD, Phase.RETRACT)) > 10
    for act in ended:
        assert all(act.phase_at(time / 10) is not Phase.STROKE for time in range(1, 17))
    begun = count(acts, lambda act: act.cue.start_s > _DURATION_S - 0.2)
    assert begun > 5
    still = count(acts, lambda act: act.phase_at(0.0) is Phase.HOLD)
    assert still > 10


def test_all_labels_are_jesters() -> None:
    assert set(COLLAGE_LABELS) < set(JESTER_LABELS)
    assert len(set(COLLAGE_LABELS)) == len(COLLAGE_LABELS) == 22


def test_a_hand_at_rest_is_not_in_view(library: Library) -> None:
    act, hands = staged("Swiping Left", 3, library)
    assert hand_alone(act, hands, 0.5 * (act.cue.start_s + act.cue.end_s)).max() > 0.0
    assert hand_alone(act, hands, act.cue.busy_from_s - 0.01).max() == 0.0
    assert hand_alone(act, hands, act.cue.busy_until_s + 0.01).max() == 0.0


def test_a_palm_that_is_no_stop_sign_does_not_stay() -> None:
    for act in idle_acts():
        inside = act.cue.start_s > 0.0 and act.cue.end_s < _DURATION_S
        if inside and act.shapes[0] is HandShape.OPEN_PALM:
            assert act.cue.hold_before_s + act.cue.hold_after_s < 0.2
            assert act.cue.gesture.duration_s < 0.7

"""What each gesture means, checked on the geometry before anything is drawn."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from training.performer.framing import Framing, sample_framing
from training.performer.gesture import Gesture
from training.performer.hand import hand_primitives
from training.performer.handshapes import counted_fingers
from training.performer.motion import HandState, Track
from training.performer.primitives import POINT_B
from training.performer.repertoire import compose

SEEDS = range(12)
INDEX_TIP, LITTLE_TIP, THUMB_TIP = 3, 18, 29  # rows of a hand's primitive table
MIDDLE_TIP, RING_TIP = 8, 13


def performed(label: str, seed: int) -> tuple[Gesture, Track, Framing]:
    rng = np.random.default_rng(seed)
    framing = sample_framing(rng, 100)
    gesture, _ = compose(label, rng, framing)
    return gesture, Track(gesture.keyframes, gesture.oscillations), framing


def tips(state: HandState) -> NDArray[np.float64]:
    """Camera-space fingertips, index to little finger and thumb, with the wrist at the origin."""
    rows = hand_primitives(state.pose, state.rotation, np.zeros(3), 1.0)
    order = [INDEX_TIP, MIDDLE_TIP, RING_TIP, LITTLE_TIP, THUMB_TIP]
    return rows[order, POINT_B : POINT_B + 3]


@pytest.mark.parametrize("kind", ["Swiping", "Sliding Two Fingers"])
@pytest.mark.parametrize(
    ("word", "across", "upward"), [("Left", 1, 0), ("Right", -1, 0), ("Up", 0, 1), ("Down", 0, -1)]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_swipes_go_where_jester_says(
    kind: str, word: str, across: int, upward: int, seed: int
) -> None:
    gesture, track, framing = performed(f"{kind} {word}", seed)
    start, end = track.at(0.0), track.at(gesture.duration_s)
    moved_u, moved_v = (end.u - start.u) * framing.aspect, end.v - start.v
    along = across * moved_u + upward * moved_v
    aside = abs(upward * moved_u + across * moved_v)
    assert along > 0.5  # a quarter of the picture's height at least
    assert aside < 0.6 * along


@pytest.mark.parametrize("what", ["Hand", "Two Fingers"])
@pytest.mark.parametrize("seed", SEEDS)
def test_pushing_grows_and_pulling_shrinks_the_hand(what: str, seed: int) -> None:
    push, track, _ = performed(f"Pushing {what} Away", seed)
    assert track.at(push.duration_s).distance < 0.7 * track.at(0.0).distance
    pull, track, _ = performed(f"Pulling {what} In", seed)
    assert track.at(0.0).distance < 0.7 * track.at(pull.duration_s).distance


@pytest.mark.parametrize(("word", "sense"), [("Forward", 1.0), ("Backward", -1.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_top_of_a_forward_roll_moves_toward_the_camera(
    word: str, sense: float, seed: int
) -> None:
    gesture, track, _ = performed(f"Rolling Hand {word}", seed)
    times = np.arange(0.2, gesture.duration_s - 0.2, 0.01)
    heights = np.array([track.at(float(time)).v for time in times])
    approach = -np.gradient([track.at(float(time)).distance for time in times])
    high = heights > heights.max() - 0.1
    assert high.any()
    assert (sense * approach[high]).mean() > 0.0


@pytest.mark.parametrize(("word", "sense"), [("Clockwise", -1.0), ("Counterclockwise", 1.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_turning_is_as_the_unmirrored_picture_shows_it(word: str, sense: float, seed: int) -> None:
    gesture, track, _ = performed(f"Turning Hand {word}", seed)
    angles = []
    for time in np.linspace(0.0, gesture.duration_s, 20):
        across = tips(track.at(float(time)))[[0, 3]]  # from little finger to index finger
        angles.append(math.atan2(across[0, 1] - across[1, 1], across[0, 0] - across[1, 0]))
    turned = np.unwrap(angles)
    assert math.radians(80) < sense * (turned[-1] - turned[0]) < math.radians(190)


@pytest.mark.parametrize("seed", SEEDS)
def test_zooming_in_opens_and_zooming_out_closes(seed: int) -> None:
    for what, fingers in (("Full Hand", slice(0, 4)), ("Two Fingers", slice(0, 1))):
        for way, sense in (("In", 1.0), ("Out", -1.0)):
            gesture, track, _ = performed(f"Zooming {way} With {what}", seed)
            gaps = []
            for time in (0.0, gesture.duration_s):
                points = tips(track.at(time))
                gaps.append(float(np.linalg.norm(points[fingers] - points[4], axis=1).mean()))
            assert sense * (gaps[1] - gaps[0]) > 0.05


@pytest.mark.parametrize(("word", "sense"), [("Up", 1.0), ("Down", -1.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_thumb_stands_out_from_the_fist_and_stays_in_view(
    word: str, sense: float, seed: int
) -> None:
    gesture, track, framing = performed(f"Thumb {word}", seed)
    state = track.at(gesture.duration_s)
    points = tips(state)
    assert (sense * (points[4, 1] - points[:4, 1])).min() > 0.03
    centre = framing.point_at(state.u, state.v, state.distance)
    wrist = centre - state.rotation[:, 1] * 0.085
    u, v = framing.picture_position(wrist + points[4])
    assert abs(u) < 1.0
    assert abs(v) < 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_two_fingers_differ_from_a_full_hand(seed: int) -> None:
    def reach(label: str) -> NDArray[np.float64]:
        _, track, _ = performed(label, seed)
        state = track.at(0.0)
        reached: NDArray[np.float64] = (tips(state) @ state.rotation[:, 1])[:4]
        return reached

    two, full = reach("Sliding Two Fingers Left"), reach("Swiping Left")
    assert two[:2].min() > two[2:].max() + 0.05
    assert full.min() > 0.13


@pytest.mark.parametrize("seed", SEEDS)
def test_hands_are_large(seed: int) -> None:
    for label in ("Stop Sign", "Zooming In With Full Hand", "Shaking Hand"):
        gesture, track, framing = performed(label, seed)
        distance = track.at(gesture.duration_s).distance
        share = framing.distance_for(1.0) / distance
        assert 0.24 < share < 0.65


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_stretch_as_many_fingers(count: int, seed: int) -> None:
    pose = counted_fingers(np.random.default_rng(seed), count)
    shown = HandState(0.0, 0.0, 0.5, np.array([1.0, 0.0, 0.0, 0.0]), pose, np.zeros(3))
    lengths = np.linalg.norm(tips(shown), axis=1)  # from the wrist, metres
    assert (lengths[:4] > 0.13).sum() + (lengths[4] > 0.115) == count

"""What each gesture means, checked on the geometry before anything is drawn."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from training.performer.framing import Framing, sample_framing
from training.performer.gesture import Gesture
from training.performer.hand import (
    HAND_CENTER_M,
    HAND_LENGTH_M,
    hand_joints,
    hand_primitives,
)
from training.performer.handshapes import counted_fingers
from training.performer.motion import HandState, Track
from training.performer.repertoire import STILL_LABELS, compose, compose_still

SEEDS = range(12)
INDEX_TIP, MIDDLE_TIP, LITTLE_TIP, THUMB_TIP = 8, 12, 20, 4  # in MediaPipe's order of joints
INDEX_KNUCKLE, LITTLE_KNUCKLE = 5, 17


def performed(label: str, seed: int, *, plain: bool = False) -> tuple[Gesture, Track, Framing]:
    rng = np.random.default_rng(seed)
    framing = sample_framing(rng, 100)
    gesture, _ = compose(label, rng, framing, plain=plain)
    return gesture, Track(gesture.keyframes, gesture.oscillations), framing


def joints(state: HandState, framing: Framing) -> NDArray[np.float64]:
    """Camera-space joints, meters, shape (21, 3)."""
    center = framing.point_at(state.u, state.v, state.distance)
    wrist = center - state.rotation[:, 1] * HAND_CENTER_M
    return hand_joints(hand_primitives(state.pose, state.rotation, wrist, 1.0), wrist)


def seen(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the picture shows points: right and up, in tangents of the angle of view."""
    shown: NDArray[np.float64] = points[..., :2] / -points[..., 2:]
    return shown


@pytest.mark.parametrize("kind", ["Swiping", "Sliding Two Fingers"])
@pytest.mark.parametrize(
    ("word", "axis", "sense"), [("Left", 0, 1), ("Right", 0, -1), ("Up", 1, 1), ("Down", 1, -1)]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_fingertips_of_a_swipe_go_where_jester_says(
    kind: str, word: str, axis: int, sense: int, seed: int
) -> None:
    gesture, track, framing = performed(f"{kind} {word}", seed)
    ends = [joints(track.at(time), framing) for time in (0.0, gesture.duration_s)]
    tips = np.stack([points[[INDEX_TIP, MIDDLE_TIP]].mean(0) for points in ends])
    moved = np.diff(seen(tips), axis=0)[0] * -tips[:, 2].mean() / HAND_LENGTH_M
    along, aside = sense * moved[axis], abs(moved[1 - axis])
    assert along > 0.15  # of a hand's length, a flick of the knuckles
    assert aside < 1.3 * along


@pytest.mark.parametrize("what", ["Hand", "Two Fingers"])
@pytest.mark.parametrize("seed", SEEDS)
def test_pushing_comes_nearer_and_pulling_goes_away(what: str, seed: int) -> None:
    push, track, _ = performed(f"Pushing {what} Away", seed)
    assert track.at(push.duration_s).distance < 0.85 * track.at(0.0).distance
    pull, track, _ = performed(f"Pulling {what} In", seed)
    assert track.at(0.0).distance < 0.85 * track.at(pull.duration_s).distance


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
    """Seen from the fingers' side, or along the line of sight, the hand turns the right way."""
    gesture, track, _ = performed(f"Turning Hand {word}", seed)
    turned_deg, about_fingers_deg, about_sight_deg = 0.0, 0.0, 0.0
    rotations = [track.at(float(t)).rotation for t in np.linspace(0.0, gesture.duration_s, 20)]
    for before, after in pairwise(rotations):
        step = after @ before.T
        skew = np.array([step[2, 1] - step[1, 2], step[0, 2] - step[2, 0], step[1, 0] - step[0, 1]])
        axis = np.degrees(0.5 * skew)
        turned_deg += float(np.linalg.norm(axis))
        about_fingers_deg += float(axis @ before[:, 1])
        about_sight_deg += float(axis[2])
    assert turned_deg > 50
    assert sense * max(about_fingers_deg, about_sight_deg, key=abs) > 0.8 * turned_deg


@pytest.mark.parametrize("seed", SEEDS)
def test_zooming_in_opens_and_zooming_out_closes(seed: int) -> None:
    for what, fingers in (("Full Hand", [8, 12, 16, 20]), ("Two Fingers", [8])):
        for way, sense in (("In", 1.0), ("Out", -1.0)):
            gesture, track, framing = performed(f"Zooming {way} With {what}", seed)
            gaps = []
            for time in (0.0, gesture.duration_s):
                points = joints(track.at(time), framing)
                gaps.append(
                    float(np.linalg.norm(points[fingers] - points[THUMB_TIP], axis=1).mean())
                )
            assert sense * (gaps[1] - gaps[0]) > 0.035


@pytest.mark.parametrize(("word", "sense"), [("Up", 1.0), ("Down", -1.0)])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_thumb_stands_out_from_the_fist_and_stays_in_view(
    word: str, sense: float, seed: int
) -> None:
    gesture, track, framing = performed(f"Thumb {word}", seed)
    points = joints(track.at(gesture.duration_s), framing)
    others = points[[8, 12, 16, 20, 5, 9, 13, 17]]
    assert (sense * (points[THUMB_TIP, 1] - others[:, 1])).min() > 0.012
    thumb = points[THUMB_TIP] - points[2]
    assert sense * thumb[1] > 0.7 * np.linalg.norm(thumb)
    u, v = framing.picture_position(points[THUMB_TIP])
    assert abs(u) < 1.0
    assert abs(v) < 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stop_sign_shows_its_palm_and_its_fingers_stand_up(seed: int) -> None:
    gesture, track, framing = performed("Stop Sign", seed)
    state = track.at(gesture.duration_s)
    assert state.rotation[2, 2] > 0.6  # the palm's direction, toward the camera
    assert state.rotation[1, 1] > 0.8  # the fingers', up
    points = joints(state, framing)
    stretched = np.linalg.norm(points[[8, 12, 16, 20]] - points[0], axis=1)
    assert stretched.min() > 0.125


def test_fingers_of_a_stop_sign_are_together_as_often_as_apart() -> None:
    gaps = []
    for seed in range(80):
        gesture, track, framing = performed("Stop Sign", seed)
        points = joints(track.at(gesture.duration_s), framing)
        tips, knuckles = points[[8, 20]], points[[INDEX_KNUCKLE, LITTLE_KNUCKLE]]
        gaps.append(np.linalg.norm(tips[0] - tips[1]) / np.linalg.norm(knuckles[0] - knuckles[1]))
    assert 0.3 < (np.array(gaps) < 1.3).mean() < 0.7


@pytest.mark.parametrize("seed", SEEDS)
def test_two_fingers_differ_from_a_full_hand(seed: int) -> None:
    def reach(label: str) -> NDArray[np.float64]:
        _, track, framing = performed(label, seed)
        state = track.at(0.0)
        points = joints(state, framing)
        reached: NDArray[np.float64] = (points[[8, 12, 16, 20]] - points[0]) @ state.rotation[:, 1]
        return reached

    two = reach("Sliding Two Fingers Left")
    assert two[:2].min() > two[2:].max() + 0.02
    assert reach("Stop Sign").min() > 0.12


@pytest.mark.parametrize("label", STILL_LABELS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_still_hand_shows_nothing_but_its_label(label: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    framing = sample_framing(rng, 100)
    gesture, _ = compose_still(label, rng, framing, 3.0)
    first, last = gesture.keyframes[0].state, gesture.keyframes[-1].state
    assert abs(first.u - last.u) + abs(first.v - last.v) < 0.1
    points = joints(first, framing)
    thumb = points[THUMB_TIP] - points[2]
    out = points[THUMB_TIP, 1] - points[[5, 9, 8, 12], 1]
    upright = thumb[1] / np.linalg.norm(thumb)
    shows_palm = first.rotation[2, 2] > 0.75 and first.rotation[1, 1] > 0.85
    reach = np.linalg.norm(points[[8, 12, 16, 20]] - points[0], axis=1)
    folded, stretched = (reach < 0.115).all(), (reach > 0.14).all()
    closed_thumb = np.linalg.norm(points[THUMB_TIP] - points[[5, 9]].mean(0)) < 0.06
    if label == "Doing other things":
        assert not (folded and not closed_thumb and abs(upright) > 0.85 and abs(out).min() > 0.03)
        spread_thumb = np.linalg.norm(points[THUMB_TIP] - points[LITTLE_KNUCKLE]) > 0.06
        assert not (shows_palm and stretched and spread_thumb)
    elif label == "Stop Sign":
        assert first.rotation[2, 2] > 0.6
    else:
        assert (upright > 0.7) == (label == "Thumb Up")


def test_what_only_a_movement_tells_cannot_be_held_still() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="held still"):
        compose_still("Swiping Left", rng, sample_framing(rng, 100), 3.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_hands_are_large_before_a_desk(seed: int) -> None:
    for label in ("Stop Sign", "Zooming In With Full Hand", "Shaking Hand", "Thumb Down"):
        gesture, track, framing = performed(label, seed)
        share = framing.share_at(track.at(gesture.duration_s).distance)
        assert 0.1 < share < 1.0
        assert share > 0.2 or framing.far


@pytest.mark.parametrize("count", range(1, 6))
@pytest.mark.parametrize("seed", SEEDS)
def test_numbers_stretch_as_many_fingers(count: int, seed: int) -> None:
    pose = counted_fingers(np.random.default_rng(seed), count)
    shown = HandState(0.0, 0.0, 0.5, np.array([1.0, 0.0, 0.0, 0.0]), pose, np.zeros(3))
    framing = sample_framing(np.random.default_rng(0), 100)
    points = joints(shown, framing)
    lengths = np.linalg.norm(points[[8, 12, 16, 20, 4]] - points[0], axis=1)  # meters
    assert (lengths[:4] > 0.13).sum() + (lengths[4] > 0.115) == count

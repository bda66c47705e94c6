"""A label must not be known by anything but what defines it.

Small classifiers look at what surrounds a gesture; where they do better than chance, a network
would learn that instead of the hand.
"""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from training.performer.clip import ClipPlan, plan_clip
from training.performer.framing import Framing, sample_framing
from training.performer.hand import HAND_CENTER_M, hand_joints, hand_primitives
from training.performer.hand_truth import hands_at

Samples = NDArray[np.float64]

CLIPS = 90
CLIP_S = 3.0
SHAPES = ("Thumb Up", "Thumb Down", "Stop Sign", "Doing other things")
REVERSED = (
    ("Swiping Left", "Swiping Right"),
    ("Swiping Up", "Swiping Down"),
    ("Sliding Two Fingers Left", "Sliding Two Fingers Right"),
    ("Sliding Two Fingers Up", "Sliding Two Fingers Down"),
    ("Zooming In With Full Hand", "Zooming Out With Full Hand"),
    ("Zooming In With Two Fingers", "Zooming Out With Two Fingers"),
    ("Turning Hand Clockwise", "Turning Hand Counterclockwise"),
    ("Rolling Hand Forward", "Rolling Hand Backward"),
)


def planned(label: str, number: int, *, still: bool = False) -> tuple[ClipPlan, Framing]:
    rng = np.random.default_rng([number, len(label), ord(label[-1]), still])
    framing = sample_framing(rng, 100)
    return plan_clip(label, rng, CLIP_S, framing, still=still), framing


def accuracy(classes: list[Samples]) -> float:
    """How often the nearer of the classes' means is the right one, on the half not learned from.

    Distances count in the pooled spread of each direction, with squares as further features.
    """
    samples = [np.concatenate([one, one**2], axis=1) for one in classes]
    scale = np.concatenate(samples).std(0) + 1e-9
    samples = [one / scale for one in samples]
    learned, asked = [one[::2] for one in samples], [one[1::2] for one in samples]
    means = np.stack([one.mean(0) for one in learned])
    centered = np.concatenate([one - mean for one, mean in zip(learned, means, strict=True)])
    spread = centered.T @ centered / len(centered) + 0.1 * np.eye(centered.shape[1])
    weights = np.linalg.solve(spread, means.T)
    offsets = -0.5 * np.einsum("cf,fc->c", means, weights)
    right = [(one @ weights + offsets).argmax(1) == n for n, one in enumerate(asked)]
    return float(np.mean([hits.mean() for hits in right]))


def surroundings(plan: ClipPlan, framing: Framing) -> list[float]:
    """Where the hand is, how it came, how long it stays, how still it is, and who does it."""
    cue = plan.cue
    assert plan.performance.main is not None
    times_s = np.linspace(0.0, CLIP_S, 13)
    hands = hands_at(plan.performance, framing, 1.0, times_s, flipped=plan.flipped)
    shown = hands_at(
        plan.performance, framing, 1.0, np.array([cue.end_s - 0.1]), flipped=plan.flipped
    )
    left, top, right, bottom = np.nan_to_num(shown.boxes[0, 0].astype(float)).tolist()
    early, late = (plan.performance.main.at(time_s) for time_s in (0.0, CLIP_S))
    places = [plan.performance.main.at(cue.end_s - back_s) for back_s in (0.4, 0.2, 0.0)]
    return [
        0.5 * (left + right),
        0.5 * (top + bottom),
        framing.share_at(plan.performance.main.at(cue.end_s).distance),
        float((hands.in_view[:, 0] > 0.5).mean()),
        float((hands.in_view[:, 1] > 0.5).mean()),
        early.u,
        early.v,
        late.u,
        late.v,
        cue.start_s,
        cue.gesture.duration_s,
        min(cue.raise_s, CLIP_S),
        min(cue.hold_before_s, CLIP_S),
        min(cue.hold_after_s, CLIP_S),
        float(np.ptp([place.u for place in places])),
        float(np.ptp([place.v for place in places])),
        *framing.head.tolist(),
        framing.aspect,
        float(plan.flipped),
    ]


@pytest.mark.parametrize("still", [False, True])
def test_what_surrounds_a_sign_does_not_tell_which_it_is(*, still: bool) -> None:
    """Position, size, entry, tempo, stillness and framing are the same for all shapes."""
    shapes = SHAPES if still else SHAPES[:3]
    classes = [
        np.array([surroundings(*planned(label, number, still=still)) for number in range(CLIPS)])
        for label in shapes
    ]
    assert accuracy(classes) < 1.0 / len(shapes) + 0.12
    for one, other in combinations(classes, 2):
        assert accuracy([one, other]) < 0.66


def middle_joints(label: str, number: int) -> NDArray[np.float64]:
    """What one frame from the middle of the stroke shows of the hand: its joints and its place."""
    plan, framing = planned(label, number)
    assert plan.performance.main is not None
    state = plan.performance.main.at(0.5 * (plan.cue.start_s + plan.cue.end_s))
    center = framing.point_at(state.u, state.v, state.distance)
    wrist = center - state.rotation[:, 1] * HAND_CENTER_M
    points = hand_joints(hand_primitives(state.pose, state.rotation, wrist, 1.0), wrist)
    seen = points[:, :2] / -points[:, 2:]
    if plan.flipped:
        seen[:, 0] *= -1.0
    size = np.linalg.norm(seen[9] - seen[0]) + np.linalg.norm(seen[5] - seen[17])
    shape = (seen[[4, 5, 8, 12, 17, 20]] - seen[0]) / size
    return np.concatenate([shape.ravel(), seen[0], [np.log(size)]])


@pytest.mark.parametrize("pair", REVERSED)
def test_one_frame_does_not_tell_which_way_a_movement_goes(pair: tuple[str, str]) -> None:
    classes = [
        np.stack([middle_joints(label, number) for number in range(2 * CLIPS)]) for label in pair
    ]
    assert accuracy(classes) < 0.68


def test_the_small_classifier_finds_a_shortcut_where_there_is_one() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(0.0, 1.0, (CLIPS, 5))
    other = one.copy()
    assert accuracy([one, rng.permutation(other)]) < 0.66
    other[:, 2] = np.abs(other[:, 2]) + 1.0
    assert accuracy([one, other]) > 0.75

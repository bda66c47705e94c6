"""What a gesture is to the performer, and the draws that all gestures share."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.framing import Framing
from training.performer.hand import HAND_CENTER_M
from training.performer.handshapes import relaxed_hand
from training.performer.held_thing import HeldThing
from training.performer.motion import HandState, Keyframe, Oscillation
from training.performer.rotation import hand_basis, quaternion_from_matrix, unit

WRIST_LEVER_M = HAND_CENTER_M
ELBOW_LEVER_M = 0.25 + HAND_CENTER_M


@dataclass(frozen=True)
class Gesture:
    """One gesture's stroke, on a clock of its own that starts with the stroke.

    Attributes:
        label: A Jester label.
        keyframes: The main hand's key states, first at 0 s, last at the stroke's end.
        duration_s: Length of the stroke.
        oscillations: Movements on top of the key states.
        second: The same for the other hand, in the space of a mirrored picture; empty if it rests.
        second_oscillations: Movements on top of `second`.
        unrest: How lively head and body are meanwhile; 1 is someone sitting still.
        hands_hidden: True if no hand comes up at all.
        held: What the hand carries, if anything.
    """

    label: str
    keyframes: tuple[Keyframe, ...]
    duration_s: float
    oscillations: tuple[Oscillation, ...] = ()
    second: tuple[Keyframe, ...] = ()
    second_oscillations: tuple[Oscillation, ...] = ()
    unrest: float = 1.0
    hands_hidden: bool = False
    held: HeldThing | None = None


@dataclass(frozen=True)
class Draw:
    """A person's choices for one gesture: where the hand works, how large, how fast.

    Attributes:
        rng: Source of chance.
        framing: The camera's view.
        share: Share of the picture's height that the stretched hand fills.
        u: Picture position that the gesture is built around.
        v: The same, vertically.
        duration_s: Length of the stroke.
        elbow: Offset of the elbow from its natural place, shape (3,), meters.
        plain: True for someone who shows a gesture to others, in its plainest manner.
    """

    rng: np.random.Generator
    framing: Framing
    share: float
    u: float
    v: float
    duration_s: float
    elbow: Floats = field(default_factory=lambda: np.zeros(3))
    plain: bool = False

    @property
    def distance(self) -> float:
        """Distance of the hand from the camera, meters."""
        return self.framing.distance_for(self.share)

    def jitter(self, spread: float) -> Floats:
        """Return a small random vector, shape (3,)."""
        return self.rng.normal(0.0, spread, 3)

    def beside_face(self) -> "Draw":
        """Return the draw with the hand mostly moved off the face, whose color would hide it."""
        head_u, head_v = self.framing.picture_position(self.framing.head)
        below_chin = self.v < head_v - 0.5
        if below_chin or abs(head_u) > 1.0 or self.chance(0.25):
            return self
        gap = self.between(0.55, 0.75) / self.framing.aspect
        return replace(self, u=float(np.clip(head_u - gap, -0.7, max(self.u, -0.7))))

    def between(self, low: float, high: float) -> float:
        """Return a uniform draw."""
        return float(self.rng.uniform(low, high))

    def side(self, positive: float = 0.5) -> float:
        """Return 1 with a probability, otherwise -1."""
        return 1.0 if self.chance(positive) else -1.0

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return bool(self.rng.random() < probability)

    def direction(self, x: float, y: float, z: float, spread: float = 0.0) -> Floats:
        """Return the unit vector along (x, y, z), a little off."""
        return unit(np.array([x, y, z]) + self.jitter(spread))

    def state(
        self,
        pose: Floats,
        fingers: Sequence[float] | Floats,
        palm: Sequence[float] | Floats,
        **changes: float,
    ) -> HandState:
        """Return a hand at the draw's place; `changes` override `u`, `v` or `distance`."""
        orientation = quaternion_from_matrix(hand_basis(fingers, palm))
        base = HandState(self.u, self.v, self.distance, orientation, pose, self.elbow)
        return replace(base, **changes)  # type: ignore[arg-type]

    def state_at(
        self,
        point: Floats,
        pose: Floats,
        fingers: Sequence[float] | Floats,
        palm: Sequence[float] | Floats,
    ) -> HandState:
        """Return a hand whose palm's center is at a camera-space point, shape (3,), meters."""
        u, v = self.framing.picture_position(point)
        return self.state(pose, fingers, palm, u=u, v=v, distance=-float(point[2]))

    def turned_about(
        self, lever_m: float, pose: Floats, *turns: tuple[Floats, Floats]
    ) -> tuple[HandState, ...]:
        """Return a hand that turns about a joint of its arm.

        The joint is placed so that the draw's place is the middle between the first and the last
        state.

        Args:
            lever_m: From the joint to the palm's center: `WRIST_LEVER_M` or `ELBOW_LEVER_M`.
            pose: Joint angles.
            turns: Where the fingers and where the palm points, for each state.
        """
        fingers = [unit(turn[0]) for turn in turns]
        middle = self.framing.point_at(self.u, self.v, self.distance)
        joint = middle - 0.5 * lever_m * (fingers[0] + fingers[-1])
        return tuple(
            self.state_at(joint + lever_m * along, pose, along, palm)
            for along, (_, palm) in zip(fingers, turns, strict=True)
        )

    def stroke(
        self, label: str, *states: HandState, shares: Sequence[float] | None = None
    ) -> Gesture:
        """Return the gesture that passes through `states`.

        Args:
            label: What the gesture is called.
            states: The key states, in order.
            shares: When each is reached, from 0 (the start) to 1 (the end); None for even
                intervals.
        """
        times = self.duration_s * np.asarray(
            np.linspace(0.0, 1.0, len(states)) if shares is None else shares
        )
        keys = (Keyframe(float(time), state) for time, state in zip(times, states, strict=True))
        return Gesture(label, tuple(keys), self.duration_s)


def sample_draw(
    rng: np.random.Generator,
    framing: Framing,
    duration_range_s: tuple[float, float],
    *,
    plain: bool = False,
) -> Draw:
    """Draw size, place and speed, in the same way whatever the gesture is.

    An upright hand of this size and place lies inside the picture.

    Args:
        rng: Source of chance.
        framing: The camera's view.
        duration_range_s: Range of the stroke's length.
        plain: True for someone who shows the gesture to others: at a middle size and place.
    """
    large = not plain and rng.random() < 0.4
    distance = framing.distance_for(rng.uniform(0.55, 0.88) if large else rng.uniform(0.34, 0.56))
    share = framing.share_at(distance)
    head_u, head_v = framing.picture_position(framing.head)
    shoulder_u, _ = framing.picture_position(framing.head + np.array([-0.17, 0.0, 0.0]))
    side = max(0.9 - 0.55 * share / framing.aspect, 0.05)
    anywhere = not plain and (rng.random() < 0.4 or abs(head_u) > 1.0)
    u = rng.normal(0.0, 0.35) if anywhere else rng.normal(0.75 * shoulder_u, 0.2)
    top, bottom = 0.95 - 1.05 * share, 0.75 * share - 0.9
    chest = head_v - 0.3 if framing.far else min(head_v, 0.3) - 0.2
    v = rng.normal(chest, 0.22) if plain else rng.normal(chest - 0.06, 0.28)
    draw = Draw(
        rng,
        framing,
        share,
        float(np.clip(u, -side, side)),
        float(np.clip(v, min(bottom, top), max(top, bottom))),
        rng.uniform(*duration_range_s),
        _sample_elbow(rng),
        plain,
    )
    return draw.beside_face() if plain or draw.chance(0.5) else draw


def _sample_elbow(rng: np.random.Generator) -> Floats:
    """Draw where the elbow is: mostly hanging, often lifted or propped up, shape (3,), meters."""
    if rng.random() < 0.65:
        return np.array(
            [rng.uniform(-0.10, 0.05), rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.1)]
        )
    return np.array([rng.uniform(-0.2, 0.08), rng.uniform(0.0, 0.38), rng.uniform(-0.1, 0.15)])


def resting_state(draw: Draw) -> HandState:
    """Return the hand at rest: mostly below the picture, or beside it, or low in it."""
    fingers = draw.direction(0.1, 1.0, 0.3, 0.3)
    palm = draw.direction(0.6, -0.2, 0.4, 0.3)
    framing = draw.framing
    if framing.far:  # the arm hangs down, in the picture or below it
        point = framing.head + np.array([draw.between(-0.35, -0.2), -0.78, 0.05])
        u, v = framing.picture_position(point)
        hanging = draw.direction(0.1, -1.0, 0.2, 0.15)
        return draw.state(
            relaxed_hand(draw.rng), hanging, palm, u=u, v=v, distance=-float(point[2])
        )
    share = min(draw.share, 0.5)
    distance = framing.distance_for(share) + 0.05
    state = draw.state(
        relaxed_hand(draw.rng), fingers, palm, v=-1.15 - 1.6 * share, distance=distance
    )
    where = 0.0 if draw.plain else draw.rng.random()
    if where < 0.6:
        return state
    if where < 0.82:  # on an armrest, a wheel, the corner of a table
        out = 1.1 + 1.3 * share / framing.aspect
        return replace(state, u=draw.side() * out, v=draw.between(-0.8, 0.7))
    return replace(state, v=draw.between(-1.05, -0.6), distance=draw.distance)

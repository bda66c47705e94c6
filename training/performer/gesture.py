"""What a gesture is to the performer, and the draws that all gestures share."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.framing import Framing
from training.performer.handshapes import relaxed_hand
from training.performer.motion import HandState, Keyframe, Oscillation
from training.performer.rotation import hand_basis, quaternion_from_matrix, unit


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
        holds_cup: True if the hand carries a cup.
    """

    label: str
    keyframes: tuple[Keyframe, ...]
    duration_s: float
    oscillations: tuple[Oscillation, ...] = ()
    second: tuple[Keyframe, ...] = ()
    second_oscillations: tuple[Oscillation, ...] = ()
    unrest: float = 1.0
    hands_hidden: bool = False
    holds_cup: bool = False


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
    """

    rng: np.random.Generator
    framing: Framing
    share: float
    u: float
    v: float
    duration_s: float
    elbow: Floats = field(default_factory=lambda: np.zeros(3))

    @property
    def distance(self) -> float:
        """Distance of the hand from the camera, metres."""
        return self.framing.distance_for(self.share)

    def jitter(self, spread: float) -> Floats:
        """Return a small random vector, shape (3,)."""
        return self.rng.normal(0.0, spread, 3)

    def beside_face(self) -> "Draw":
        """Return the draw with the hand mostly moved off the face, whose colour would hide it."""
        head_u, head_v = self.framing.picture_position(self.framing.head)
        below_chin = self.v < head_v - 0.5
        if below_chin or self.chance(0.25):
            return self
        gap = self.between(0.55, 0.75) / self.framing.aspect
        return replace(self, u=float(np.clip(head_u - gap, -0.7, max(self.u, -0.7))))

    def between(self, low: float, high: float) -> float:
        """Return a uniform draw."""
        return float(self.rng.uniform(low, high))

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

    def stroke(self, label: str, *states: HandState) -> Gesture:
        """Return the gesture that passes through `states` at even intervals."""
        times = np.linspace(0.0, self.duration_s, len(states))
        keys = (Keyframe(float(time), state) for time, state in zip(times, states, strict=True))
        return Gesture(label, tuple(keys), self.duration_s)


def sample_draw(
    rng: np.random.Generator, framing: Framing, duration_range_s: tuple[float, float]
) -> Draw:
    """Draw size, place and speed so that an upright hand stays inside the picture."""
    distance = framing.distance_for(rng.uniform(0.36, 0.6))
    share = framing.distance_for(1.0) / distance
    shoulder_u, _ = framing.picture_position(framing.head + np.array([-0.17, 0.0, 0.0]))
    side = 0.9 - 0.55 * share / framing.aspect
    u = float(np.clip(rng.normal(0.75 * shoulder_u, 0.2), -side, 0.45))
    top, bottom = 0.95 - 1.05 * share, 0.75 * share - 0.9
    v = float(np.clip(rng.normal(-0.08, 0.2), min(bottom, top), top))
    elbow = np.array([rng.uniform(-0.10, 0.05), rng.uniform(-0.05, 0.05), rng.uniform(-0.05, 0.1)])
    return Draw(rng, framing, share, u, v, rng.uniform(*duration_range_s), elbow)


def resting_state(draw: Draw) -> HandState:
    """Return the hand at rest, below the picture's lower edge."""
    fingers = draw.direction(0.1, 1.0, 0.3, 0.3)
    palm = draw.direction(0.6, -0.2, 0.4, 0.3)
    share = min(draw.share, 0.5)
    distance = draw.framing.distance_for(share) + 0.05
    low = -1.15 - 1.6 * share
    return draw.state(relaxed_hand(draw.rng), fingers, palm, v=low, distance=distance)

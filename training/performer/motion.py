"""A hand's state over time: key states, smooth moves between them, and oscillations on top."""

import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from training.performer.arrays import Floats
from training.performer.rotation import (
    axis_rotation,
    matrix_from_quaternion,
    quaternion_from_matrix,
    slerp,
)


@dataclass(frozen=True)
class HandState:
    """Where a hand is and what it looks like.

    Attributes:
        u: Picture position of the palm's center, -1 (left edge) to 1 (right edge).
        v: The same, -1 (bottom) to 1 (top).
        distance: Distance from the camera along its axis, meters.
        orientation: Quaternion (w, x, y, z) of the hand's basis.
        pose: Joint angles, shape (21,), radians.
        elbow: Offset of the elbow from its natural place, shape (3,), meters.
    """

    u: float
    v: float
    distance: float
    orientation: Floats
    pose: Floats
    elbow: Floats

    @property
    def rotation(self) -> Floats:
        """The orientation as a (3, 3) matrix."""
        return matrix_from_quaternion(self.orientation)

    def resembles(self, other: "HandState", tolerance: float = 2e-3) -> bool:
        """Return True if both look the same, to a fraction of the picture or of a radian."""
        return (
            abs(self.u - other.u) < tolerance
            and abs(self.v - other.v) < tolerance
            and abs(self.distance - other.distance) < tolerance * self.distance
            and bool(np.abs(self.pose - other.pose).max() < tolerance)
            and bool(np.abs(self.rotation - other.rotation).max() < tolerance)
        )

    def turned(self, axis: Sequence[float] | Floats, angle: float) -> "HandState":
        """Return the state rotated in place by `angle` radians about a camera-space axis."""
        matrix = axis_rotation(axis, angle) @ self.rotation
        return replace(self, orientation=quaternion_from_matrix(matrix))


@dataclass(frozen=True)
class Keyframe:
    """A state that a hand passes through at a time in seconds."""

    time_s: float
    state: HandState


@dataclass(frozen=True)
class Oscillation:
    """A repeated movement that rides on the key states between two times.

    Attributes:
        start_s: When it fades in.
        end_s: When it has faded out.
        apply: Takes the state, the seconds since `start_s` and the strength (0 to 1).
    """

    start_s: float
    end_s: float
    apply: Callable[[HandState, float, float], HandState]

    def strength(self, time_s: float, fade_s: float = 0.14) -> float:
        """Return the fade at a time: 0 outside, 1 well inside."""
        inside = min(time_s - self.start_s, self.end_s - time_s) / fade_s
        return min(max(inside, 0.0), 1.0)


def eased(fraction: float) -> float:
    """Map 0..1 to 0..1 with neither speed nor acceleration at the ends (minimum jerk)."""
    return fraction**3 * (fraction * (6.0 * fraction - 15.0) + 10.0)


def blend(a: HandState, b: HandState, fraction: float) -> HandState:
    """Return the state `fraction` (0 to 1) of the way from `a` to `b`."""
    return HandState(
        a.u + (b.u - a.u) * fraction,
        a.v + (b.v - a.v) * fraction,
        a.distance + (b.distance - a.distance) * fraction,
        slerp(a.orientation, b.orientation, fraction),
        a.pose + (b.pose - a.pose) * fraction,
        a.elbow + (b.elbow - a.elbow) * fraction,
    )


class Track:
    """One hand's whole movement; `at` may be asked for any time, in any order."""

    def __init__(
        self, keyframes: Sequence[Keyframe], oscillations: Sequence[Oscillation] = ()
    ) -> None:
        """Take key states in the order of their times.

        Raises:
            ValueError: If there is no key state, or their times go backward.
        """
        self._keyframes = list(keyframes)
        self._times = [keyframe.time_s for keyframe in self._keyframes]
        self._oscillations = list(oscillations)
        if not self._times:
            raise ValueError("A track needs at least one key state.")
        if any(later < earlier for earlier, later in pairwise(self._times)):
            raise ValueError("The key states of a track must be in the order of their times.")

    def at(self, time_s: float) -> HandState:
        """Return the state at a time; before the first and after the last key it stands still."""
        state = self._keyed(time_s)
        for oscillation in self._oscillations:
            strength = oscillation.strength(time_s)
            if strength > 0.0:
                state = oscillation.apply(state, time_s - oscillation.start_s, strength)
        return state

    def _keyed(self, time_s: float) -> HandState:
        """Interpolate the key states."""
        after = bisect.bisect_right(self._times, time_s)
        if after == 0:
            return self._keyframes[0].state
        if after == len(self._times):
            return self._keyframes[-1].state
        start, end = self._keyframes[after - 1], self._keyframes[after]
        span = end.time_s - start.time_s
        return blend(start.state, end.state, eased((time_s - start.time_s) / span))

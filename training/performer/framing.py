"""Where the camera stands and where the person sits in its picture.

Gestures are laid out in picture coordinates, so that what defines them stays in view: `u` from -1
(left edge) to 1 (right edge), `v` from -1 (bottom) to 1 (top), and a distance from the camera.
"""

import math
from dataclasses import dataclass

import numpy as np

from training.performer.arrays import Floats
from training.performer.hand import HAND_LENGTH_M

_ASPECTS = (4 / 3, 16 / 9, 1.6, 1.32)
_ASPECT_SHARES = (0.4, 0.3, 0.15, 0.15)
# A hand moves at least this far in front of the face.
_CLEARANCE_M = 0.16
# A webcam on a second screen, a camera beside a window: the person sits near the picture's edge.
_ASIDE_SHARE = 0.25


@dataclass(frozen=True)
class Framing:
    """A camera and a seated person.

    Attributes:
        height: Picture height in pixels.
        width: Picture width in pixels.
        tangent: Tangent of half the vertical field of view.
        head: Centre of the head in camera space, shape (3,), metres.
        pitch: How far the camera looks down on the person, radians (negative: from below).
    """

    height: int
    width: int
    tangent: float
    head: Floats
    pitch: float

    @property
    def aspect(self) -> float:
        """Width over height."""
        return self.width / self.height

    def distance_for(self, share: float) -> float:
        """Return how far a hand must be, metres, to fill `share` of the picture's height."""
        wanted = HAND_LENGTH_M / (2.0 * self.tangent * share)
        return min(wanted, -float(self.head[2]) - _CLEARANCE_M)

    def point_at(self, u: float, v: float, distance: float) -> Floats:
        """Return the camera-space point at a picture position, shape (3,), metres."""
        reach = distance * self.tangent
        return np.array([u * self.aspect * reach, v * reach, -distance])

    def picture_position(self, point: Floats) -> tuple[float, float]:
        """Return the (u, v) at which a camera-space point appears."""
        reach = -float(point[2]) * self.tangent
        return float(point[0]) / (reach * self.aspect), float(point[1]) / reach


def sample_framing(rng: np.random.Generator, height: int) -> Framing:
    """Draw a webcam's view: aspect ratio as in Jester, head in the upper middle.

    Args:
        rng: Source of chance.
        height: Picture height in pixels.
    """
    aspect = float(rng.choice(_ASPECTS, p=_ASPECT_SHARES))
    return sample_seat(rng, height, round(height * aspect))


def sample_seat(rng: np.random.Generator, height: int, width: int) -> Framing:
    """Draw a field of view and a seat for a picture of known size in pixels."""
    tangent = math.tan(math.radians(rng.uniform(36.0, 50.0)) / 2.0)
    return framed(rng, height, width, tangent)


def framed(rng: np.random.Generator, height: int, width: int, tangent: float) -> Framing:
    """Seat a person before a camera of known picture size and field of view."""
    distance = rng.uniform(0.62, 1.0)
    aside = rng.random() < _ASIDE_SHARE
    u = rng.uniform(0.3, 0.8) if aside else rng.uniform(-0.15, 0.3)
    v = float(np.clip(rng.normal(0.12, 0.2), -0.3, 0.5))
    head = np.array([u * width / height * distance * tangent, v * distance * tangent, -distance])
    return Framing(height, width, tangent, head, float(rng.normal(0.0, 0.12)))

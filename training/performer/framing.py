"""Where the camera stands and where the person sits in its picture.

Gestures are laid out in picture coordinates, so that what defines them stays in view: `u` from -1
(left edge) to 1 (right edge), `v` from -1 (bottom) to 1 (top), and a distance from the camera.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from training.performer.arrays import Floats
from training.performer.hand import HAND_LENGTH_M

_ASPECTS = (4 / 3, 16 / 9, 1.6, 1.32)
_ASPECT_SHARES = (0.4, 0.3, 0.15, 0.15)
# A hand moves at least this far in front of the face.
_CLEARANCE_M = 0.16
# And no farther from the shoulders than an arm reaches.
_REACH_M = 0.62
_FAR_M = 1.1
# A webcam on a second screen, a camera beside a window: the person sits near the picture's edge.
_ASIDE_SHARE = 0.25
# Where people are before a camera: at a desk, farther off in the room, or so that the head is cut
# off or only an arm comes in. Drawn for every label alike.
_VIEWS = ("desk", "far", "cut off", "arm only")
_VIEW_SHARES = (0.66, 0.12, 0.12, 0.10)


@dataclass(frozen=True)
class Framing:
    """A camera and a seated person.

    Attributes:
        height: Picture height in pixels.
        width: Picture width in pixels.
        tangent: Tangent of half the vertical field of view.
        head: Center of the head in camera space, shape (3,), meters.
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

    @property
    def far(self) -> bool:
        """True for someone who stands off in the room."""
        return float(self.head[2]) < -_FAR_M

    def distance_for(self, share: float) -> float:
        """Return how far a hand must be, meters, to fill `share` of the picture's height.

        It stays within an arm's reach before the face, whatever share that is.
        """
        wanted = HAND_LENGTH_M / (2.0 * self.tangent * share)
        away = -float(self.head[2])
        return min(max(wanted, away - _REACH_M), away - _CLEARANCE_M)

    def share_at(self, distance: float) -> float:
        """Return what share of the picture's height a hand fills at a distance in meters."""
        return HAND_LENGTH_M / (2.0 * self.tangent * distance)

    def point_at(self, u: float, v: float, distance: float) -> Floats:
        """Return the camera-space point at a picture position, shape (3,), meters."""
        reach = distance * self.tangent
        return np.array([u * self.aspect * reach, v * reach, -distance])

    def picture_position(self, point: Floats) -> tuple[float, float]:
        """Return the (u, v) at which a camera-space point appears."""
        reach = -float(point[2]) * self.tangent
        return float(point[0]) / (reach * self.aspect), float(point[1]) / reach


def sample_framing(rng: np.random.Generator, height: int) -> Framing:
    """Draw a webcam's view: aspect ratio as in Jester, mostly the head in the upper middle.

    Args:
        rng: Source of chance.
        height: Picture height in pixels.
    """
    aspect = float(rng.choice(_ASPECTS, p=_ASPECT_SHARES))
    seat = sample_seat(rng, height, round(height * aspect))
    return _viewed(rng, seat, str(rng.choice(_VIEWS, p=_VIEW_SHARES)))


def _viewed(rng: np.random.Generator, seat: Framing, view: str) -> Framing:
    """Return the seat as one of `_VIEWS` shows it."""
    if view == "desk":
        return seat
    u, v = seat.picture_position(seat.head)
    away = -float(seat.head[2])
    if view == "far":
        away = rng.uniform(1.05 * _FAR_M, 2.0)
        v = rng.uniform(0.0, 0.7)
    elif view == "cut off":
        v = rng.uniform(0.75, 1.7)
    else:
        u = rng.choice([-1.0, 1.0]) * rng.uniform(1.3, 2.1)
        v = rng.uniform(-0.2, 0.9)
    head = np.array([u * seat.aspect * away * seat.tangent, v * away * seat.tangent, -away])
    return replace(seat, head=head)


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

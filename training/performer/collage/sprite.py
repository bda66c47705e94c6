"""What a collage moves: a hand's and an arm's picture, in light, ready to be placed."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.performer.arrays import Floats, Picture
from training.performer.collage.cutout import CutOut
from training.performer.color import LINEAR_LEVELS

_ARM_ACROSS_PX, _ARM_ALONG_PX = 32, 64
_MARGIN_PX = 2
_BRIGHTEST = 1.9
# Over this share of the hand's length it fades into the arm, below where the arm begins.
_FADE = 0.07
# An arm's round end, as a share of its length.
_CAP = 0.14


@dataclass(frozen=True)
class Sprite:
    """A picture with a place of its own.

    Attributes:
        picture: Linear RGBA, color multiplied by opacity, shape (h, w, 4), float32.
        to_local: Maps its pixels (x, y, 1) to its own coordinates, shape (2, 3). A hand's are
            hand lengths from the wrist, toward the thumb's side and toward the fingertips; an
            arm's run from -1 to 1 across the arm's wider end and from 0 to 1 along it.
    """

    picture: Picture
    to_local: Floats

    def placed(self, origin: Floats, axes: Floats) -> "PlacedSprite":
        """Return the sprite in a frame.

        Args:
            origin: Where its own origin is, shape (2,), pixels.
            axes: Its own axes in pixels, as columns, shape (2, 2).
        """
        to_picture = axes @ self.to_local
        to_picture[:, 2] += origin
        return PlacedSprite(self.picture, to_picture)


@dataclass(frozen=True)
class PlacedSprite:
    """A sprite's picture and the (2, 3) matrix that takes its pixels to a frame's pixels."""

    picture: Picture
    matrix: Floats

    @property
    def middle(self) -> Floats:
        """Where the picture's middle is in the frame, shape (2,), pixels."""
        height, width = self.picture.shape[:2]
        return np.asarray(self.matrix @ (0.5 * width, 0.5 * height, 1.0))

    def bounds(self) -> tuple[float, float, float, float]:
        """Return (left, top, right, bottom) in the frame's pixels."""
        height, width = self.picture.shape[:2]
        (a, b, x), (c, d, y) = self.matrix.tolist()
        x, y = x + 0.5 * (a * width + b * height), y + 0.5 * (c * width + d * height)
        across = 0.5 * (abs(a) * width + abs(b) * height)
        down = 0.5 * (abs(c) * width + abs(d) * height)
        return x - across, y - down, x + across, y + down


@dataclass(frozen=True)
class Finish:
    """How one person's hand looks in one clip.

    Attributes:
        tone: Linear RGB that the skin gets on average, light included, shape (3,).
        light: Change of brightness across and along the hand, shape (2,).
        squeeze: Width relative to the photograph's.
        slant: Perspective: by how much the fingertips are larger (or, negative, smaller).
        largest_px: Length of the hand, in frame pixels, when it is largest.
    """

    tone: Floats
    light: Floats
    squeeze: float
    slant: float
    largest_px: float


def hand_sprite(hand: CutOut, finish: Finish) -> Sprite:
    """Prepare a cut-out for a clip."""
    height, width = hand.pixels.shape[:2]
    relative = cv2.LUT(hand.pixels[..., :3], LINEAR_LEVELS) / hand.tone.astype(np.float32)
    # Skin that shone in the photograph need not burn out in another light.
    color = np.minimum(relative, np.float32(_BRIGHTEST)) * finish.tone.astype(np.float32)
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :, None]
    along = np.linspace(0.5, -0.5, height, dtype=np.float32)[:, None, None]
    shade = 1.0 + np.float32(finish.light[0]) * across + np.float32(finish.light[1]) * along
    below = (np.arange(height, dtype=np.float32) - hand.wrist[1]) / (_FADE * hand.hand_px)
    opacity = np.clip(1.0 - below, 0.0, 1.0)[:, None, None] / np.float32(255.0)
    alpha = hand.pixels[..., 3:].astype(np.float32) * opacity
    lit = np.concatenate([np.clip(color * shade, 0.0, 1.3) * alpha, alpha], axis=2)
    # No larger than it will be seen, which keeps it from flickering when it is small.
    scale = min(1.0, 1.1 * finish.largest_px / hand.hand_px)
    matrix = _slanted(width, height, scale, finish.slant)
    size = (round(width * scale) + 2 * _MARGIN_PX, round(height * scale) + 2 * _MARGIN_PX)
    if scale < 0.6:
        lit = cv2.GaussianBlur(lit, (0, 0), 0.3 / scale)
    picture = cv2.warpPerspective(lit, matrix, size, flags=cv2.INTER_LINEAR)
    wrist = matrix @ np.array([*hand.wrist, 1.0])
    unit = 1.0 / (hand.hand_px * scale)
    to_local = np.array([[finish.squeeze * unit, 0.0, 0.0], [0.0, -unit, 0.0]])
    to_local[:, 2] = -to_local[:, :2] @ (wrist[:2] / wrist[2])
    return Sprite(np.asarray(picture, np.float32), to_local)


def _slanted(width: int, height: int, scale: float, slant: float) -> Floats:
    """Return the homography that scales a picture and widens its upper edge by a share."""
    wide, tall = width * scale, height * scale
    inset = 0.5 * wide * abs(slant)
    top, bottom = (0.0, inset) if slant > 0.0 else (inset, 0.0)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    target = np.array([[top, 0], [wide - top, 0], [wide - bottom, tall], [bottom, tall]])
    moved = (target + _MARGIN_PX).astype(np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, moved), np.float64)


@dataclass(frozen=True)
class ArmLook:
    """An arm's looks.

    Attributes:
        skin: Linear RGB, light included, shape (3,).
        sleeve: The same for the sleeve.
        sleeve_from: Where the sleeve begins, 0 at the wrist, 1 at the elbow or above.
        stripes: How strong the sleeve's folds and stripes are, 0 to 1.
        side_light: Change of brightness across the arm.
    """

    skin: Floats
    sleeve: Floats
    sleeve_from: float
    stripes: float
    side_light: float


def arm_sprite(look: ArmLook, narrow: float, rng: np.random.Generator) -> Sprite:
    """Paint a forearm.

    Args:
        look: Its looks.
        narrow: Its width at the wrist relative to that at the elbow.
        rng: Draws folds.
    """
    across = np.linspace(-1.15, 1.15, _ARM_ACROSS_PX, dtype=np.float32)[None, :]
    along = np.linspace(-_CAP, 1.0 + _CAP, _ARM_ALONG_PX, dtype=np.float32)[:, None]
    covered = along >= look.sleeve_from
    inside = np.clip(along, 0.0, 1.0)
    beyond = (along - inside) / _CAP
    half = np.where(covered, 1.0, 0.88) * (narrow + (1.0 - narrow) * inside**0.8)
    half = half * np.sqrt(np.clip(1.0 - beyond**2, 0.01, 1.0))
    place = across / half
    alpha = np.clip((1.0 - np.abs(place)) * half / 0.08 + 0.5, 0.0, 1.0)
    round_shade = 0.62 + 0.38 * np.sqrt(np.clip(1.0 - place**2, 0.0, 1.0))
    shade = round_shade * (1.0 + look.side_light * np.clip(place, -1.0, 1.0))
    folds = cv2.resize(rng.random((10, 4), dtype=np.float32), (_ARM_ACROSS_PX, _ARM_ALONG_PX))
    pattern = np.where(covered, 1.0 + look.stripes * (folds - 0.5), 1.0 + 0.12 * (folds - 0.5))
    color = np.where(covered[..., None], look.sleeve, look.skin)
    lit = np.clip(color * (shade * pattern)[..., None], 0.0, 1.3) * alpha[..., None]
    picture = np.dstack([lit, alpha]).astype(np.float32)
    padded = cv2.copyMakeBorder(picture, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    step_x, step_y = 2.3 / (_ARM_ACROSS_PX - 1), (1.0 + 2.0 * _CAP) / (_ARM_ALONG_PX - 1)
    to_local = np.array([[step_x, 0.0, -1.15 - step_x], [0.0, step_y, -_CAP - step_y]])
    return Sprite(np.asarray(padded, np.float32), to_local)

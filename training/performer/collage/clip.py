"""One collage: a clip of a cut-out hand that makes a gesture, with the times of its stroke."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.performer.arrays import Image, Picture
from training.performer.camera_effects import sample_look
from training.performer.collage.act import COLLAGE_LABELS, Act, Phase, compose_act
from training.performer.collage.backdrop import Backdrop, sample_backdrop
from training.performer.collage.compositing import Moment, Shadow, composite
from training.performer.collage.hands import Hands, make_hands
from training.performer.collage.sprite import PlacedSprite
from training.performer.collage.texture_library import Library

# Part of every clip's seed; raised whenever the same seed would give other clips.
COLLAGE_VERSION = 1

SHORTEST_S = 1.2

_EXPOSURES_S = (0.01, 0.03, 0.06)
_MOST_MOMENTS = 6
# A sub-frame for every so many pixels that a hand moves during the exposure.
_PIXELS_PER_MOMENT = 2.0
_JITTER_SHARE = 0.5
_JPEG_SHARE = 0.6
_BLACK = 1e-3


@dataclass(frozen=True)
class Collage:
    """A clip.

    Attributes:
        frames: BGR as from a camera, not mirrored; shape (T, H, W, 3), 0 to 255.
        label: What is done, one of `COLLAGE_LABELS`.
        times_s: When each frame was taken, seconds from the clip's start, shape (T,).
        stroke: Start and end of the stroke, seconds from the clip's start; outside the clip for
            some clips of "Doing other things".
        phases: The `Phase` of each frame, shape (T,).
    """

    frames: NDArray[np.uint8]
    label: str
    times_s: NDArray[np.float64]
    stroke: tuple[float, float]
    phases: NDArray[np.uint8]


def check_collage_length(frames: int, interval_s: float) -> None:
    """Raise ValueError with one plain sentence if a collage cannot be that short."""
    if frames * interval_s < SHORTEST_S:
        raise ValueError(
            f"A collage must last at least {SHORTEST_S:g} seconds, not {frames * interval_s:.2f} "
            "(whole frames)."
        )


def render_collage(
    label: str,
    seed: tuple[int, ...],
    library: Library,
    *,
    frames: int = 8,
    interval_s: float = 1.0 / 6.0,
    height: int = 80,
    width: int = 112,
) -> Collage:
    """Put one clip together; the same arguments give the same bytes on the same machine.

    Args:
        label: What is done, one of `COLLAGE_LABELS`.
        seed: Whole numbers, not negative, that choose everything.
        library: Where hands, rooms and people come from.
        frames: T; together they must last 1.2 seconds or more.
        interval_s: Seconds from frame to frame, on average.
        height: Picture height in pixels.
        width: Picture width in pixels.

    Raises:
        ValueError: If the label or the length cannot work.
    """
    if label not in COLLAGE_LABELS:
        raise ValueError(f"Collages cannot show '{label}'; choose one of {COLLAGE_LABELS}.")
    check_collage_length(frames, interval_s)
    rng = np.random.default_rng([COLLAGE_VERSION, *seed, COLLAGE_LABELS.index(label)])
    backdrop = sample_backdrop(rng, library, height, width, quiet=label == "No gesture")
    act = compose_act(label, rng, backdrop.person.framing, frames * interval_s)
    hands = make_hands(rng, library, act, backdrop.person)
    times_s = _frame_times(rng, frames, interval_s)
    pictures = _draw(rng, backdrop, act, hands, times_s)
    images = _develop(rng, pictures)
    if act.flipped:
        images = np.ascontiguousarray(images[:, :, ::-1])
    phases = np.array([act.phase_at(float(time)) for time in times_s], np.uint8)
    return Collage(images, label, times_s, (act.cue.start_s, act.cue.end_s), phases)


def _frame_times(rng: np.random.Generator, frames: int, interval_s: float) -> NDArray[np.float64]:
    """Return when frames are taken: often a little off the beat, as real cameras are."""
    times: NDArray[np.float64] = np.arange(frames, dtype=np.float64) * interval_s
    if rng.random() < _JITTER_SHARE:
        times = times + rng.uniform(-0.2, 0.2, frames) * interval_s
    return times


def _draw(
    rng: np.random.Generator,
    backdrop: Backdrop,
    act: Act,
    hands: Hands,
    times_s: NDArray[np.float64],
) -> list[Picture]:
    """Draw the frames in linear light."""
    height = backdrop.person.framing.height
    exposure_s = float(rng.choice(_EXPOSURES_S)) * rng.uniform(0.7, 1.2)
    shadow = Shadow(
        float(rng.choice([0.0, rng.uniform(0.1, 0.45)], p=[0.3, 0.7])),
        spread_px=0.02 * height * rng.uniform(0.6, 1.6),
        shift_px=round(0.02 * height * rng.uniform(0.0, 1.5)),
    )
    pictures = []
    for time in times_s:
        moments = _exposed(hands, float(time), exposure_s)
        background = backdrop.at(float(time), act.performance.unrest_at(float(time)))
        pictures.append(composite(background, moments, shadow))
    return pictures


def _exposed(hands: Hands, time_s: float, exposure_s: float) -> list[Moment]:
    """Return the hands at one or more sub-frames of an exposure."""
    start_s, end_s = time_s - 0.5 * exposure_s, time_s + 0.5 * exposure_s
    first = hands.at(start_s)
    phase = hands.act.phase_at(start_s)
    still = phase in (Phase.REST, Phase.HOLD) and phase is hands.act.phase_at(end_s)
    if still or not first:
        return [first]
    last = hands.at(end_s)
    moved_px = float(np.abs(last[-1].middle - first[-1].middle).max())
    count = min(_MOST_MOMENTS, 1 + round(moved_px / _PIXELS_PER_MOMENT))
    if count == 1:
        return [first]
    if [sprite.picture.shape for sprite in first] != [sprite.picture.shape for sprite in last]:
        # The shape changes meanwhile, or the hand turns on its edge.
        return [first, last]
    return [
        [
            PlacedSprite(start.picture, (1.0 - share) * start.matrix + share * end.matrix)
            for start, end in zip(first, last, strict=True)
        ]
        for share in np.linspace(0.0, 1.0, count)
    ]


def _develop(rng: np.random.Generator, pictures: list[Picture]) -> Image:
    """Take the pictures with a webcam, and mostly send them through JPEG."""
    # Exposed for the brightest that is shown, so that a hand near the camera is not burnt out;
    # what was blackened was there when the camera measured.
    brightest = np.maximum(pictures[0], pictures[len(pictures) // 2])
    there = brightest[..., 1] > _BLACK
    if 0.05 < there.mean() < 0.9:
        brightest[~there] = brightest[there].mean(0)
    look = sample_look(rng, brightest)
    images = [look.develop(picture, rng) for picture in pictures]
    if rng.random() < _JPEG_SHARE:
        options = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 96))]
        coded = [cv2.imencode(".jpg", image, options)[1] for image in images]
        images = [np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) for data in coded]
    return np.stack(images)

"""One training clip: a person does one gesture before a webcam."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.labels import JESTER_LABELS, mirrored_label
from training.performer.arrays import Floats
from training.performer.camera_effects import sample_look
from training.performer.framing import Framing, sample_framing
from training.performer.hand_truth import HandTruth, hands_at
from training.performer.performance import (
    Cue,
    Performance,
    held_throughout,
    perform,
    sample_cue,
)
from training.performer.repertoire import compose, compose_still
from training.performer.stage import Stage, sample_stage

# Part of every clip's seed; raised whenever the same seed would give other clips.
PERFORMER_VERSION = 4

_MARGIN_S = 0.12
# Of a picture that is not drawn; places are shares of it.
_UNDRAWN_HEIGHT = 120
LEFT_HANDED_SHARE = 0.3
EXPOSURES_S = (0.01, 0.03, 0.05)
# What goes somewhere may come back the same way before the hand sinks.
RETURNING = ("Swiping", "Sliding", "Pushing", "Pulling")
RETURN_CHANCE = 0.35
RETURN_S = (0.3, 0.7)


@dataclass(frozen=True)
class PerformerClip:
    """A rendered clip.

    Attributes:
        frames: BGR as from a camera, not mirrored; shape (N, H, W, 3), 0 to 255.
        label: What is done, one of `JESTER_LABELS`.
        fps: Frames a second; frame `i` was taken at `i / fps`.
        stroke: Start and end of the gesture itself, seconds from the first frame.
        hands: Where the hands are in each frame.
    """

    frames: NDArray[np.uint8]
    label: str
    fps: float
    stroke: tuple[float, float]
    hands: HandTruth


@dataclass(frozen=True)
class ClipPlan:
    """What happens in a clip, before anything is drawn.

    Attributes:
        performance: A right-handed person's doing.
        cue: The clip's one gesture.
        flipped: True if the picture is flipped in the end, which makes the person left-handed.
    """

    performance: Performance
    cue: Cue
    flipped: bool


def render_clip(
    label: str,
    seed: int,
    *,
    fps: float = 12.0,
    duration_s: float = 3.0,
    height: int = 100,
    backgrounds: Path | None = None,
    still: bool = False,
) -> PerformerClip:
    """Render one clip; the same arguments give the same bytes on the same machine.

    Args:
        label: What is done, one of `JESTER_LABELS`.
        seed: Chooses person, room, camera and movement; not negative.
        fps: Frames a second.
        duration_s: Length of the clip, at least 1.2 seconds.
        height: Picture height in pixels; the width follows from the drawn aspect ratio.
        backgrounds: Folder of pictures for rooms; None for painted rooms.
        still: True for a hand that is held still from the first frame to the last, which only the
            labels of `repertoire.STILL_LABELS` can be.

    Raises:
        ValueError: If the label is unknown or cannot be held still, or the seed, rate, length or
            height is out of range.
    """
    check_clip_arguments(label, seed, fps, duration_s, height)
    rng = np.random.default_rng([PERFORMER_VERSION, seed, JESTER_LABELS.index(label)])
    plan, stage = _prepare(label, rng, duration_s, height, backgrounds, still=still)
    exposure_s = float(rng.choice(EXPOSURES_S)) * rng.uniform(0.7, 1.2)
    times = np.arange(max(1, round(duration_s * fps))) / fps
    drawn = [stage.draw(plan.performance, float(time), exposure_s) for time in times]
    # Exposed for the brightest that is shown, so that a hand near the camera is not burnt out.
    look = sample_look(rng, np.maximum(drawn[0], drawn[len(drawn) // 2]))
    frames = np.stack([look.develop(frame, rng) for frame in drawn])
    if plan.flipped:
        frames = np.ascontiguousarray(frames[:, :, ::-1])
    hands = _hands(plan, stage, times)
    return PerformerClip(frames, label, fps, (plan.cue.start_s, plan.cue.end_s), hands)


def clip_hands(
    label: str, seed: int, *, fps: float = 12.0, duration_s: float = 3.0, still: bool = False
) -> tuple[HandTruth, float]:
    """Return where the hands are in a clip that is not drawn, and its width over its height.

    Some twenty times as fast as `render_clip`, whose clip at the same arguments and a height of
    120 pixels shows these hands.

    Args:
        label: As for `render_clip`.
        seed: Likewise.
        fps: Frames a second.
        duration_s: Length of the clip, at least 1.2 seconds.
        still: True for a hand that is held still.

    Raises:
        ValueError: As for `render_clip`.
    """
    check_clip_arguments(label, seed, fps, duration_s, _UNDRAWN_HEIGHT)
    rng = np.random.default_rng([PERFORMER_VERSION, seed, JESTER_LABELS.index(label)])
    plan, stage = _prepare(label, rng, duration_s, _UNDRAWN_HEIGHT, None, still=still)
    times = np.arange(max(1, round(duration_s * fps))) / fps
    return _hands(plan, stage, times), stage.framing.aspect


def _prepare(
    label: str,
    rng: np.random.Generator,
    duration_s: float,
    height: int,
    backgrounds: Path | None,
    *,
    still: bool,
) -> tuple[ClipPlan, Stage]:
    """Return what happens in a clip, and where."""
    framing = sample_framing(rng, height)
    plan = plan_clip(label, rng, duration_s, framing, still=still)
    return plan, sample_stage(rng, framing, backgrounds)


def _hands(plan: ClipPlan, stage: Stage, times: Floats) -> HandTruth:
    scale = stage.actor.hand_scale
    return hands_at(plan.performance, stage.framing, scale, times, flipped=plan.flipped)


def plan_clip(
    label: str,
    rng: np.random.Generator,
    duration_s: float,
    framing: Framing,
    *,
    still: bool = False,
) -> ClipPlan:
    """Decide what happens in a clip and when.

    Args:
        label: What the finished clip shows.
        rng: Source of chance.
        duration_s: Length of the clip.
        framing: The camera's view.
        still: True for a hand that is held still throughout.

    Raises:
        ValueError: If a still hand cannot show the label.
    """
    flipped = bool(rng.random() < LEFT_HANDED_SHARE)
    if still:
        cue = held_throughout(*compose_still(label, rng, framing, duration_s), 0.0)
        return ClipPlan(perform([cue]), cue, flipped)
    # A flip turns a right-handed person's swipe right into a left-handed one's swipe left.
    performed = mirrored_label(label) if flipped else label
    gesture, draw = compose(performed, rng, framing, longest_s=duration_s - 2.0 * _MARGIN_S)
    slack = duration_s - gesture.duration_s
    middle = 0.5 * slack + 0.3 * slack * rng.uniform(-1.0, 1.0)
    start_s = float(np.clip(middle, _MARGIN_S, slack - _MARGIN_S))
    cue = sample_cue(gesture, draw, start_s)
    if label.startswith(RETURNING) and draw.chance(RETURN_CHANCE):
        cue = replace(cue, return_s=draw.between(*RETURN_S))
    return ClipPlan(perform([cue]), cue, flipped)


def check_clip_arguments(label: str, seed: int, fps: float, duration_s: float, height: int) -> None:
    """Raise ValueError with one plain sentence if an argument of `render_clip` cannot work."""
    if label not in JESTER_LABELS:
        raise ValueError(f"'{label}' is not a Jester label.")
    if seed < 0:
        raise ValueError(f"The seed must not be negative, but is {seed}.")
    if not fps > 0.0:
        raise ValueError(f"The frame rate must be above 0, but is {fps}.")
    if not duration_s >= 1.2:
        raise ValueError(f"A clip must last at least 1.2 seconds, not {duration_s}.")
    if not 16 <= height <= 2160:
        raise ValueError(f"The height must be between 16 and 2160 pixels, but is {height}.")

"""A long recording: one person, one camera, gesture after gesture with rests between."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.labels import mirrored_label
from training.performer.arrays import Image
from training.performer.camera_effects import CameraLook, sample_look
from training.performer.framing import Framing
from training.performer.performance import Performance, perform, sample_cue
from training.performer.repertoire import compose
from training.performer.stage import Stage, sample_stage

# Less than this cannot hold a hand's raising before the stroke.
_RAISE_AT_MOST_S = 0.8


@dataclass(frozen=True)
class Stroke:
    """One gesture in a recording: what was done from when to when, in seconds."""

    label: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Stream:
    """A recording that can be rendered at any rate.

    Attributes:
        strokes: The gestures in order, with their exact times.
        duration_s: Length of the recording.
        stage: Person, room and light.
        performance: What the person does, before a flip.
        look: The camera.
        flipped: True for a left-handed person, drawn by flipping the picture.
        noise_seed: Makes the grain repeatable.
    """

    strokes: tuple[Stroke, ...]
    duration_s: float
    stage: Stage
    performance: Performance
    look: CameraLook
    flipped: bool
    noise_seed: int

    def frames(self, fps: float, exposure_s: float = 0.02) -> Iterator[Image]:
        """Render the recording frame by frame: BGR, shape (H, W, 3); frame `i` is at `i / fps`."""
        rng = np.random.default_rng(self.noise_seed)
        for index in range(round(self.duration_s * fps)):
            drawn = self.stage.draw(self.performance, index / fps, exposure_s)
            image = self.look.develop(drawn, rng)
            yield np.ascontiguousarray(image[:, ::-1]) if self.flipped else image


def plan_stream(
    labels: Sequence[str],
    rng: np.random.Generator,
    framing: Framing,
    *,
    pause_s: tuple[float, float] = (0.6, 1.4),
    left_handed: bool = False,
    backgrounds: Path | None = None,
) -> Stream:
    """Lay gestures on a timeline.

    Args:
        labels: What is done, in order, each one of `JESTER_LABELS`.
        rng: Source of chance.
        framing: The camera's view.
        pause_s: Range of the rests between two gestures, hands down; also before and after all.
        left_handed: True to have the left hand do everything.
        backgrounds: Folder of pictures for rooms; None for painted rooms.

    Raises:
        ValueError: If `labels` is empty or holds an unknown label.
    """
    if not labels:
        raise ValueError("A stream needs at least one gesture.")
    stage = sample_stage(rng, framing, backgrounds)
    cues = []
    free_from_s = 0.0
    for label in labels:
        performed = mirrored_label(label) if left_handed else label
        gesture, draw = compose(performed, rng, framing)
        start_s = free_from_s + rng.uniform(*pause_s) + _RAISE_AT_MOST_S
        cue = sample_cue(gesture, draw, start_s, unhurried=True)
        cues.append(cue)
        free_from_s = cue.busy_until_s
    strokes = tuple(
        Stroke(label, cue.start_s, cue.end_s) for label, cue in zip(labels, cues, strict=True)
    )
    performance = perform(cues)
    # Exposed for an empty moment and a raised hand together, and then left alone.
    metered = [stage.draw(performance, time_s, 0.0) for time_s in (0.0, strokes[0].end_s)]
    look = sample_look(rng, np.maximum(*metered))
    duration_s = free_from_s + rng.uniform(*pause_s)
    noise_seed = int(rng.integers(2**31))
    return Stream(strokes, duration_s, stage, performance, look, left_handed, noise_seed)

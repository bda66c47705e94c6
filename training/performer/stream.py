"""A long recording: one person, one room, one camera, and what is done from when to when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from training.labels import SILENT_LABELS, mirrored_label
from training.performer.arrays import Floats, Image
from training.performer.camera_effects import CameraLook, sample_look
from training.performer.framing import Framing
from training.performer.hand_truth import HandTruth, hands_at
from training.performer.performance import Cue, Performance, perform, sample_cue
from training.performer.repertoire import compose
from training.performer.stage import Stage, sample_stage
from training.streams.truth import CueKind, StreamCue

# Less than this cannot hold a hand's raising before the stroke.
RAISE_AT_MOST_S = 0.8


@dataclass(frozen=True)
class Act:
    """One thing that is done: what it is called, and how it is performed.

    Attributes:
        kind: Whether it counts as a gesture.
        label: What the finished recording shows, after a flip.
        cue: What a right-handed person does.
    """

    kind: CueKind
    label: str
    cue: Cue

    def truth(self) -> StreamCue:
        """Return what happens and exactly when."""
        cue = self.cue
        times = (cue.busy_from_s, cue.start_s, cue.end_s, cue.busy_until_s)
        return StreamCue(self.kind, self.label, *(round(time_s, 4) for time_s in times))


@dataclass(frozen=True)
class Stream:
    """A recording that can be rendered at any rate.

    Attributes:
        cues: Everything that is done, in order, with its exact times.
        duration_s: Length of the recording.
        stage: Person, room and light.
        performance: What the person does, before a flip.
        look: The camera.
        flipped: True for a left-handed person, drawn by flipping the picture.
        exposure_s: How long the shutter is open.
        noise_seed: Makes the grain repeatable.
    """

    cues: tuple[StreamCue, ...]
    duration_s: float
    stage: Stage
    performance: Performance
    look: CameraLook
    flipped: bool
    exposure_s: float
    noise_seed: int

    def frames(self, fps: float) -> Iterator[Image]:
        """Render the recording frame by frame: BGR, shape (H, W, 3); frame `i` is at `i / fps`."""
        rng = np.random.default_rng(self.noise_seed)
        for time_s in self._times_s(fps).tolist():
            drawn = self.stage.draw(self.performance, time_s, self.exposure_s)
            image = self.look.develop(drawn, rng)
            yield np.ascontiguousarray(image[:, ::-1]) if self.flipped else image

    def hands(self, fps: float) -> HandTruth:
        """Return where the hands are in the frames of `frames(fps)`."""
        stage = self.stage
        return hands_at(
            self.performance,
            stage.framing,
            stage.actor.hand_scale,
            self._times_s(fps),
            flipped=self.flipped,
        )

    def _times_s(self, fps: float) -> Floats:
        return np.arange(round(self.duration_s * fps)) / fps


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
    acts = []
    free_from_s = 0.0
    for label in labels:
        performed = mirrored_label(label) if left_handed else label
        gesture, draw = compose(performed, rng, framing, plain=True)
        start_s = free_from_s + rng.uniform(*pause_s) + RAISE_AT_MOST_S
        cue = sample_cue(gesture, draw, start_s, unhurried=True)
        kind = CueKind.DISTRACTION if label in SILENT_LABELS else CueKind.GESTURE
        acts.append(Act(kind, label, cue))
        free_from_s = cue.busy_until_s
    duration_s = free_from_s + rng.uniform(*pause_s)
    return record(acts, duration_s, rng, stage, left_handed=left_handed)


def record(
    acts: Sequence[Act],
    duration_s: float,
    rng: np.random.Generator,
    stage: Stage,
    *,
    left_handed: bool,
    exposure_s: float = 0.02,
) -> Stream:
    """Put a camera before a person who does something.

    Args:
        acts: What is done, in order, at least one thing.
        duration_s: Length of the recording.
        rng: Source of chance.
        stage: Person, room and light.
        left_handed: True to flip the picture.
        exposure_s: How long the shutter is open.

    Raises:
        ValueError: If two acts overlap.
    """
    performance = perform([act.cue for act in acts])
    # Exposed for an empty moment and a raised hand together, and then left alone.
    metered = [stage.draw(performance, time_s, 0.0) for time_s in (0.0, acts[0].cue.end_s)]
    return Stream(
        cues=tuple(act.truth() for act in acts),
        duration_s=duration_s,
        stage=stage,
        performance=performance,
        look=sample_look(rng, np.maximum(*metered)),
        flipped=left_handed,
        exposure_s=exposure_s,
        noise_seed=int(rng.integers(2**31)),
    )

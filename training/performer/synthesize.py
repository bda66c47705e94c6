"""Writes a data set of performer clips in Jester's layout.

Nothing is written under the wanted name until everything is finished.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.files import check_new_folder, staged_folder
from training.labels import JESTER_LABELS, OTHER_THINGS
from training.performer.backgrounds import check_backgrounds
from training.performer.clip import PERFORMER_VERSION, check_clip_arguments, render_clip
from training.performer.collage.act import COLLAGE_LABELS
from training.performer.collage.clip import COLLAGE_VERSION, check_collage_length, render_collage
from training.performer.collage.texture_library import open_library, read_manifest
from training.performer.framing import sample_framing
from training.performer.hand_truth import CLIPS_FILE, HandTruth, write_clip_hands
from training.performer.workers import check_workers, run_tasks

Progress = Callable[[int, int], None]

# A hand that is held still needs its shape to be seen: nothing else tells a thumb from a fist.
STILL_SHARE = 0.2
# The world holds more that is no gesture than any other label shows.
_FURTHER_OTHER_THINGS = 2
_SIGNS = ("Thumb Up", "Thumb Down", "Stop Sign")

# Small, so that an interrupt need not wait long for what is under way.
_CLIPS_PER_TASK = 2


@dataclass(frozen=True)
class CollageMix:
    """How many of the clips are collages of real hands.

    Attributes:
        textures: Folder of cut-outs, rooms and people; see
            `training.performer.collage.texture_library`.
        share: Share of collages among the clips whose label a collage can show, 0 to 1.
    """

    textures: Path
    share: float = 0.5


@dataclass(frozen=True)
class PlannedClip:
    """One clip of a folder, before it is drawn.

    Attributes:
        clip_id: Its name in the folder.
        label: What is done, one of `JESTER_LABELS`.
        seed: As for `render_clip`.
        still: Whether the hand is held still throughout.
    """

    clip_id: int
    label: str
    seed: int
    still: bool


@dataclass(frozen=True)
class _Task:
    """A few clips for one worker."""

    folder: Path
    items: tuple[PlannedClip, ...]
    fps: float
    duration_s: float
    height: int
    backgrounds: Path | None
    collages: CollageMix | None


def synthesize(
    out: Path,
    clips: int,
    seed: int,
    *,
    fps: float = 12.0,
    duration_s: float = 3.0,
    height: int = 100,
    workers: int | None = None,
    backgrounds: Path | None = None,
    collages: CollageMix | None = None,
    still_share: float = STILL_SHARE,
    progress: Progress | None = None,
) -> None:
    """Render a Jester-layout folder: `<id>/00001.jpg` and on, `labels.csv`, `performer.json`.

    `hands.npz` says where the hands are in every frame, save those of collages. Labels are
    balanced, in a random order, save that "Doing other things" comes three times as often, and
    that so many hands are held still from the first frame to the last as make up their share: one
    half of them thumbs and stop signs, the other half other shapes ("Doing other things").

    Args:
        out: Folder to make; it must not exist or be empty.
        clips: How many clips, at least 1.
        seed: Chooses all clips; not negative. The same seed gives the same clips, whatever the
            number of workers.
        fps: Frames a second.
        duration_s: Length of each clip, seconds.
        height: Picture height, pixels.
        workers: Processes; None for one per processor core, 1 to stay in this process.
        backgrounds: Folder of pictures for rooms; None for painted rooms.
        collages: What share of the clips to put together from pictures; None for none of them.
        still_share: Share of hands that are held still, 0 to below 1; with 0 every run of 27 clips
            holds each label once, as a test set should.
        progress: Called with (clips done, clips in all) as work proceeds.

    Raises:
        ValueError: If an argument is out of range.
        DataError: If the texture folder, or that of backgrounds, cannot be used.
        OSError: If `out` is not empty or cannot be written.
    """
    _check(out, clips, workers, backgrounds)
    if not 0.0 <= still_share < 1.0:
        raise ValueError(f"The share of still hands must be 0 to below 1, not {still_share}.")
    if collages is not None:
        if not 0.0 <= collages.share <= 1.0:
            raise ValueError(f"The share of collages must be 0 to 1, not {collages.share}.")
        read_manifest(collages.textures)
    check_clip_arguments(JESTER_LABELS[0], seed, fps, duration_s, height)
    if collages is not None:
        check_collage_length(_frame_count(fps, duration_s), 1.0 / fps)
    with staged_folder(out) as partial:
        items = plan_clips(clips, seed, still_share)
        tasks = [
            _Task(
                partial,
                items[i : i + _CLIPS_PER_TASK],
                fps,
                duration_s,
                height,
                backgrounds,
                collages,
            )
            for i in range(0, clips, _CLIPS_PER_TASK)
        ]
        done = 0
        hands: list[tuple[int, HandTruth]] = []
        for rendered in run_tasks(_render_task, tasks, workers):
            done += len(rendered)
            hands += [(clip_id, known) for clip_id, known in rendered if known is not None]
            if progress is not None:
                progress(done, clips)
        write_clip_hands(partial / CLIPS_FILE, hands)
        facts = {
            "performer_version": PERFORMER_VERSION,
            "clips": clips,
            "seed": seed,
            "fps": fps,
            "duration_s": duration_s,
            "height": height,
            "still_share": still_share,
        }
        if collages is not None:
            facts |= {"collage_version": COLLAGE_VERSION, "collage_share": collages.share}
        _write_index(partial, items, facts)


def _check(out: Path, clips: int, workers: int | None, backgrounds: Path | None) -> None:
    """Raise one plain sentence if an argument cannot work."""
    if clips < 1:
        raise ValueError(f"The number of clips must be at least 1, but is {clips}.")
    check_workers(workers)
    check_backgrounds(backgrounds)
    check_new_folder(out)


def plan_clips(clips: int, seed: int, still_share: float = STILL_SHARE) -> tuple[PlannedClip, ...]:
    """Return what every clip shows; see `synthesize`."""
    rng = np.random.default_rng([PERFORMER_VERSION, seed])
    stills = cycle(label for sign in _SIGNS for label in (sign, OTHER_THINGS))
    order: list[tuple[str, bool]] = []
    wanted = 0.0
    while len(order) < clips:
        deck = [(label, False) for label in JESTER_LABELS]
        if still_share > 0.0:
            deck += [(OTHER_THINGS, False)] * _FURTHER_OTHER_THINGS
        wanted += len(deck) * still_share / (1.0 - still_share)
        deck += [(label, True) for label in islice(stills, int(wanted))]
        wanted -= int(wanted)
        order += [deck[number] for number in rng.permutation(len(deck))]
    seeds = np.random.SeedSequence([PERFORMER_VERSION, seed]).generate_state(clips, np.uint64)
    return tuple(
        PlannedClip(index, label, int(clip_seed), still)
        for index, ((label, still), clip_seed) in enumerate(
            zip(order[:clips], seeds, strict=True), start=1
        )
    )


def _frame_count(fps: float, duration_s: float) -> int:
    return max(1, round(duration_s * fps))


def _render_task(task: _Task) -> list[tuple[int, HandTruth | None]]:
    """Render and write a few clips; return their ids, and where the hands are if it is known."""
    done = []
    for item in task.items:
        frames, hands = _render(task, item)
        done.append((item.clip_id, hands))
        folder = task.folder / str(item.clip_id)
        folder.mkdir()
        quality = int(np.random.default_rng([item.seed, 1]).integers(70, 96))
        for number, frame in enumerate(frames, start=1):
            path = folder / f"{number:05d}.jpg"
            encoded, data = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if not encoded:
                raise OSError(f"The picture '{path}' could not be encoded.")
            path.write_bytes(data.tobytes())
    return done


def _render(task: _Task, item: PlannedClip) -> tuple[NDArray[np.uint8], HandTruth | None]:
    """Render one clip or put it together; BGR of shape (N, H, W, 3), and where the hands are."""
    mix = task.collages
    # From the seed alone, so that a clip is the same whatever else is written.
    rng = np.random.default_rng([item.seed, 2])
    drawn = mix is None or item.still or item.label not in COLLAGE_LABELS
    if mix is None or drawn or rng.random() >= mix.share:
        clip = render_clip(
            item.label,
            item.seed,
            fps=task.fps,
            duration_s=task.duration_s,
            height=task.height,
            backgrounds=task.backgrounds,
            still=item.still,
        )
        return clip.frames, clip.hands
    collage = render_collage(
        item.label,
        (item.seed,),
        open_library(mix.textures),
        frames=_frame_count(task.fps, task.duration_s),
        interval_s=1.0 / task.fps,
        height=task.height,
        width=sample_framing(rng, task.height).width,
    )
    return collage.frames, None


def _write_index(folder: Path, items: tuple[PlannedClip, ...], facts: dict[str, float]) -> None:
    """Write the labels and how the folder came to be."""
    lines = "".join(f"{item.clip_id};{item.label}\n" for item in items)
    (folder / "labels.csv").write_text(lines, encoding="utf-8")
    (folder / "performer.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

"""Renders the examples that the gesture guide plays: one person, one room, one gesture a clip.

    python -m scripts.render_gesture_guide [--sheet guide.jpg] [--only "Thumb Up"]

The clips go to `app/assets/gestures`; look at every one after a change (`--sheet` puts them all on
one picture). Needs the extra "train".
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.ui.gesture_clips import FPS, clip_path, load_clip
from training.labels import JESTER_LABELS, SILENT_LABELS
from training.performer.clip import PERFORMER_VERSION
from training.performer.contact_sheet import write_sheet
from training.performer.framing import Framing
from training.performer.performance import sample_cue
from training.performer.repertoire import compose
from training.performer.stage import sample_stage
from training.performer.stream import RAISE_AT_MOST_S, Act, Stream, record
from training.performer.video import write_video
from training.streams.truth import CueKind

GESTURES = tuple(label for label in JESTER_LABELS if label not in SILENT_LABELS)
SIZE = (320, 240)
PERSON = 11
"""Seed of person, room and light."""
USUAL_SEED = 1
SEEDS = {
    "Swiping Left": 3,
    "Swiping Right": 3,
    "Rolling Hand Forward": 5,
    "Zooming In With Full Hand": 2,
}
"""Seed of the movement where the usual one does not show the gesture well."""

_BITS_PER_PIXEL = 0.12
_GRAIN = 0.35
_CALM_S = 0.25
_COLUMNS = 8


def main() -> int:
    """Render what the command line asks for and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="render_gesture_guide", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--only", choices=GESTURES, action="append", help="render this gesture")
    parser.add_argument("--sheet", type=Path, help="a picture of all clips, to look at")
    arguments = parser.parse_args()
    for label in arguments.only or GESTURES:
        path = clip_path(label)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_video(path, plan(label).frames(FPS), FPS, _BITS_PER_PIXEL)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)
    if arguments.sheet is not None:
        write_sheet(arguments.sheet, [(label, _picked(label)) for label in GESTURES])
    return 0


def plan(label: str) -> Stream:
    """Lay one gesture on a short timeline, hands down before and after."""
    width, height = SIZE
    framing = Framing(height, width, 0.40, np.array([0.05, 0.07, -0.78]), 0.0)
    stage = sample_stage(np.random.default_rng([PERFORMER_VERSION, PERSON]), framing)
    seed = SEEDS.get(label, USUAL_SEED)
    rng = np.random.default_rng([PERFORMER_VERSION, seed, JESTER_LABELS.index(label)])
    gesture, draw = compose(label, rng, framing)
    cue = sample_cue(gesture, draw, RAISE_AT_MOST_S + _CALM_S, unhurried=True)
    act = Act(CueKind.GESTURE, label, cue)
    duration_s = cue.busy_until_s + _CALM_S
    # The same camera in every clip: its look is drawn from the person's seed.
    camera = np.random.default_rng([PERFORMER_VERSION, PERSON])
    stream = record([act], duration_s, camera, stage, left_handed=False)
    return replace(stream, look=replace(stream.look, noise=_GRAIN, coarse_noise=False))


def _picked(label: str) -> list[NDArray[np.uint8]]:
    """Return frames spread over a clip, mirrored as the guide shows them."""
    frames = load_clip(label)
    indices = np.linspace(0.15 * len(frames), 0.85 * len(frames), _COLUMNS)
    return [cv2.flip(frames[int(index)], 1).astype(np.uint8) for index in indices]


if __name__ == "__main__":
    raise SystemExit(main())

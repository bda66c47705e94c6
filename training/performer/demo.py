"""Renders the demo clip that the application ships with: a short scripted recording."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from models.files import staged_file, write_file
from training.performer.clip import PERFORMER_VERSION
from training.performer.framing import Framing
from training.performer.stream import Stream, plan_stream
from training.performer.video import write_video

_SCRIPT = (
    "Swiping Left",
    "Swiping Right",
    "Thumb Up",
    "Stop Sign",
    "Zooming In With Full Hand",
    "Turning Hand Clockwise",
    "Swiping Down",
    "Thumb Down",
)
_WIDTH, _HEIGHT, _FPS = 640, 480, 30.0
# Grain costs most of a small file's bits and shows least.
_GRAIN = 0.6
_BITS_PER_PIXEL = 0.1


def render_demo(path: Path, seed: int) -> None:
    """Write a demo recording and, beside it, the times of its gestures.

    The clip is 640 by 480 pixels at 30 frames a second, MPEG-4; the times go to the same name with
    the suffix `.json`: {"fps", "duration_s", "strokes": [{"label", "start_s", "end_s"}]}.

    Args:
        path: The video file; its folder is made if need be.
        seed: Chooses person, room and movement.

    Raises:
        OSError: If the file cannot be written.
    """
    stream = plan_demo(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with staged_file(path) as partial:
        frames = write_video(partial, stream.frames(_FPS), _FPS, _BITS_PER_PIXEL)
    facts = {
        "performer_version": PERFORMER_VERSION,
        "seed": seed,
        "fps": _FPS,
        "frames": frames,
        "duration_s": round(frames / _FPS, 3),
        "strokes": [
            {"label": cue.label, "start_s": round(cue.start_s, 3), "end_s": round(cue.end_s, 3)}
            for cue in stream.cues
        ],
    }
    text = json.dumps(facts, indent=2) + "\n"
    write_file(path.with_suffix(".json"), text.encode())


def plan_demo(seed: int) -> Stream:
    """Lay the script on a timeline, with a calm camera and a person in the middle."""
    rng = np.random.default_rng([PERFORMER_VERSION, seed])
    head = np.array([0.05, 0.07, -0.78])
    framing = Framing(_HEIGHT, _WIDTH, 0.40, head, 0.0)
    stream = plan_stream(_SCRIPT, rng, framing, pause_s=(0.5, 0.8))
    return replace(stream, look=replace(stream.look, noise=_GRAIN, coarse_noise=False))

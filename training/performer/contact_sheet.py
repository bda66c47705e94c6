"""A picture of the whole repertoire, for people to judge: one row for each gesture."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from training.labels import JESTER_LABELS
from training.performer.arrays import Image
from training.performer.clip import PerformerClip, render_clip

_COLUMNS = 8
_CELL_WIDTH, _CELL_HEIGHT = 128, 96
_LABEL_WIDTH = 200
_RENDER_FPS = 24.0
_JPEG_QUALITY = 72
# What a model with 8 frames at 6 frames a second sees of a gesture.
_INTERVAL_S = 1.0 / 6.0


def contact_sheet(path: Path, seed: int, height: int = 100) -> None:
    """Write a sheet of one clip per label, eight frames around each stroke.

    Args:
        path: Picture file; the suffix decides the format.
        seed: Chooses the clips.
        height: Height at which the clips are rendered, pixels.

    Raises:
        OSError: If the picture cannot be written.
    """
    clips = (render_clip(label, seed, fps=_RENDER_FPS, height=height) for label in JESTER_LABELS)
    write_sheet(path, ((clip.label, _around_stroke(clip)) for clip in clips))


def write_sheet(path: Path, rows: Iterable[tuple[str, Sequence[Image]]]) -> None:
    """Write one row of small frames for each label and its frames.

    Raises:
        OSError: If the picture cannot be written.
    """
    sheet = np.vstack([_row(label, frames) for label, frames in rows])
    path.parent.mkdir(parents=True, exist_ok=True)
    is_jpeg = path.suffix.lower() in (".jpg", ".jpeg")
    options = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY] if is_jpeg else []
    if not cv2.imwrite(str(path), sheet, options):
        raise OSError(f"The picture '{path}' could not be written.")


def _around_stroke(clip: PerformerClip) -> list[Image]:
    """Return the frames that a model sees of a stroke."""
    middle_s = 0.5 * (clip.stroke[0] + clip.stroke[1])
    times_s = middle_s + (np.arange(_COLUMNS) - 0.5 * (_COLUMNS - 1)) * _INTERVAL_S
    indices = np.clip(np.round(times_s * clip.fps), 0, len(clip.frames) - 1)
    return [clip.frames[int(index)] for index in indices]


def _row(name: str, frames: Sequence[Image]) -> Image:
    """Return a labeled row of frames."""
    label = np.full((_CELL_HEIGHT, _LABEL_WIDTH, 3), 255, np.uint8)
    for line, text in enumerate(_wrapped(name)):
        place = (8, 42 + 20 * line)
        cv2.putText(label, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return np.hstack([label, *(_fitted(frame) for frame in frames)])


def _wrapped(label: str) -> tuple[str, ...]:
    """Break a long label into two lines."""
    words = label.split(" ")
    return (" ".join(words[:2]), " ".join(words[2:])) if len(words) > 2 else (label,)


def _fitted(frame: Image) -> Image:
    """Scale a frame into a cell, with dark bars where the shapes differ."""
    height, width = frame.shape[:2]
    scale = min(_CELL_WIDTH / width, _CELL_HEIGHT / height)
    size = (round(width * scale), round(height * scale))
    small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    cell = np.full((_CELL_HEIGHT, _CELL_WIDTH, 3), 30, np.uint8)
    top, left = (_CELL_HEIGHT - size[1]) // 2, (_CELL_WIDTH - size[0]) // 2
    cell[top : top + size[1], left : left + size[0]] = small
    return cell

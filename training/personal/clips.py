"""Takes and ordinary behavior as folders of pictures or as videos, for `personalize`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from models.live import Frame, LiveModel
from models.personal.takes import Lesson, Take, read_ordinary, read_take
from models.personal.windows import Features
from training.data.errors import DataError, UnreadableClipError
from training.data.frames import decode_picture, read_picture
from training.streams.video import video_frames

PICTURES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
VIDEOS = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".webm"})

FALLBACK_FPS = 25.0
"""For frames of a video that give no time."""

_PARTS = re.compile(r"(\d+)")


def read_lesson(
    model: LiveModel,
    takes: Path,
    ordinary: Path,
    picture_fps: float,
    progress: Callable[[int, int], None],
) -> Lesson:
    """Run a general model over everything that a person has shown.

    Args:
        model: The general model.
        takes: A folder for every gesture, named as it, with its takes.
        ordinary: Ordinary behavior: one folder of pictures, or clips.
        picture_fps: Frames a second of folders of pictures.
        progress: Called with how many clips are read, and how many there are.

    Raises:
        DataError: A folder is missing or empty, or a clip is damaged.
        ModelError: A take cannot be learned from, or the graph gives no features.
    """
    named = [(label.name, clip) for label in _folders(takes) for clip in _clips(label)]
    if not named:
        raise DataError(
            f"There are no takes in {takes}; it needs a folder for every gesture, named as it, "
            "with videos or folders of pictures in it."
        )
    silent = [ordinary] if _pictures(ordinary) else _clips(ordinary)
    if not silent:
        raise DataError(f"There is no ordinary behavior in {ordinary}; put pictures or a video in.")
    read: list[Take] = []
    for done, (label, clip) in enumerate(named, start=1):
        read.append(_take(model, label, clip, picture_fps))
        progress(done, len(named) + len(silent))
    runs: list[Features] = []
    for done, clip in enumerate(silent, start=len(named) + 1):
        runs += read_ordinary(model, _frames(clip, picture_fps))
        progress(done, len(named) + len(silent))
    return Lesson(tuple(read), tuple(runs), model.spec.frame_interval_s)


def _take(model: LiveModel, label: str, clip: Path, picture_fps: float) -> Take:
    return read_take(model, label, lambda: _frames(clip, picture_fps), str(clip))


def _entries(folder: Path) -> list[Path]:
    """Return what is in a folder, 2 before 10, without hidden files.

    Raises:
        DataError: It is missing or cannot be read.
    """
    try:
        found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    except OSError as error:
        raise DataError(f"The folder {folder} cannot be read ({error.strerror}).") from error
    return sorted(found, key=lambda path: _natural(path.name))


def _natural(name: str) -> list[tuple[int, str]]:
    parts = _PARTS.split(name.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _clips(folder: Path) -> list[Path]:
    """Return the folders of pictures and the videos in a folder."""
    return [path for path in _entries(folder) if path.is_dir() or path.suffix.lower() in VIDEOS]


def _pictures(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.suffix.lower() in PICTURES]


def _frames(clip: Path, picture_fps: float) -> Iterator[Frame]:
    """Yield the frames of a clip.

    Raises:
        DataError: It is damaged or holds no pictures.
    """
    if not clip.is_dir():
        yield from video_frames(clip, FALLBACK_FPS)
        return
    pictures = _pictures(clip)
    if not pictures:
        raise DataError(f"The folder {clip} holds no pictures.")
    for index, path in enumerate(pictures):
        try:
            yield Frame(decode_picture(read_picture(path), path), index / picture_fps)
        except UnreadableClipError as error:
            raise DataError(str(error)) from error

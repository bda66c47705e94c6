"""Writes windows of streams as a folder in Jester's layout."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from training.data.errors import DataError
from training.labels import SILENT_LABELS
from training.staged_folder import staged_folder
from training.streams.truth import read_streams
from training.streams.video import read_video
from training.streams.windows import Window, cut_windows

JPEG_QUALITY = 92


def write_windows(
    streams: Path,
    out: Path,
    *,
    interval_s: float,
    length: int,
    silent_share: float,
    seed: int,
    progress: Callable[[float], None],
) -> int:
    """Cut all streams of a folder into windows and return how many were written.

    Every window of a gesture is taken. Of the silent ones, which are many more, as many are drawn
    as make up their share.

    Args:
        streams: Videos, each with its cues beside it.
        out: Folder to make; new or empty.
        interval_s: Seconds from frame to frame.
        length: Frames of a window.
        silent_share: Share of the windows that show no gesture, 0 to below 1.
        seed: Draws the silent windows.
        progress: Told how many streams are done.

    Raises:
        DataError: A stream is missing or damaged, or shows no gesture.
        OSError: `out` cannot be written.
    """
    rng = np.random.default_rng(seed)
    written = 0
    with staged_folder(out) as folder, (folder / "labels.csv").open("w", encoding="utf-8") as table:
        for done, (video, truth) in enumerate(read_streams(streams), start=1):
            frames = read_video(video, truth.fps, truth.duration_s)
            windows = list(cut_windows(frames, truth.cues, interval_s, length))
            for window in _draw(windows, silent_share, rng):
                written += 1
                _write(folder / str(written), window)
                table.write(f"{written};{window.label}\n")
            progress(done)
        if not written:
            raise DataError(f"The streams in {streams} show no gesture.")
    return written


def _draw(windows: list[Window], silent_share: float, rng: np.random.Generator) -> list[Window]:
    """Take all windows of gestures and so many others that these make up their share."""
    gestures = [window for window in windows if window.label not in SILENT_LABELS]
    silent = [window for window in windows if window.label in SILENT_LABELS]
    wanted = round(len(gestures) * silent_share / (1 - silent_share))
    chosen = rng.permutation(len(silent))[:wanted]
    return gestures + [silent[number] for number in sorted(chosen)]


def _write(folder: Path, window: Window) -> None:
    folder.mkdir()
    for number, image in enumerate(window.images, start=1):
        path = folder / f"{number:05d}.jpg"
        if not cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]):
            raise OSError(f"'{path}' cannot be written.")

"""Short windows cut from streams, to train a live model on what it will see.

A model that watches all the time sees far more than strokes: hands that come up and go back,
gestures that break off, people who drink or sit still. The windows are labeled accordingly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.cadence import samples
from models.files import staged_folder
from models.live import Frame
from training.data.errors import DataError
from training.labels import NO_GESTURE, OTHER_THINGS, SILENT_LABELS
from training.performer.hand_truth import (
    CLIPS_FILE,
    STREAM_SUFFIX,
    HandTruth,
    read_stream_hands,
    write_clip_hands,
)
from training.streams.truth import CueKind, StreamCue, read_streams
from training.streams.video import read_video

SEEN = 0.75
"""Share of a stroke, or of a window that is shorter, from which a window shows the gesture."""

UNSEEN = 0.35
"""Share up to which it does not. Windows in between are ambiguous and left out."""

BUSY_S = 0.2
"""Seconds of any movement that a window of rest stays below."""

JPEG_QUALITY = 92


@dataclass(frozen=True)
class Window:
    """Some consecutive frames, as the model sees them.

    Attributes:
        images: BGR pictures, T of them.
        times_s: When they were taken, seconds from the stream's first frame.
        label: What they show.
    """

    images: tuple[NDArray[np.uint8], ...]
    times_s: tuple[float, ...]
    label: str


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

    Of streams whose hands are known, `hands.npz` says where they are in the windows, as for clips.
    All windows of gestures are written. There are many more silent ones, of which only a random
    selection is written.

    Args:
        streams: Videos, each with its cues beside it.
        out: Folder to make; new or empty.
        interval_s: Time between two frames, in seconds.
        length: Frames of a window.
        silent_share: Share of the windows that show no gesture, 0 to below 1.
        seed: Selects the silent windows.
        progress: Called with how many streams are done.

    Raises:
        DataError: A stream is missing or damaged, or shows no gesture.
        OSError: `out` cannot be written.
    """
    rng = np.random.default_rng(seed)
    written = 0
    known: list[tuple[int, HandTruth]] = []
    with staged_folder(out) as folder, (folder / "labels.csv").open("w", encoding="utf-8") as table:
        for done, (video, truth) in enumerate(read_streams(streams), start=1):
            frames = read_video(video, truth.fps, truth.duration_s)
            windows = list(cut_windows(frames, truth.cues, interval_s, length))
            hands = _hands_of(video, round(truth.fps * truth.duration_s))
            for window in _draw(windows, silent_share, rng):
                written += 1
                _write(folder / str(written), window)
                table.write(f"{written};{window.label}\n")
                if hands is not None:
                    known.append((written, hands.rows(_rows(window, truth.fps, hands))))
            progress(done)
        if not written:
            raise DataError(f"The streams in {streams} show no gesture.")
        if known:
            write_clip_hands(folder / CLIPS_FILE, known)
    return written


def cut_windows(
    frames: Iterable[Frame], cues: Sequence[StreamCue], interval_s: float, length: int
) -> Iterator[Window]:
    """Yield the window that ends at each frame that a model sees, unless it is ambiguous.

    Args:
        frames: All frames of the stream.
        cues: What is done in it.
        interval_s: Time between two frames that a model sees, in seconds.
        length: T, at least 2.
    """
    seen: list[Frame] = []
    run = 0
    for sample in samples(frames, interval_s):
        if sample.run != run:
            seen, run = [], sample.run
        seen = [*seen, sample.frame][-length:]
        if len(seen) < length:
            continue
        label = window_label(cues, seen[0].time_s, seen[-1].time_s)
        if label is not None:
            times_s = tuple(frame.time_s for frame in seen)
            yield Window(tuple(frame.image for frame in seen), times_s, label)


def window_label(cues: Sequence[StreamCue], begin_s: float, end_s: float) -> str | None:
    """Return the label of a window, or None if it is ambiguous.

    Args:
        cues: What is done in the stream.
        begin_s: Time of the first frame, in seconds.
        end_s: Time of the last frame, later than `begin_s`.
    """
    most, label, busy_s = 0.0, OTHER_THINGS, 0.0
    for cue in cues:
        busy_s += _overlap_s(begin_s, end_s, cue.begin_s, cue.until_s)
        if cue.kind is not CueKind.GESTURE:
            continue
        enough_s = min(cue.end_s - cue.start_s, end_s - begin_s)
        seen = _overlap_s(begin_s, end_s, cue.start_s, cue.end_s) / enough_s
        if seen > most:
            most, label = seen, cue.label
    if most >= SEEN:
        return label
    if most > UNSEEN:
        return None
    return OTHER_THINGS if busy_s > BUSY_S else NO_GESTURE


def _overlap_s(begin_s: float, end_s: float, other_begin_s: float, other_end_s: float) -> float:
    return max(0.0, min(end_s, other_end_s) - max(begin_s, other_begin_s))


def _draw(windows: list[Window], silent_share: float, rng: np.random.Generator) -> list[Window]:
    """Return all windows of gestures, and as many silent ones as make up their share."""
    gestures = [window for window in windows if window.label not in SILENT_LABELS]
    silent = [window for window in windows if window.label in SILENT_LABELS]
    wanted = round(len(gestures) * silent_share / (1 - silent_share))
    chosen = rng.permutation(len(silent))[:wanted]
    return gestures + [silent[number] for number in sorted(chosen)]


def _hands_of(video: Path, frames: int) -> HandTruth | None:
    """Read the hands of a stream of so many frames, if it is one of the performer's."""
    path = video.with_name(video.stem + STREAM_SUFFIX)
    if not path.is_file():
        return None
    hands = read_stream_hands(path)
    if abs(len(hands.boxes) - frames) > 1:
        raise DataError(
            f"The hands in {path} are of {len(hands.boxes)} frames, but the stream has {frames}; "
            "make the stream again, or remove that file."
        )
    return hands


def _rows(window: Window, fps: float, hands: HandTruth) -> list[int]:
    """Return the frames of a stream that a window shows."""
    last = len(hands.boxes) - 1
    return [min(round(time_s * fps), last) for time_s in window.times_s]


def _write(folder: Path, window: Window) -> None:
    folder.mkdir()
    for number, image in enumerate(window.images, start=1):
        path = folder / f"{number:05d}.jpg"
        if not cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]):
            raise OSError(f"'{path}' cannot be written.")

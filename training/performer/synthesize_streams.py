"""Writes a set of scripted streams: a video each, and beside it what happens, when and where."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from models.files import check_new_folder, staged_folder
from training.performer.backgrounds import check_backgrounds
from training.performer.clip import PERFORMER_VERSION
from training.performer.hand_truth import STREAM_SUFFIX, write_stream_hands
from training.performer.script import SHORTEST_S, check_stream_arguments, plan_scripted_stream
from training.performer.video import write_video
from training.performer.workers import check_workers, run_tasks
from training.streams.truth import SUFFIX, StreamTruth, write_truth

INDEX_FILE = "streams.json"

# Long enough for many gestures, short enough that an interrupt need not wait long.
STREAM_S = 60.0
_FRAME_RATES = (12.0, 15.0)
_BITS_PER_PIXEL = (0.12, 0.4)


@dataclass(frozen=True)
class _Task:
    """One stream for one worker."""

    folder: Path
    seed: int
    index: int
    duration_s: float
    fps: float | None
    height: int
    backgrounds: Path | None


class StreamSet(msgspec.Struct, frozen=True):
    """How a folder of streams came to be.

    Attributes:
        performer_version: Version of the performer.
        seed: What all streams were drawn from.
        streams: How many there are.
        minutes: Length of all together.
        height: Picture height, pixels.
    """

    performer_version: int
    seed: int
    streams: int
    minutes: float
    height: int


def synthesize_streams(
    out: Path,
    minutes: float,
    seed: int,
    *,
    fps: float | None = None,
    height: int = 120,
    workers: int | None = None,
    backgrounds: Path | None = None,
    stream_s: float = STREAM_S,
    progress: Callable[[float], None] = lambda minutes: None,
) -> None:
    """Render a folder of streams: `0001.mp4`, `0001.cues.json` and on, and `streams.json`.

    `0001.hands.npz` and on say where the hands are in every frame.

    Args:
        out: Folder to make; it must not exist or be empty.
        minutes: Length of all streams together.
        seed: Chooses everything; not negative. The same seed gives the same streams, whatever the
            number of workers.
        fps: Frames a second; None for 12 or 15, by chance.
        height: Picture height, pixels; even.
        workers: Processes; None for one per processor core, 1 to stay in this process.
        backgrounds: Folder of pictures for rooms; None for painted rooms.
        stream_s: About how long one stream is, seconds.
        progress: Told how many minutes are done.

    Raises:
        ValueError: If an argument is out of range.
        DataError: If the folder of backgrounds cannot be used.
        OSError: If `out` is not empty or cannot be written.
    """
    if not 60 * minutes >= SHORTEST_S:
        raise ValueError(f"Streams need at least {SHORTEST_S:g} seconds, not {60 * minutes:g}.")
    count = max(1, round(60.0 * minutes / stream_s))
    duration_s = 60.0 * minutes / count
    check_stream_arguments(seed, duration_s, height)
    check_workers(workers)
    check_backgrounds(backgrounds)
    check_new_folder(out)
    with staged_folder(out) as partial:
        tasks = [
            _Task(partial, seed, index, duration_s, fps, height, backgrounds)
            for index in range(count)
        ]
        for done, _ in enumerate(run_tasks(_render, tasks, workers), start=1):
            progress(done * duration_s / 60.0)
        facts = StreamSet(PERFORMER_VERSION, seed, count, minutes, height)
        text = msgspec.json.format(msgspec.json.encode(facts), indent=2)
        (partial / INDEX_FILE).write_bytes(text + b"\n")


def read_stream_set(folder: Path) -> StreamSet | None:
    """Return how a folder of streams came to be; None for recordings of other origin."""
    try:
        return msgspec.json.decode((folder / INDEX_FILE).read_bytes(), type=StreamSet)
    except (OSError, msgspec.MsgspecError):
        return None


def _render(task: _Task) -> int:
    """Render and write one stream; return its number."""
    stream = plan_scripted_stream(
        task.seed, task.index, task.duration_s, task.height, task.backgrounds
    )
    rng = np.random.default_rng([PERFORMER_VERSION, task.seed, task.index])
    fps = task.fps or float(rng.choice(_FRAME_RATES))
    name = f"{task.index + 1:04d}"
    video = task.folder / f"{name}.mp4"
    frames = write_video(video, stream.frames(fps), fps, rng.uniform(*_BITS_PER_PIXEL))
    truth = StreamTruth(
        video=video.name, fps=fps, duration_s=frames / fps, seed=task.seed, cues=stream.cues
    )
    write_truth(task.folder / f"{name}{SUFFIX}", truth)
    write_stream_hands(task.folder / f"{name}{STREAM_SUFFIX}", stream.hands(fps))
    return task.index

"""A clip that is a video file, as in Something-Something V2 and Kinetics."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from training.data.clip import ChooseFrames, Image, Size
from training.data.errors import UnreadableClipError

MISSING_S = 0.75
"""Seconds that may be missing at the end of a file: containers round and estimate its length."""

MISSING_FRACTION = 0.1
"""Fraction that may be missing; a file breaks off if it lacks more than both."""


@dataclass(frozen=True)
class Timeline:
    """When the frames of a video are shown, in units of the stream's time base.

    Attributes:
        shown: Time of each frame, ascending.
        end: When the last one ends.
        keyframes: Times of those that can be decoded alone.
    """

    shown: NDArray[np.int64]
    end: int
    keyframes: list[int]

    def at(self, indices: NDArray[np.intp]) -> list[int]:
        """Return the times of the frames shown in the middle of the given ones of N equal parts.

        N is the number of frames: at a constant frame rate, index `i` is frame `i`. At a varying
        rate, equal steps of the index stay equal steps in time.
        """
        start, count = int(self.shown[0]), len(self.shown)
        middle = start + (indices + 0.5) * (self.end - start) / count
        places = np.searchsorted(self.shown, middle, side="right") - 1
        return [int(time) for time in self.shown[places]]


@dataclass(frozen=True)
class VideoFile:
    """One clip: a video file.

    Attributes:
        path: The file.
        label: Index of its label in the network's outputs.
    """

    path: Path
    label: int

    @property
    def name(self) -> str:
        """Its path, for messages."""
        return str(self.path)

    def length(self) -> int:
        """Return how many frames it shows: counted, because headers only estimate it.

        Raises:
            UnreadableClipError: It is missing or damaged.
        """
        try:
            with av.open(str(self.path.absolute())) as container:
                return len(read_timeline(container, _video_stream(container)).shown)
        except (OSError, av.FFmpegError) as error:
            raise self._unreadable(error) from error
        except UnreadableClipError as error:
            raise UnreadableClipError(f"The video {self.path} {error}.") from error

    def read(self, choose: ChooseFrames, smallest: Size | None = None) -> Sequence[Image]:
        """Read some of its frames, decoding only what they depend on; see `Clip`."""
        try:
            # An absolute path, which FFmpeg cannot take for an address to fetch.
            with av.open(str(self.path.absolute())) as container:
                stream = _video_stream(container)
                timeline = read_timeline(container, stream)
                wanted = timeline.at(choose(len(timeline.shown)))
                decoded = _decode(container, stream, wanted, timeline.keyframes)
        except (OSError, av.FFmpegError) as error:
            raise self._unreadable(error) from error
        except UnreadableClipError as error:
            raise UnreadableClipError(f"The video {self.path} {error}.") from error
        if len({image.shape for image in decoded.values()}) > 1:
            raise UnreadableClipError(f"The video {self.path} changes its size.")
        return [decoded[time] for time in wanted]

    def _unreadable(self, error: OSError | av.FFmpegError) -> UnreadableClipError:
        reason = error.strerror or "not a video"
        return UnreadableClipError(f"The video {self.path} cannot be read ({reason}).")


def _video_stream(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise UnreadableClipError("holds no pictures")
    if container.format.name.endswith("_pipe") or container.format.name.startswith("image2"):
        raise UnreadableClipError("is a single picture")  # whatever its suffix
    stream = container.streams.video[0]
    # There is one loading process per core already.
    stream.codec_context.thread_count = 1
    return stream


def read_timeline(container: InputContainer, stream: VideoStream) -> Timeline:
    """Read the times of all frames of a file, without decoding it.

    Raises:
        UnreadableClipError: It has no frames or no times, or breaks off.
    """
    shown: list[int] = []
    keyframes: list[int] = []
    last, duration = 0, 0
    for packet in container.demux(stream):
        if packet.size == 0 or packet.is_discard:
            continue
        if packet.pts is None:
            raise UnreadableClipError("gives no times for its frames; convert it to MP4 or WebM")
        if packet.is_keyframe:
            keyframes.append(packet.pts)
        if packet.pts >= last or not shown:
            last, duration = packet.pts, packet.duration or 0
        shown.append(packet.pts)
    if not keyframes:
        raise UnreadableClipError("has no frame that can be decoded")
    # Frames before the first key frame cannot be decoded; players skip them too.
    times = np.unique(np.asarray([time for time in shown if time >= min(keyframes)], np.int64))
    if duration <= 0 and len(times) > 1:
        duration = int(np.median(np.diff(times)))
    timeline = Timeline(times, last + max(1, duration), sorted(keyframes))
    _check_complete(container, stream, timeline)
    return timeline


def _check_complete(container: InputContainer, stream: VideoStream, timeline: Timeline) -> None:
    """Reject a file that was cut off.

    Raises:
        UnreadableClipError: It ends before the length in its header.
    """
    assert stream.time_base is not None, "every stream of a container has one"
    played_s = float((timeline.end - int(timeline.shown[0])) * stream.time_base)
    if stream.duration is not None:
        promised_s = float(stream.duration * stream.time_base)
    elif container.duration is not None and len(container.streams) == 1:
        promised_s = container.duration / av.time_base
    else:  # possibly the length of the sound
        return
    if promised_s - played_s > max(MISSING_S, MISSING_FRACTION * promised_s):
        raise UnreadableClipError(f"breaks off after {played_s:.1f} of {promised_s:.1f} seconds")


def _decode(
    container: InputContainer, stream: VideoStream, wanted: Sequence[int], keyframes: list[int]
) -> dict[int, Image]:
    """Decode the frames of these times, from the key frame before each.

    Raises:
        UnreadableClipError: One of them is damaged.
    """
    images: dict[int, Image] = {}
    times = sorted(set(wanted))
    for start, group in groupby(times, lambda time: keyframes[bisect_right(keyframes, time) - 1]):
        missing = set(group)
        container.seek(start, stream=stream)
        for packet in container.demux(stream):
            # Frames that no other frame depends on are decoded only if they are wanted.
            stream.codec_context.skip_frame = "DEFAULT" if packet.pts in missing else "NONREF"
            for frame in packet.decode():
                if frame.pts in missing:
                    images[frame.pts] = _upright(frame)
                    missing.discard(frame.pts)
            if not missing:
                break
        if missing:
            raise UnreadableClipError("is damaged: not all of its frames can be decoded")
    return images


def _upright(frame: VideoFrame) -> Image:
    """Return the picture as BGR, upright."""
    if frame.is_corrupt:
        raise UnreadableClipError("is damaged: one of its frames is corrupt")
    image = frame.to_ndarray(format="bgr24")
    turns = round(frame.rotation / 90) % 4
    return np.ascontiguousarray(np.rot90(image, turns), np.uint8)

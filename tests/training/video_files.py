"""Small videos whose frames say which they are: a gray level, and a bright upper left corner."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

HEIGHT, WIDTH = 48, 64
DARKEST, LEVEL_STEP = 20, 6
LOST_LEVELS = 2.7  # by the way to YUV and back
MILLISECONDS = Fraction(1, 1000)


def picture(number: int) -> NDArray[np.uint8]:
    """Draw frame `number`."""
    image = np.full((HEIGHT, WIDTH, 3), DARKEST + LEVEL_STEP * number, np.uint8)
    image[: HEIGHT // 4, : WIDTH // 4] = 250
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """Tell which frame an image is, from its middle."""
    height, width = image.shape[:2]
    middle = image[height // 2 - 4 : height // 2 + 4, width // 2 - 4 : width // 2 + 4]
    return round((float(middle.mean()) + LOST_LEVELS - DARKEST) / LEVEL_STEP)


def write_video(
    path: Path,
    frames: int = 30,
    *,
    times_ms: Sequence[int] | None = None,
    codec: str | None = None,
    keyframe_every: int = 10,
) -> Path:
    """Write a video, at 12 frames a second or at the given times."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec = codec or ("libvpx-vp9" if path.suffix == ".webm" else "libx264")
    times = times_ms or [round(1000 * number / 12) for number in range(frames)]
    # The index goes first, so that a file that is cut off can still be opened.
    options = {"movflags": "faststart"} if path.suffix == ".mp4" else {}
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream(codec, rate=12)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.gop_size = keyframe_every
        stream.codec_context.time_base = MILLISECONDS
        for number, time_ms in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number), format="bgr24")
            frame.pts, frame.time_base = time_ms, MILLISECONDS
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def turn(path: Path) -> Path:
    """Mark an MP4 as filmed with the camera turned by a quarter, as telephones do."""
    content = bytearray(path.read_bytes())
    # The transformation lies 40 bytes into the body of the track's header.
    matrix = content.index(b"tkhd") + 4 + 40
    one, zero, minus_one = 0x10000, 0, 0xFFFF0000
    quarter = (zero, one, zero, minus_one, zero, zero, zero, zero, 0x40000000)
    content[matrix : matrix + 36] = b"".join(value.to_bytes(4, "big") for value in quarter)
    path.write_bytes(content)
    return path

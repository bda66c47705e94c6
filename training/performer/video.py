"""Writes frames as an MPEG-4 video whose time stamps are exact."""

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av

from training.performer.arrays import Image


def write_video(path: Path, frames: Iterable[Image], fps: float, bits_per_pixel: float) -> int:
    """Write a video; frame `i` is shown at `i / fps`.

    Args:
        path: The file, `.mp4`.
        frames: BGR pictures of one size, both sides even.
        fps: Frames a second, a whole number or a fraction of small ones.
        bits_per_pixel: What the compression may spend; 0.1 shows blocks, 0.5 hardly anything.

    Returns:
        How many frames there are.

    Raises:
        OSError: The file cannot be written.
    """
    rate = Fraction(fps).limit_denominator(1001)
    count = 0
    try:
        with av.open(str(path), "w") as container:
            stream = container.add_stream("mpeg4", rate=rate)
            for image in frames:
                if count == 0:
                    stream.height, stream.width = image.shape[:2]
                    stream.bit_rate = int(bits_per_pixel * stream.height * stream.width * fps)
                    stream.pix_fmt = "yuv420p"
                picture = av.VideoFrame.from_ndarray(image, format="bgr24")
                picture.pts, picture.time_base = count, 1 / rate
                container.mux(stream.encode(picture))
                count += 1
            container.mux(stream.encode())
    except av.FFmpegError as error:
        # As a plain OSError, which can be handed from one process to another.
        raise OSError(f"The video '{path}' cannot be written ({error.strerror}).") from None
    return count

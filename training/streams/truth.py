"""What really happens in a recorded stream, as a small JSON file beside its video.

The performer writes these files; people may write them by hand for their own recordings.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import msgspec

from training.data.errors import DataError
from training.data.text_files import read_text

SUFFIX = ".cues.json"
FORMAT = 1
"""Version of the file; newer ones are rejected."""


class CueKind(StrEnum):
    """What somebody does in front of the camera."""

    GESTURE = "gesture"
    UNFINISHED = "unfinished"
    DISTRACTION = "distraction"


class StreamCue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is done once; times are seconds from the first frame.

    Attributes:
        kind: Whether it is a gesture, the beginning of one, or anything else.
        label: The gesture's label; for a distraction, any description.
        begin_s: When the hand begins to come up.
        start_s: When the stroke starts, the movement that makes the gesture.
        end_s: When the stroke ends.
        until_s: When the hand is at rest again.
    """

    kind: CueKind
    label: str
    begin_s: float
    start_s: float
    end_s: float
    until_s: float

    def __post_init__(self) -> None:
        """Reject times out of order."""
        if not 0 <= self.begin_s <= self.start_s < self.end_s <= self.until_s:
            raise ValueError(
                f"the times of '{self.label}' must be begin_s <= start_s < end_s <= until_s"
            )


class StreamTruth(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One recorded stream.

    Attributes:
        format: Version of the file.
        video: Name of the video file, in the same folder.
        fps: Frames a second.
        duration_s: Length of the recording.
        seed: The performer's seed; None for a recording of a person.
        cues: Everything that is done, in order; anything between is rest.
    """

    format: int = FORMAT
    video: str
    fps: float
    duration_s: float
    seed: int | None = None
    cues: tuple[StreamCue, ...]

    def __post_init__(self) -> None:
        """Reject values that would be misread."""
        if self.format > FORMAT:
            raise ValueError("it was written by a newer version of this program")
        if self.fps <= 0 or self.duration_s <= 0:
            raise ValueError("fps and duration_s must be above 0")
        if Path(self.video).name != self.video:
            raise ValueError("video must be the name of a file in the same folder")
        for earlier, later in pairwise(self.cues):
            if later.start_s < earlier.end_s:
                raise ValueError(f"'{later.label}' starts before '{earlier.label}' ends")
        if self.cues and self.cues[-1].end_s > self.duration_s:
            raise ValueError(f"'{self.cues[-1].label}' ends after duration_s")


def write_truth(path: Path, truth: StreamTruth) -> None:
    """Write one file.

    Raises:
        OSError: It cannot be written.
    """
    path.write_bytes(msgspec.json.format(msgspec.json.encode(truth), indent=2) + b"\n")


def read_truth(path: Path) -> StreamTruth:
    """Read one file.

    Raises:
        DataError: It cannot be read or is not valid.
    """
    try:
        return msgspec.json.decode(read_text(path, "cues"), type=StreamTruth)
    except (msgspec.MsgspecError, ValueError) as error:
        raise DataError(f"The cues {path} are not valid: {error}.") from error


def read_streams(folder: Path) -> list[tuple[Path, StreamTruth]]:
    """Return the videos of a folder and what happens in them, in the order of the cue files.

    Raises:
        DataError: There are none, one cannot be read, or two are about the same video.
    """
    cues = list_streams(folder)
    streams = [(folder / truth.video, truth) for truth in map(read_truth, cues)]
    first: dict[Path, Path] = {}
    for path, (video, _) in zip(cues, streams, strict=True):
        if video in first:
            raise DataError(f"The cues {path} and {first[video]} are both about {video.name}.")
        first[video] = path
    return streams


def list_streams(folder: Path) -> list[Path]:
    """Return the cue files of a folder, in the order of their names.

    Raises:
        DataError: There are none.
    """
    found = sorted(folder.glob(f"*{SUFFIX}"))
    if not found:
        raise DataError(
            f"The folder {folder} holds no streams (files *{SUFFIX}); make some with "
            "'python -m training synthesize-streams'."
        )
    return found

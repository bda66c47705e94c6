"""A recording as a source: its frames at their times, with what the network saw of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from time import monotonic

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.recording.database import UnreadableRecordingError, open_recording, telling_damage
from app.recording.pictures import decode
from app.recording.reader import read_header
from app.recording.schema import TWO_VIEW_FORMAT
from app.sources.base import Frame
from app.sources.recorded import RecordedFrame, RecordedSample
from models.decision import DecisionSettings, DecisionState

_NEXT_FRAME = "SELECT * FROM frames WHERE number > ? ORDER BY number LIMIT 1"
_NEXT_SAMPLE = "SELECT * FROM samples WHERE frame > ? ORDER BY frame LIMIT 1"


class Replay:
    """Plays a recording once, from its first frame to its last."""

    live = False

    def __init__(self, path: Path) -> None:
        """Open the file and read its first frame.

        Args:
            path: The file.

        Raises:
            UnreadableRecordingError: It is not a recording, is damaged, is empty, or was made by a
                newer version.
        """
        self.name = path.name
        self._path = path
        self._connection = open_recording(path)
        self._number = -1
        self._decision = DecisionSettings()
        self._preview: NDArray[np.uint8] | None = None
        try:
            with telling_damage(path, UnreadableRecordingError):
                self.header = read_header(self._connection)
                self.fps = self._mean_fps()
                self._square_side = self._find_square_side()
                self._first = self._next_frame()
                self._check_samples()
            if self._first is None:
                raise UnreadableRecordingError(
                    f"The recording {path} holds no pictures; give another one."
                )
        except BaseException:
            self._connection.close()
            raise

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end.

        Raises:
            BrokenRecordingError: The file is damaged.
        """
        frame, self._first = self._first, None
        if frame is not None:
            return frame
        with telling_damage(self._path):
            return self._next_frame()

    def close(self) -> None:
        """Close the file; may be called more than once."""
        self._connection.close()

    def _next_frame(self) -> Frame | None:
        """Read the next frame that has a preview, a sample or both."""
        preview = self._connection.execute(_NEXT_FRAME, (self._number,)).fetchone()
        sample = self._connection.execute(_NEXT_SAMPLE, (self._number,)).fetchone()
        numbers = [row[0] for row in (preview, sample) if row is not None]
        if not numbers:
            return None
        self._number = min(numbers)
        if preview is not None and preview["number"] != self._number:
            preview = None
        if sample is not None and sample["frame"] != self._number:
            sample = None
        return self._frame(preview, sample)

    def _frame(self, preview: sqlite3.Row | None, sample: sqlite3.Row | None) -> Frame:
        recorded = None if sample is None else self._sample(sample)
        if preview is not None:
            self._preview = decode(preview["jpeg"])
        elif self._preview is None:
            assert recorded is not None
            self._preview = recorded.picture
        row = preview if preview is not None else sample
        assert row is not None
        header = self.header
        return Frame(
            image=self._preview,
            time_s=float(row["time_s"]),
            index=self._number,
            captured_at_s=monotonic(),
            segment=int(row["segment"]),
            recorded=RecordedFrame(
                header.frame_interval_s,
                header.input_height,
                header.input_width,
                recorded,
                self._square_side,
            ),
        )

    def _sample(self, row: sqlite3.Row) -> RecordedSample:
        picture = decode(row["png"])
        if picture.shape[:2] != (self.header.input_height, self.header.input_width):
            raise ValueError("a sample has the wrong size")
        if row["decision"] is not None:
            self._decision = msgspec.json.decode(row["decision"], type=DecisionSettings)
        state: DecisionState | None = None
        if row["decision_state"] is not None:
            state = msgspec.json.decode(row["decision_state"], type=DecisionState)
        square = None if self._square_side is None else self._square(int(row["frame"]))
        return RecordedSample(picture, int(row["run"]), self._decision, state, square)

    def _find_square_side(self) -> int | None:
        """Return the side of the squares in pixels; None in a recording of a model of one view."""
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version < TWO_VIEW_FORMAT:
            return None
        first = self._connection.execute("SELECT png FROM squares LIMIT 1").fetchone()
        return None if first is None else len(decode(first["png"]))

    def _square(self, frame: int) -> NDArray[np.uint8]:
        """Read what the second view saw of a frame.

        Raises:
            ValueError: It is missing or has another size.
        """
        row = self._connection.execute(
            "SELECT png FROM squares WHERE frame = ?", (frame,)
        ).fetchone()
        if row is None:
            raise ValueError("what the second view saw is missing")
        square = decode(row["png"])
        if square.shape[:2] != (self._square_side, self._square_side):
            raise ValueError("a square has the wrong size")
        return square

    def _check_samples(self) -> None:
        """Check that a recording has not lost its samples.

        Raises:
            ValueError: It has.
        """
        predictions, samples = self._connection.execute(
            "SELECT EXISTS (SELECT 1 FROM predictions), EXISTS (SELECT 1 FROM samples)"
        ).fetchone()
        if predictions and not samples:
            raise ValueError("what the network saw is missing")

    def _mean_fps(self) -> float | None:
        """Return the mean frame rate in frames per second; None for fewer than two frames."""
        count, first_s, last_s = self._connection.execute(
            "SELECT count(*), min(time_s), max(time_s) FROM frames"
        ).fetchone()
        return (count - 1) / (last_s - first_s) if count > 1 and last_s > first_s else None

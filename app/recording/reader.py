"""Reads a recording: its predictions, its gestures, and its picture at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.live.snapshot import Prediction
from app.recording.database import UnreadableRecordingError, open_recording, telling_damage
from app.recording.header import RecordingHeader
from app.recording.pictures import decode
from models.decision import Gesture
from models.spec import ModelSpec
from models.trace import Action, BlockTrace, StepTrace

LONGEST_S = 1e7
"""Longer than any recording, in seconds: months."""

_STEPS_PER_LOOK = 10_000
"""Instructions of SQLite's machine, under a millisecond, between two polls of `cancelled`."""

Moment = TypeVar("Moment", Prediction, Gesture)

_HEADER_FIELDS = tuple(RecordingHeader.__dataclass_fields__)


class Recording:
    """A recording that is open for reading; used by one thread at a time.

    All times are seconds from its first picture, wherever in the run that was.

    Attributes:
        path: Its file.
        header: Its description.
        spec: The model that ran.
        start_s: Time of its first picture on the source's clock, in seconds.
        duration_s: Time from its first to its last picture, in seconds.
    """

    def __init__(self, path: Path, cancelled: Callable[[], bool] | None = None) -> None:
        """Open the file.

        Args:
            path: The file.
            cancelled: Polled during reading, in the thread that reads; once it returns True,
                reading ends with a `BrokenRecordingError`.

        Raises:
            UnreadableRecordingError: It is not a recording, is damaged, or was made by a newer
                version.
        """
        self.path = path
        self._connection = open_recording(path)
        self._connection.set_progress_handler(cancelled, _STEPS_PER_LOOK)
        try:
            with telling_damage(path, UnreadableRecordingError):
                self.header = read_header(self._connection)
                self.spec = _read_spec(self._connection)
                self.start_s, end_s = _span_s(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self.duration_s = end_s - self.start_s

    @property
    def model(self) -> str:
        """Name of the model that ran."""
        return self.header.model

    @property
    def engine(self) -> str:
        """Name of the engine that ran it."""
        return self.header.engine

    @cached_property
    def predictions(self) -> Sequence[Prediction]:
        """Every step of the model, in order, read on first use.

        Raises:
            BrokenRecordingError: The file is damaged.
        """
        with telling_damage(self.path):
            blocks = {
                number: list(rows)
                for number, rows in groupby(self._block_rows(), key=itemgetter(0))
            }
            rows = self._connection.execute("SELECT * FROM predictions ORDER BY number")
            found = [_prediction(row, blocks.get(row["number"], []), self.start_s) for row in rows]
            return _in_order(found)

    @cached_property
    def gestures(self) -> Sequence[Gesture]:
        """Every gesture that fired, in order.

        Raises:
            BrokenRecordingError: The file is damaged.
        """
        with telling_damage(self.path):
            return _in_order(
                [
                    Gesture(row["label"], row["confidence"], row["time_s"] - self.start_s)
                    for row in self._connection.execute("SELECT * FROM gestures ORDER BY number")
                ]
            )

    @cached_property
    def event_lines(self) -> Sequence[str]:
        """Every event as a line of JSON, with its original times.

        Raises:
            BrokenRecordingError: The file is damaged.
        """
        with telling_damage(self.path):
            return [
                row["line"]
                for row in self._connection.execute("SELECT line FROM events ORDER BY number")
            ]

    def frame_at(self, time_s: float) -> NDArray[np.uint8] | None:
        """Return the picture that was shown at a time; None before the first.

        Args:
            time_s: Seconds from the first picture.

        Returns:
            BGR of shape (H, W, 3), at most 640 pixels wide.

        Raises:
            BrokenRecordingError: The file is damaged.
        """
        with telling_damage(self.path):
            row = self._connection.execute(
                "SELECT jpeg FROM frames WHERE time_s <= ? "
                "ORDER BY time_s DESC, number DESC LIMIT 1",
                # Half a microsecond more, for rounding in subtraction and addition.
                (time_s + self.start_s + 5e-7,),
            ).fetchone()
            return None if row is None else decode(row["jpeg"])

    def _block_rows(self) -> Iterator[tuple[Any, ...]]:
        """Return the blocks of all predictions as plain tuples: an hour has about 200,000."""
        cursor = self._connection.cursor()
        cursor.row_factory = None
        return cursor.execute(
            "SELECT prediction, policy_ms, fusion_ms, name, actions, kept, reused_cached, "
            "reused_late, skipped, multiply_adds, dense_multiply_adds FROM blocks "
            "ORDER BY prediction, position"
        )

    def close(self) -> None:
        """Close the file; may be called more than once."""
        self._connection.close()


def load_recording(
    path: Path, cancelled: Callable[[], bool] | None = None
) -> tuple[Recording, ModelSpec]:
    """Open a recording and read all but its pictures: an hour takes a few seconds.

    Args:
        path: The file.
        cancelled: Polled in this thread; loading is abandoned once it returns True.

    Returns:
        The recording and the model that ran.

    Raises:
        AppError: It is not a recording, it is damaged, or loading was canceled.
    """
    recording = Recording(path, cancelled)
    try:
        # Damage is reported before a window shows anything.
        _ = recording.predictions, recording.gestures
    except BaseException:
        recording.close()
        raise
    return recording, recording.spec


def read_header(connection: sqlite3.Connection) -> RecordingHeader:
    """Return the header of a recording.

    Raises:
        ValueError: It is missing.
        msgspec.ValidationError: A value is impossible.
    """
    row = connection.execute(f"SELECT {', '.join(_HEADER_FIELDS)} FROM session").fetchone()
    if row is None:
        raise ValueError("it does not say which model ran")
    fields = dict(row) | {"finished": bool(row["finished"])}
    header = msgspec.convert(fields, RecordingHeader)
    if not 0 < header.frame_interval_s < LONGEST_S:
        raise ValueError("its samples have no time between them")
    return header


def _read_spec(connection: sqlite3.Connection) -> ModelSpec:
    """Return the description of the model that ran.

    Raises:
        msgspec.MsgspecError: It is not a valid description.
    """
    (described,) = connection.execute("SELECT model_spec FROM session").fetchone()
    return msgspec.json.decode(described, type=ModelSpec)


def _in_order(moments: list[Moment]) -> list[Moment]:
    """Check the times of moments, by which viewers look them up, and return the moments.

    Raises:
        ValueError: The times are not in increasing order, or far too large.
    """
    times_s = [moment.time_s for moment in moments]
    if not all(abs(time_s) < LONGEST_S for time_s in times_s):
        raise ValueError("a time is far too large")
    if any(later < earlier for earlier, later in pairwise(times_s)):
        raise ValueError("its times are not in increasing order")
    return moments


def _span_s(connection: sqlite3.Connection) -> tuple[float, float]:
    """Return the times of the first and the last picture; zeros where there is none."""
    first_s, last_s = connection.execute("SELECT min(time_s), max(time_s) FROM frames").fetchone()
    if first_s is None:
        return 0.0, 0.0
    if not abs(float(last_s) - float(first_s)) < LONGEST_S:
        raise ValueError("a time is far too large")
    return float(first_s), float(last_s)


def _trace(row: sqlite3.Row, blocks: list[tuple[Any, ...]]) -> StepTrace:
    """Return the trace of a step; times are known for all blocks or for none."""
    times = [block[1:3] for block in blocks]
    timed = bool(times) and all(spent_ms is not None for pair in times for spent_ms in pair)
    return StepTrace(
        tuple(_block(*block[3:]) for block in blocks),
        row["multiply_adds"],
        row["dense_multiply_adds"],
        np.asarray(times, np.float32) if timed else None,
    )


def _block(name: str, actions: bytes, *counts: int) -> BlockTrace:
    """Return a block after checking that its counts match its actions.

    Raises:
        ValueError: They do not match.
    """
    block = BlockTrace(name, np.frombuffer(actions, np.int8), *counts)
    found = np.bincount(block.actions, minlength=len(Action)).tolist()
    if found != [block.kept, block.reused, block.skipped]:
        raise ValueError(f"the actions of {name} do not match their counts")
    return block


def _prediction(row: sqlite3.Row, blocks: list[tuple[Any, ...]], start_s: float) -> Prediction:
    ranking = msgspec.json.decode(row["ranking"], type=tuple[tuple[str, float], ...])
    return Prediction(
        index=row["number"],
        frame_index=row["frame"],
        time_s=row["time_s"] - start_s,
        label=row["label"],
        confidence=row["confidence"],
        ranking=ranking,
        step_ms=row["step_ms"],
        trace=_trace(row, blocks),
    )

"""Writes a recording; what has been committed survives a crash of the program."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.live.events import Event, encode
from app.live.snapshot import Prediction
from app.recording.database import PATIENCE_S, journal_of
from app.recording.header import RecordingHeader
from app.recording.pictures import encode_preview, encode_sample
from app.recording.schema import (
    APPLICATION_ID,
    FORMAT,
    PAGE_BYTES,
    SQUARES_TABLE,
    TABLES,
    TWO_VIEW_FORMAT,
)
from app.sources.base import Frame
from models.decision import DecisionSettings, DecisionState, Gesture
from models.spec import ModelSpec


class RecordingWriter:
    """A recording that is being written; used by one thread at a time.

    All the time it holds SQLite's write lock, so that no second program can write to the file;
    reading is possible.
    """

    def __init__(
        self, path: Path, header: RecordingHeader, spec: ModelSpec, *, two_views: bool = False
    ) -> None:
        """Create the file; an existing one is replaced.

        Args:
            path: The file.
            header: Its description.
            spec: The model that runs.
            two_views: Whether its samples have squares as well.

        Raises:
            OSError: It cannot be created.
            sqlite3.Error: SQLite cannot create it.
        """
        self._decision: DecisionSettings | None = None
        if path.exists():
            path.unlink()
            # A killed program's journal would be taken for this file's.
            journal_of(path).unlink(missing_ok=True)
        # It shows people in their rooms: no other user of the machine may read it.
        path.touch(mode=0o600, exist_ok=False)
        self._connection = sqlite3.connect(
            path, timeout=PATIENCE_S, isolation_level=None, check_same_thread=False
        )
        try:
            self._create(header, spec, two_views=two_views)
        except BaseException:
            self.abandon()
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    def add_frame(self, frame: Frame) -> None:
        """Add a frame's preview."""
        self._connection.execute(
            "INSERT INTO frames VALUES (?, ?, ?, ?)",
            (frame.index, frame.time_s, frame.segment, encode_preview(frame.image)),
        )

    def add_sample(
        self,
        frame: Frame,
        picture: NDArray[np.uint8],
        run: int,
        decision: DecisionSettings,
        state_before: DecisionState,
    ) -> None:
        """Add what the network saw of a frame.

        Args:
            frame: The frame.
            picture: What the network saw: BGR of its input size, of shape (H, W, 3).
            run: Index of the uninterrupted run of samples that it belongs to.
            decision: The decision settings.
            state_before: The decision's state before this sample; kept with the first.
        """
        changed = None if decision == self._decision else msgspec.json.encode(decision).decode()
        state = None if self._decision is not None else msgspec.json.encode(state_before).decode()
        self._decision = decision
        self._connection.execute(
            "INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                frame.index,
                frame.time_s,
                frame.segment,
                run,
                changed,
                state,
                encode_sample(picture),
            ),
        )

    def add_square(self, frame: Frame, square: NDArray[np.uint8]) -> None:
        """Add what the second view saw of a frame: BGR of shape (S, S, 3)."""
        self._connection.execute(
            "INSERT INTO squares VALUES (?, ?)", (frame.index, encode_sample(square))
        )

    def add_prediction(self, prediction: Prediction) -> None:
        """Add one step of the model with all its blocks."""
        trace = prediction.trace
        times = [(None, None)] * len(trace.blocks)
        if trace.block_ms is not None:
            times = trace.block_ms.tolist()
        self._connection.execute(
            "INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                prediction.index,
                prediction.frame_index,
                prediction.time_s,
                prediction.label,
                prediction.confidence,
                msgspec.json.encode(prediction.ranking).decode(),
                prediction.step_ms,
                trace.multiply_adds,
                trace.dense_multiply_adds,
            ),
        )
        self._connection.executemany(
            "INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    prediction.index,
                    position,
                    block.name,
                    int(block.kept),
                    int(block.reused_cached),
                    int(block.reused_late),
                    int(block.skipped),
                    int(block.multiply_adds),
                    int(block.dense_multiply_adds),
                    np.asarray(block.actions, np.int8).tobytes(),
                    *times[position],
                )
                for position, block in enumerate(trace.blocks)
            ],
        )

    def add_gesture(self, gesture: Gesture) -> None:
        """Add a gesture that fired."""
        self._connection.execute(
            "INSERT INTO gestures (time_s, label, confidence) VALUES (?, ?, ?)",
            (gesture.time_s, gesture.label, gesture.confidence),
        )

    def add_event(self, event: Event) -> None:
        """Add an event, as a line of the event file."""
        line = encode(event).decode().rstrip("\n")
        kind = str(msgspec.to_builtins(event)["type"])
        self._connection.execute(
            "INSERT INTO events (t, type, line) VALUES (?, ?, ?)", (event.t, kind, line)
        )

    def set_source(self, name: str) -> None:
        """Set the name of the camera or file, if it was not known at the start."""
        self._connection.execute("UPDATE session SET source = ?", (name,))

    def commit(self) -> None:
        """Make everything so far permanent."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN IMMEDIATE")

    def finish(self, frames_left_out: int) -> None:
        """Close the recording properly.

        Args:
            frames_left_out: Frames that are missing because the disk was too slow.
        """
        self._connection.execute(
            "UPDATE session SET finished = 1, frames_left_out = ?", (frames_left_out,)
        )
        self._connection.execute("COMMIT")
        self._connection.close()

    def abandon(self) -> None:
        """Close the file as it was at the last commit."""
        with suppress(sqlite3.Error):
            self._connection.rollback()
        with suppress(sqlite3.Error):
            self._connection.close()

    def _create(self, header: RecordingHeader, spec: ModelSpec, *, two_views: bool) -> None:
        version, tables = FORMAT, TABLES
        if two_views:
            version, tables = TWO_VIEW_FORMAT, TABLES + SQUARES_TABLE
        connection = self._connection
        connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        # The file changes only in commits, so that it is nearly always consistent.
        connection.execute("PRAGMA cache_spill = OFF")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.executescript(f"BEGIN IMMEDIATE; {tables}")
        fields = asdict(header) | {"model_spec": msgspec.json.encode(spec).decode()}
        names, marks = ", ".join(fields), ", ".join("?" * len(fields))
        connection.execute(
            f"INSERT INTO session ({names}) VALUES ({marks})",
            tuple(fields.values()),
        )
        self.commit()

"""Records a run on request, without slowing it down."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from time import monotonic

from app.errors import AppError, sentence
from app.live.events import Event
from app.live.recognizer import Recognition
from app.recording.backlog import Backlog
from app.recording.header import RecordedModel, RecordingHeader
from app.recording.target import check_recordable, unwritable
from app.recording.writer import RecordingWriter
from app.sources.base import Frame
from models.cadence import Sample

log = logging.getLogger(__name__)

COMMIT_INTERVAL_S = 0.5
"""At most this much is lost when the program is killed."""

CLOSE_TIMEOUT_S = 5.0
"""Longest time that the end of a recording waits for the disk."""

_TRACE_BYTES = 8192
"""Rough size of a prediction or an event in memory."""

Job = Callable[[RecordingWriter], None]


class RecordingError(AppError):
    """A recording broke off."""


@dataclass(frozen=True)
class RecorderStatus:
    """The state of a recorder.

    Attributes:
        path: The file that is being recorded to; None while nothing is recorded.
        elapsed_s: Duration of the recording so far, in seconds.
        frames_left_out: Frames that are missing because the disk was too slow.
        failure: Why the last recording broke off, as one sentence; empty if it did not.
    """

    path: Path | None = None
    elapsed_s: float = 0.0
    frames_left_out: int = 0
    failure: str = ""


class Recorder:
    """Is notified of everything that a run does, and writes it between `start` and `stop`.

    Any thread may call any method. Writing happens in a thread of its own; if the disk is slower
    than the camera, previews are dropped, but never a sample or a prediction.
    """

    def __init__(self, model: RecordedModel, *, patient: bool = False) -> None:
        """Record nothing yet.

        Args:
            model: The model that runs.
            patient: Delay the run rather than drop frames: for files that are played as fast as
                possible.
        """
        self._model = model
        self._patient = patient
        self._lock = Lock()
        self._source = ""
        self._active: _ActiveRecording | None = None
        self._failure = ""

    @property
    def status(self) -> RecorderStatus:
        """The state of the recorder now."""
        with self._lock:
            active, failure = self._active, self._failure
        if active is None:
            return RecorderStatus(failure=failure)
        if active.failure:
            return RecorderStatus(failure=active.failure)
        elapsed_s = monotonic() - active.started_s
        return RecorderStatus(active.path, elapsed_s, active.frames_left_out)

    def start(self, path: Path) -> None:
        """Record from the next frame on; a recording in progress ends.

        Args:
            path: The file; an older recording of that name is replaced.

        Raises:
            UsageError: It cannot be written, or is another kind of file.
        """
        self.stop()
        check_recordable(path)
        header = RecordingHeader.of(self._model, self._source)
        try:
            two_views = self._model.square_side is not None
            writer = RecordingWriter(path, header, self._model.spec, two_views=two_views)
        except (OSError, sqlite3.Error) as error:
            raise unwritable(path, _reason(error)) from error
        with self._lock:
            self._failure = ""
            self._active = _ActiveRecording(path, writer, patient=self._patient)

    def stop(self) -> Path | None:
        """End the recording and wait until it is written; does nothing if there is none.

        Returns:
            Its file; None if there was no recording, or if it broke off.
        """
        with self._lock:
            active, self._active = self._active, None
        if active is None:
            return None
        active.close()
        with self._lock:
            self._failure = active.failure
        return None if active.failure else active.path

    def use_model(self, model: RecordedModel) -> None:
        """Use another model from now on; a recording belongs to one model, and ends."""
        self.stop()
        self._model = model

    def opened(self, source_name: str) -> None:
        """Note which camera or file the frames come from."""
        with self._lock:
            known, self._source, active = self._source, source_name, self._active
        if active is not None and known != source_name:
            active.put(lambda writer: writer.set_source(source_name), len(source_name))

    def takes_start(self) -> bool:
        """Return whether the next sample is the first of a recording; true once for each.

        The stream must restart there, because a replay starts there. To be called before every
        sample, by the recognizing thread.
        """
        active = self._current()
        if active is None or active.sampled:
            return False
        active.sampled = True
        return True

    def see_frame(self, frame: Frame) -> None:
        """Record a frame's preview; frames must be in increasing order."""
        active = self._current()
        if active is not None:
            active.put_frame(frame)

    def see_recognition(self, sample: Sample[Frame], recognition: Recognition) -> None:
        """Record a sample and what the model made of it."""
        active = self._current()
        if active is None or not active.sampled:
            return
        picture = recognition.snapshot.ring[-1]
        active.put(
            partial(_write_recognition, sample=sample, recognition=recognition),
            picture.nbytes + _TRACE_BYTES,
        )

    def see_event(self, event: Event) -> None:
        """Record an event."""
        active = self._current()
        if active is not None and active.sampled:
            active.put(lambda writer: writer.add_event(event), _TRACE_BYTES)

    def _current(self) -> _ActiveRecording | None:
        with self._lock:
            return self._active


class _ActiveRecording:
    """A recording in progress, with the thread that writes it.

    Attributes:
        path: Its file.
        started_s: `time.monotonic()` at its start.
        sampled: Whether it has its first sample.
        frames_left_out: Frames that are missing because the disk was too slow.
        failure: Why it broke off; empty if it did not.
    """

    def __init__(self, path: Path, writer: RecordingWriter, *, patient: bool) -> None:
        self.path = path
        self.started_s = monotonic()
        self.sampled = False
        self.frames_left_out = 0
        self.failure = ""
        self._writer = writer
        self._backlog: Backlog[Job] = Backlog(patient=patient)
        self._thread = Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    def put_frame(self, frame: Frame) -> None:
        """Queue a frame's preview if there is room for it."""
        taken = self._backlog.put(
            lambda writer: writer.add_frame(frame), frame.image.nbytes, dispensable=True
        )
        if not taken and not self._backlog.closed:
            self.frames_left_out += 1

    def put(self, job: Job, size_bytes: int) -> None:
        """Queue something that must not be missing from a recording."""
        if not self._backlog.put(job, size_bytes) and not self._backlog.closed:
            self._fail("the disk does not keep up")

    def close(self) -> None:
        """Write what is queued, and close the file."""
        self._backlog.close()
        self._thread.join(CLOSE_TIMEOUT_S)
        if self._thread.is_alive():
            self._fail("the disk does not keep up")
        if self.frames_left_out and not self.failure:
            log.warning(
                "The disk was too slow for %d frames, which are missing from %s; "
                "predictions are complete.",
                self.frames_left_out,
                self.path,
            )

    def _write(self) -> None:
        """Run the jobs, and commit twice a second."""
        committed_s = monotonic()
        try:
            while not self._backlog.over:
                job = self._backlog.take(COMMIT_INTERVAL_S)
                if job is not None:
                    job(self._writer)
                if monotonic() - committed_s >= COMMIT_INTERVAL_S:
                    self._writer.commit()
                    committed_s = monotonic()
            if self.failure:
                self._writer.abandon()
            else:
                self._writer.finish(self.frames_left_out)
        except (OSError, sqlite3.Error) as error:
            self._fail(_reason(error))
            self._writer.abandon()
        except Exception as error:
            # Whatever it is: a thread that ended silently would look like a recording.
            self._fail(sentence(error))
            self._writer.abandon()

    def _fail(self, reason: str) -> None:
        """Accept no more jobs, and keep the first reason."""
        self._backlog.close(discard=True)
        if not self.failure:
            self.failure = self._explained(reason)

    def _explained(self, reason: str) -> str:
        """Return what happened to the recording, in one or two sentences."""
        if not self.path.exists():
            return (
                f"The recording {self.path} broke off: its file was deleted or moved. Record to a "
                "folder in which no program does that."
            )
        return (
            f"The recording {self.path} broke off ({reason}); what was recorded until then is "
            "kept. Make room, or record to another disk."
        )


def _write_recognition(
    writer: RecordingWriter, sample: Sample[Frame], recognition: Recognition
) -> None:
    """Write a sample and its prediction, and the gesture that it fired."""
    snapshot = recognition.snapshot
    writer.add_sample(
        sample.frame,
        snapshot.ring[-1],
        sample.run,
        recognition.decision,
        recognition.state_before,
    )
    if snapshot.hand is not None:
        writer.add_square(sample.frame, snapshot.hand.square)
    writer.add_prediction(snapshot.prediction)
    if recognition.fired is not None:
        writer.add_gesture(recognition.fired)


def _reason(error: Exception) -> str:
    """Return the cause in a few words."""
    if isinstance(error, sqlite3.Error) and "full" in str(error):
        return "the disk is full"
    return str(getattr(error, "strerror", None) or error)

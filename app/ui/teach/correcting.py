"""From a line of the log to a set that was fitted again and runs."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QMessageBox

from app.live.step_memory import CAPACITY, RememberedStep, StepMemory
from app.live.switcher import ModelChoice, SwitchStatus
from app.process.background_work import BackgroundWork
from app.teaching.corrections import (
    AFTER_S,
    BEFORE_S,
    MISSED_WITHIN_S,
    Corrected,
    Correction,
    begin_correction,
    features_between,
    missed_moment,
)
from app.teaching.fit import general_model
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.teach.gesture_log import GestureLog, LoggedGesture
from models.errors import ModelError
from models.personal.personal_set import PersonalSet, read_set, write_set
from models.personal.takes import Lesson
from models.personal.teaching import lesson_of
from models.personal.windows import Features

log = logging.getLogger(__name__)

POLL_INTERVAL_MS = 60
_NOT_KEPT = (
    "What these gestures were taught with was not kept, so that they cannot be corrected: teach "
    "them again, and keep what was taken."
)
_SWITCHED = "the set was switched before it could be corrected"

LONGEST_WAIT_S = 2.0
"""Seconds to wait for what follows a gesture; a source that has ended or was lost gives nothing."""


@dataclass(frozen=True)
class _Wanted:
    """A correction that was asked for.

    Attributes:
        label: What was made; None for nothing.
        entry: The line of the log; None of a gesture that was missed.
        path: The set that is corrected, and no other.
        asked_s: When it was asked for, on the monotonic clock.
    """

    label: str | None
    entry: LoggedGesture | None
    path: Path | None
    asked_s: float


@dataclass(frozen=True)
class _Fitting:
    """A correction that is being fitted.

    Attributes:
        wanted: What was asked for.
        lesson: What the set was fitted to before.
        work: The fit.
    """

    wanted: _Wanted
    lesson: Lesson
    work: BackgroundWork[Corrected]


@dataclass(frozen=True)
class _Remembered:
    """What a set was fitted to; another set may take its file's place."""

    digest: str
    lesson: Lesson


class Correcting(QObject):
    """Corrects the set that runs, one correction after the other; a window owns it.

    Attributes:
        personal: The set that runs; None of the model's own gestures, or if it cannot be read.
    """

    set_changed = pyqtSignal()
    """Another set runs, or none."""

    def __init__(
        self, gestures: GestureLog, steps: StepMemory, switcher: PolledSwitcher, parent: QObject
    ) -> None:
        """Correct nothing yet.

        Args:
            gestures: The log in which people say what a gesture was.
            steps: The newest steps of the run.
            switcher: Lets a set run.
            parent: Deletes this object along with itself.
        """
        super().__init__(parent)
        self._log, self._steps, self._switcher = gestures, steps, switcher
        self._lessons: dict[Path, _Remembered] = {}
        self.personal: PersonalSet | None = None
        self._path: Path | None = None
        self._choice: ModelChoice | None = None
        self._before = -1
        self._queue: deque[_Wanted] = deque()
        self._running: _Fitting | None = None
        self._asking: _Wanted | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        gestures.corrected.connect(self._ask)
        gestures.missed.connect(lambda label: self._ask(None, label))
        self._switches = switcher.status.switches
        switcher.status_changed.connect(self._follow)
        self.show_choice(switcher.status.chosen)

    def keep_lesson(self, path: Path, lesson: Lesson) -> None:
        """Remember, for this run of the program, what a set was fitted to."""
        try:
            self._lessons[path] = _Remembered(read_set(path).digest, lesson)
        except (ModelError, OSError) as error:  # said when the set is to run
            log.warning("%s", error)

    def show_choice(self, chosen: ModelChoice) -> None:
        """Offer corrections to the set that runs now."""
        if replace(chosen, engine="") != self._choice:
            self._choice = replace(chosen, engine="")
            newest = self._steps.newest
            self._before = -1 if newest is None else newest.index
        self.personal = self._path = None
        try:
            self._offer(chosen)
        except (ModelError, OSError, ValueError) as error:
            self._log.set_correctable((), str(error))
        self.set_changed.emit()

    def _offer(self, chosen: ModelChoice) -> None:
        """Offer corrections to a set.

        Raises:
            ModelError, OSError, ValueError: The set or its model cannot be read.
        """
        if chosen.personal is None:
            self._log.set_correctable(())
            return
        path = Path(chosen.personal).expanduser()
        self.personal = personal = read_set(path)
        remembered = self._lessons.get(path)
        if remembered is None or remembered.digest != personal.digest:
            self._lessons.pop(path, None)  # of a set that was in its place before
            model = general_model(chosen.model)
            kept = lesson_of(personal, model.spec.frame_interval_s)
            if kept is None:
                self._log.set_correctable((), _NOT_KEPT)
                return
            self._lessons[path] = _Remembered(personal.digest, kept)
        self._path = path
        about = personal.about
        self._log.set_correctable(
            tuple(label for label in about.labels if label not in about.silent_labels)
        )

    def _follow(self, status: SwitchStatus) -> None:
        if status.switches != self._switches:
            self._switches = status.switches
            self.show_choice(status.chosen)

    def poll(self) -> None:
        """Begin with what was asked for once its moment is over, and take up what is fitted."""
        if self._running is not None:
            fitting = self._running
            if not fitting.work.ended:
                return
            self._running = None
            self._finish(fitting)
        if self._asking is not None:  # what comes next builds upon the answer
            self._timer.stop()
            return
        if self._queue and self._is_over(self._queue[0]):
            self._begin(self._queue.popleft())
        if not self._queue and self._running is None:
            self._timer.stop()

    def _ask(self, entry: LoggedGesture | None, label: str | None) -> None:
        if entry is not None:
            running = () if self._running is None else (self._running.wanted,)
            asking = () if self._asking is None else (self._asking,)
            if any(one.entry is entry for one in (*self._queue, *running, *asking)):
                return
            self._log.note(entry, "learning…")
        elif label is not None:
            self._log.note_missed(label, "learning…")
        self._queue.append(_Wanted(label, entry, self._path, time.monotonic()))
        self._timer.start()

    def _is_over(self, wanted: _Wanted) -> bool:
        newest, entry = self._steps.newest, wanted.entry
        if newest is None or entry is None or newest.run != entry.run:
            return True
        if time.monotonic() - wanted.asked_s > LONGEST_WAIT_S:
            return True
        return newest.time_s >= entry.gesture.time_s + AFTER_S

    def _begin(self, wanted: _Wanted) -> None:
        personal, path = self.personal, self._path
        if personal is None or path is None or path != wanted.path:
            self._note(wanted, _SWITCHED)
            return
        try:
            model = general_model(self._switcher.status.chosen.model)
        except ModelError as error:
            self._note(wanted, str(error))
            return
        moment = self._moment(wanted, personal, model.spec.frames)
        if moment is None:
            self._note(wanted, _forgotten(wanted, model.spec.frame_interval_s))
            return
        lesson = self._lessons[path].lesson
        work = begin_correction(model, lesson, personal, Correction(moment, wanted.label))
        self._running = _Fitting(wanted, lesson, work)

    def _moment(self, wanted: _Wanted, personal: PersonalSet, frames: int) -> Features | None:
        """Return the moment that is corrected; None if it is not remembered any more."""
        steps, entry = self._readable(personal), wanted.entry
        if entry is not None:
            at_s = entry.gesture.time_s
            return features_between(steps, at_s - BEFORE_S, at_s + AFTER_S, entry.run)
        assert wanted.label is not None  # what was missed has a name
        return missed_moment(steps, wanted.label, personal, frames)

    def _readable(self, personal: PersonalSet) -> list[RememberedStep]:
        """Return the steps since the set runs; those of another model would teach nonsense."""
        size = personal.head.weight.shape[1] // 2
        return [
            step
            for step in self._steps.after(self._before)
            if step.features is not None and len(step.features) == size
        ]

    def _finish(self, fitting: _Fitting) -> None:
        wanted = fitting.wanted
        try:
            corrected = fitting.work.result()
        except ModelError as error:
            self._note(wanted, str(error))
            return
        except Exception as error:  # it must not end the window
            log.warning("A correction failed: %s: %s", type(error).__name__, error)
            self._note(wanted, "not corrected because of an internal error")
            return
        if corrected.worse:
            self._asking = wanted
            self._note(wanted, "not corrected: the takes would become worse")
            self._ask_whether(corrected, lambda: self._use(fitting, corrected))
        else:
            self._use(fitting, corrected)

    def _use(self, fitting: _Fitting, corrected: Corrected) -> None:
        wanted, path, before = fitting.wanted, self._path, self.personal
        remembered = None if path is None else self._lessons.get(path)
        same = remembered is not None and remembered.lesson is fitting.lesson
        if path is None or before is None or path != wanted.path or not same:
            self._note(wanted, _SWITCHED)  # the file may be another person's by now
            return
        taught, lesson = corrected.taught, corrected.lesson
        personal = taught.keeping(lesson) if before.kept else taught.set
        try:
            write_set(path, personal)
        except ModelError as error:
            self._note(wanted, str(error))
            return
        self._lessons[path] = _Remembered(personal.digest, lesson)
        self.personal = personal
        what = "was nothing" if wanted.label is None else f"was {wanted.label}"
        self._note(wanted, what if corrected.helps else f"{what}; it may happen again")
        # As it was chosen: only a set that runs already is taken over without a break.
        self._switcher.use_personal(self._switcher.status.chosen.personal)

    def _answered(self) -> None:
        self._asking = None
        self._timer.start()

    def _note(self, wanted: _Wanted, remark: str) -> None:
        if wanted.entry is not None:
            self._log.note(wanted.entry, remark)
        else:
            assert wanted.label is not None  # what was missed has a name
            self._log.note_missed(wanted.label, remark)

    def _ask_whether(self, corrected: Corrected, use: Callable[[], None]) -> None:
        """Ask whether a set is used that is worse on the takes."""
        after, before = corrected.taught.figure, corrected.before
        box = QMessageBox(
            QMessageBox.Icon.Question,
            "Correct",
            f"With this correction {after.right} of {after.judged} takes would be right, and "
            f"{after.fired.total()} times something would fire in the ordinary behavior; now it "
            f"is {before.right} of {before.judged}, and {before.fired.total()}. Use it?",
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            self._log.window(),
        )
        box.setDefaultButton(QMessageBox.StandardButton.No)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.accepted.connect(use)
        box.finished.connect(self._answered)
        box.open()


def _forgotten(wanted: _Wanted, interval_s: float) -> str:
    """Say that a moment is not remembered any more, and what to do."""
    if wanted.entry is None:
        return f"nothing was seen; make it again, and say so within {MISSED_WITHIN_S:.0f} seconds"
    seconds = CAPACITY * interval_s
    return (
        f"not remembered any more; correct a gesture within {seconds:.0f} seconds, and before "
        "another person, model or source is chosen"
    )

"""From a line of the log to a set that was fitted again and runs."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PyQt6.QtCore import QObject, Qt, QTimer, pyqtSignal
from PyQt6.QtWidgets import QMessageBox

from app.live.step_memory import StepMemory
from app.live.switcher import ModelChoice, SwitchStatus
from app.process.background_work import BackgroundWork
from app.teaching.corrections import (
    AFTER_S,
    BEFORE_S,
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

log = logging.getLogger(__name__)

POLL_INTERVAL_MS = 60
_NOT_KEPT = (
    "What these gestures were taught with was not kept, so that they cannot be corrected: teach "
    "them again, and keep what was taken."
)
_TOO_LATE = "too long ago to be corrected"


@dataclass(frozen=True)
class _Wanted:
    """A correction that was asked for.

    Attributes:
        label: What was made; None for nothing.
        entry: The line of the log; None of a gesture that was missed.
    """

    label: str | None
    entry: LoggedGesture | None


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
        self._lessons: dict[Path, Lesson] = {}
        self.personal: PersonalSet | None = None
        self._path: Path | None = None
        self._queue: deque[_Wanted] = deque()
        self._running: tuple[_Wanted, BackgroundWork[Corrected]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        gestures.corrected.connect(lambda entry, label: self._ask(_Wanted(label, entry)))
        gestures.missed.connect(lambda label: self._ask(_Wanted(label, None)))
        self._switches = switcher.status.switches
        switcher.status_changed.connect(self._follow)
        self.show_choice(switcher.status.chosen)

    def keep_lesson(self, path: Path, lesson: Lesson) -> None:
        """Remember, for this run of the program, what a set was fitted to."""
        self._lessons[path] = lesson

    def show_choice(self, chosen: ModelChoice) -> None:
        """Offer corrections to the set that runs now."""
        self._offer(chosen)
        self.set_changed.emit()

    def _offer(self, chosen: ModelChoice) -> None:
        self.personal = self._path = None
        if chosen.personal is None:
            self._log.set_correctable(())
            return
        path = Path(chosen.personal).expanduser()
        try:
            personal = read_set(path)
        except ModelError as error:
            self._log.set_correctable((), str(error))
            return
        self.personal = personal
        if path not in self._lessons:
            model = general_model(chosen.model)
            kept = lesson_of(personal, model.spec.frame_interval_s)
            if kept is None:
                self._log.set_correctable((), _NOT_KEPT)
                return
            self._lessons[path] = kept
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
            wanted, work = self._running
            if not work.ended:
                return
            self._running = None
            self._finish(wanted, work)
        if self._queue and self._is_over(self._queue[0]):
            self._begin(self._queue.popleft())
        if not self._queue and self._running is None:
            self._timer.stop()

    def _ask(self, wanted: _Wanted) -> None:
        if wanted.entry is not None:
            self._log.note(wanted.entry, "learning…")
        self._queue.append(wanted)
        self._timer.start()

    def _is_over(self, wanted: _Wanted) -> bool:
        newest, entry = self._steps.newest, wanted.entry
        if newest is None or entry is None or newest.run != entry.run:
            return True
        return newest.time_s >= entry.gesture.time_s + AFTER_S

    def _begin(self, wanted: _Wanted) -> None:
        personal, path = self.personal, self._path
        if personal is None or path is None:
            self._note(wanted, "the set was switched before it could be corrected")
            return
        model = general_model(self._switcher.status.chosen.model)
        steps, entry = self._steps.after(-1), wanted.entry
        if entry is not None:
            at_s = entry.gesture.time_s
            moment = features_between(steps, at_s - BEFORE_S, at_s + AFTER_S, entry.run)
        else:
            assert wanted.label is not None  # what was missed has a name
            moment = missed_moment(steps, wanted.label, personal, model.spec.frames)
        if moment is None:
            self._note(wanted, _TOO_LATE)
            return
        correction = Correction(moment, wanted.label)
        work = begin_correction(model, self._lessons[path], personal, correction)
        self._running = (wanted, work)

    def _finish(self, wanted: _Wanted, work: BackgroundWork[Corrected]) -> None:
        try:
            corrected = work.result()
        except ModelError as error:
            self._note(wanted, str(error))
            return
        if corrected.worse:
            self._ask_whether(corrected, lambda: self._use(wanted, corrected))
            self._note(wanted, "not corrected: the takes would become worse")
        else:
            self._use(wanted, corrected)

    def _use(self, wanted: _Wanted, corrected: Corrected) -> None:
        path, before = self._path, self.personal
        if path is None or before is None:
            return
        taught, lesson = corrected.taught, corrected.lesson
        personal = taught.keeping(lesson) if before.kept else taught.set
        try:
            write_set(path, personal)
        except ModelError as error:
            self._note(wanted, str(error))
            return
        self._lessons[path] = lesson
        self.personal = personal
        what = "was nothing" if wanted.label is None else f"was {wanted.label}"
        self._note(wanted, what if corrected.helps else f"{what}; it may happen again")
        self._switcher.use_personal(str(path))

    def _note(self, wanted: _Wanted, remark: str) -> None:
        if wanted.entry is not None:
            self._log.note(wanted.entry, remark)
        else:
            self._log.remark.setText(f"{wanted.label}: {remark}.")
            self._log.remark.show()

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
        box.open()

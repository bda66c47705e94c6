"""The dialog "Teach": choose gestures, show them, and see what was learned before it is used."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtCore import QTimer, pyqtSignal
from PyQt6.QtWidgets import QDialog, QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from app.errors import AppError
from app.live.step_memory import StepMemory
from app.process.background_work import BackgroundWork
from app.sources.base import Frame
from app.teaching.course import Course, Phase, ShownTake
from app.teaching.draft import DraftError, read_draft, write_draft
from app.teaching.fit import begin_fit
from app.teaching.learners import Learners
from app.teaching.people import People
from app.ui.teach.choose_page import ChoosePage
from app.ui.teach.result_page import ResultPage
from app.ui.teach.take_page import TakePage
from models.errors import ModelError
from models.personal.fitting import GeneralModel
from models.personal.teaching import Taught
from models.spec import ModelSpec

log = logging.getLogger(__name__)

POLL_INTERVAL_MS = 40
KEEP_EVERY_S = 5.0
"""Ordinary behavior is written every so many seconds of it."""


class TeachDialog(QDialog):
    """Teaches one person's gestures; the live view goes on beside it.

    Attributes:
        course: The lesson; None before it begins.
        camera: Name of the camera that is looked through; empty for anything else.
    """

    taught = pyqtSignal(object, object)
    """A set was saved and is to run: its path, and its `Lesson`."""

    def __init__(
        self,
        model: GeneralModel,
        steps: StepMemory,
        people: People,
        set_teaching: Callable[[bool], None] = lambda teaching: None,
        parent: QWidget | None = None,
    ) -> None:
        """Open on the first page.

        Args:
            model: The general model that runs.
            steps: Its newest steps.
            people: Keeps the sets.
            set_teaching: Told when gestures must send no keys, and when they may again.
            parent: The window that the dialog belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle("Teach your gestures")
        self._model, self._steps, self._people = model, steps, people
        self._set_teaching = set_teaching
        self.course: Course | None = None
        self.camera = ""
        self._name, self._draft = "", Path()
        self._learners = Learners(people, model.weights_digest)
        self._trouble = ""
        self._seen = -1
        self._kept: tuple[int, int] = (0, 0)
        self._fit: BackgroundWork[Taught] | None = None
        self._result: Taught | None = None
        self.choose = ChoosePage(self._learners.unfinished, self._learners.replaced)
        self.take = TakePage()
        self.outcome = ResultPage()
        self.pages = QStackedWidget()
        self._build()
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.poll)
        self._timer.start()
        self._set_teaching(True)

    def suggest(self, name: str) -> None:
        """Begin with a person: of one whose set is another model's, the gestures are chosen."""
        self.choose.suggest(name, self._learners.to_teach_again(name))

    def belongs_to(self, spec: ModelSpec) -> bool:
        """Return whether a model, with or without a person's set, is the one that is taught."""
        return spec.name == self._model.spec.name

    def has_weights(self, digest: str) -> bool:
        """Return whether weights are those of the model that is taught."""
        return digest == self._model.weights_digest

    def show_frame(self, frame: Frame) -> None:
        """Show the newest picture of the source."""
        self.take.live.show_image(frame.image)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror every picture, or none."""
        self.choose.set_mirrored(mirrored)
        self.take.set_mirrored(mirrored)

    def poll(self) -> None:
        """Take the newest steps into account, and look how far the fit is."""
        fit = self._fit
        if fit is not None:
            self._poll_fit(fit)
        course = self.course
        if course is None or self.pages.currentWidget() is not self.take:
            return
        for step in self._steps.after(self._seen):
            self._seen = step.index
            if step.features is None:
                self._fail("The engine that runs gives no features; choose another one.")
                return
            course.see(step)
        self._keep(course)
        self.take.show_course(course, self._trouble)
        if course.phase is Phase.DONE:
            self._keep(course, always=True)
            self._begin_fit()

    def begin(self, name: str, gestures: tuple[str, ...]) -> None:
        """Begin a lesson; one of this name that was begun before is discarded."""
        try:
            draft = self._people.lesson_path(name)
        except AppError as error:
            self._warn(str(error))
            return
        spec = self._model.spec
        self._start(name, draft, Course(gestures, spec.frame_interval_s, spec.frames))

    def continue_lesson(self, name: str) -> None:
        """Go on with the lesson of a name where it was broken off."""
        try:
            path = self._people.lesson_path(name)
            draft = read_draft(path)
        except AppError as error:
            self._warn(str(error))
            return
        sizes = {len(step) for take in draft.course.takes for step in take.features}
        if draft.model_digest != self._model.weights_digest or (
            sizes and sizes != {self._model.head.weight.shape[1]}
        ):
            self._warn("The lesson was begun with another model; begin a new one, or choose it.")
            return
        self._start(name, path, draft.course)

    def done(self, result: int) -> None:
        """Close, by Esc or otherwise; what was taken is kept."""
        self._end()
        super().done(result)

    def _end(self) -> None:
        self._timer.stop()
        self._set_teaching(False)
        course = self.course
        taken = course is not None and bool(course.takes or course.ordinary)
        if course is not None and taken and self._result is None:
            self._keep(course, always=True)  # an empty one would replace what was kept before
        self.choose.player.stop()
        self.take.player.stop()

    def _start(self, name: str, draft: Path, course: Course) -> None:
        self._name, self._draft, self.course = name, draft, course
        newest = self._steps.newest
        self._seen = -1 if newest is None else newest.index
        self._kept = (len(course.takes), 0)
        self._result = None
        if course.phase is Phase.DONE:
            self._begin_fit()
            return
        self._show_takes()

    def _show_takes(self) -> None:
        assert self.course is not None  # of a lesson that has begun
        self.pages.setCurrentWidget(self.take)
        self.choose.player.stop()
        self.take.player.play()
        self.take.show_course(self.course, self._trouble)
        self.take.pause.setFocus()

    def _toggle_pause(self) -> None:
        course = self.course
        assert course is not None  # the button is on the page of a lesson
        if course.phase is Phase.READY_FOR_ORDINARY:
            course.begin_ordinary()
        elif course.paused:
            course.resume()
        else:
            course.pause()
        self.take.show_course(course, self._trouble)

    def _take_again(self, take: ShownTake) -> None:
        assert self.course is not None  # takes belong to a lesson
        self.course.take_again(take)
        self._keep(self.course, always=True)
        self.take.show_course(self.course, self._trouble)

    def _enough(self) -> None:
        if self.course is not None:
            self.course.end_ordinary()
            self.poll()

    def _back_to_takes(self) -> None:
        course = self.course
        if course is None:
            self.pages.setCurrentWidget(self.choose)
            return
        course.reopen()
        self._result = None
        self._show_takes()

    def _begin_fit(self) -> None:
        course = self.course
        assert course is not None  # what was taken is fitted
        self.take.player.stop()
        self.pages.setCurrentWidget(self.outcome)
        self.outcome.show_progress(None)
        self._fit = begin_fit(
            self._model,
            course.lesson,
            self._name,
            false_per_min=self.outcome.false_per_min,
            camera=self.camera,
        )

    def _poll_fit(self, fit: BackgroundWork[Taught]) -> None:
        if not fit.ended:
            self.outcome.show_progress(fit.fraction)
            return
        self._fit = None
        try:
            self._result = fit.result()
        except ModelError as error:
            self.outcome.show_failure(str(error))
            return
        except Exception as error:  # it must not end the window
            log.warning("The fit failed: %s: %s", type(error).__name__, error)
            self.outcome.show_failure("It could not be learned because of an internal error.")
            return
        self.outcome.show_figure(self._result.figure)

    def _use(self, keep: bool) -> None:
        """Save the set and let it run."""
        result, course = self._result, self.course
        if result is None or course is None:
            return
        try:
            path = self._people.save(result.keeping(course.lesson) if keep else result.set)
        except (AppError, ModelError) as error:
            self._warn(str(error))
            return
        try:
            self._draft.unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s", error)
        self.taught.emit(path, course.lesson)
        self.accept()

    def _keep(self, course: Course, *, always: bool = False) -> None:
        """Write what was taken, if that is more than was written."""
        block = int(course.ordinary_s / KEEP_EVERY_S)
        now = (sum(take.counts for take in course.takes), block)
        if now == self._kept and not always:
            return
        self._kept = now
        try:
            write_draft(self._draft, course, self._model.weights_digest, self._name)
        except DraftError as error:
            if str(error) != self._trouble:
                log.warning("%s", error)
            self._trouble = str(error)
        else:
            self._trouble = ""

    def _fail(self, sentence: str) -> None:
        self.pages.setCurrentWidget(self.outcome)
        self.outcome.show_failure(sentence)

    def _warn(self, sentence: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Warning, self.windowTitle(), sentence, parent=self)
        box.open()

    def _build(self) -> None:
        spec = self._model.spec
        gestures = [label for label in spec.labels if label not in spec.silent_labels]
        self.choose.show_model(gestures, spec.silent_labels)
        if self._learners.newest_lesson:
            self.choose.suggest(self._learners.newest_lesson)
        for page in (self.choose, self.take, self.outcome):
            self.pages.addWidget(page)
        self.choose.begun.connect(self.begin)
        self.choose.continued.connect(self.continue_lesson)
        self.choose.player.play()
        self.take.pause_pressed.connect(self._toggle_pause)
        self.take.again_pressed.connect(self._take_again)
        self.take.enough_pressed.connect(self._enough)
        self.take.stop_pressed.connect(self.close)
        self.outcome.rate_chosen.connect(lambda _: self._begin_fit())
        self.outcome.use_pressed.connect(self._use)
        self.outcome.more_pressed.connect(self._back_to_takes)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.addWidget(self.pages)
        self.resize(900, 600)

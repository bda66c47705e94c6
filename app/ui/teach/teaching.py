"""Opens the dialog "Teach" from a window, and lets what was taught run."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtCore import QObject, QPoint, Qt
from PyQt6.QtWidgets import QMessageBox

from app.live.pipeline import PipelineStatus
from app.live.snapshot import RunningModel, Snapshot
from app.live.step_memory import StepMemory
from app.live.switcher import SwitchStatus
from app.settings import SettingsStore
from app.sources.base import Frame
from app.teaching.fit import general_model
from app.teaching.people import People
from app.teaching.person import person_at
from app.ui.actions import new_action
from app.ui.live.polled_pipeline import PolledPipeline
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.switching.switch_menus import NOTICE_S
from app.ui.teach.correcting import Correcting
from app.ui.teach.teach_dialog import TeachDialog
from app.ui.window import MainWindow
from models.errors import ModelError
from models.personal.fitting import GeneralModel
from models.personal.takes import Lesson

SAID_MS = 8000
"""How long the status line says what has become of a correction, in milliseconds."""


class Teaching(QObject):
    """One lesson at a time; a window owns it.

    Attributes:
        dialog: The dialog; None while it is closed.
    """

    def __init__(
        self,
        window: MainWindow,
        steps: StepMemory,
        people: People,
        switcher: PolledSwitcher,
        settings: SettingsStore,
    ) -> None:
        """Open nothing yet.

        Args:
            window: The window.
            steps: The newest steps of the run that it shows.
            people: Keeps the sets.
            switcher: Lets a set run.
            settings: Remember that teaching was offered.
        """
        super().__init__(window)
        self._window, self._steps, self._people = window, steps, people
        self._switcher = switcher
        self._settings = settings
        self._correcting = Correcting(window.log, steps, switcher, self)
        self._correcting.set_changed.connect(self._compare_cameras)
        switcher.status_changed.connect(self._follow)
        self._camera = ""
        self._compared: set[tuple[str, str]] = set()
        self._left_out = ""
        self._chosen = switcher.status.chosen
        self.dialog: TeachDialog | None = None

    def open(self, name: str = "") -> None:
        """Open the dialog, or bring it to the front.

        Args:
            name: Whose gestures are to be taught; empty for whose lesson was broken off, or whose
                gestures were left out because of the model.
        """
        if self.dialog is None:
            try:
                model = general_model(self._switcher.status.chosen.model)
            except ModelError as error:
                self._warn(str(error))
                return
            self.dialog = self._new_dialog(model)
            name = name or self._left_out
        if name and self.dialog.course is None:
            self.dialog.suggest(name)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def show_status(self, status: PipelineStatus) -> None:
        """Note which camera is looked through; offer to teach before the first one."""
        self._camera = status.source_name if status.live else ""
        if self.dialog is not None:
            self.dialog.camera = self._camera
        if not self._camera:
            return
        self._compare_cameras()
        if not self._settings.current.teaching_offered:
            self._settings.change(teaching_offered=True)
            self._window.video.show_notice(
                "It can learn your own gestures", "Press Ctrl+T; it takes two minutes.", NOTICE_S
            )

    def _compare_cameras(self, _: object = None) -> None:
        """Say once that a set was taught before another camera."""
        personal = self._correcting.personal
        if personal is None or not (personal.about.camera and self._camera):
            return
        about = personal.about
        pair = (about.name, self._camera)
        if about.camera != self._camera and pair not in self._compared:
            self._compared.add(pair)
            self._window.video.show_notice(
                "Another camera",
                f"The gestures of {about.name} were taught with {about.camera}; "
                "if they are missed, teach them again with this one.",
                NOTICE_S,
            )

    def log_snapshot(self, snapshot: Snapshot) -> None:
        """List a gesture that has just fired."""
        newest = self._steps.newest
        if newest is not None:
            self._window.log.show_snapshot(snapshot, newest.run)

    def ask_what_was_missed(self) -> None:
        """Ask which gesture was made just now and did not fire."""
        log = self._window.log
        if log.can_be_corrected():
            self._window.tabs.setCurrentIndex(self._window.pages.indexOf(log))
            log.missed_menu.popup(log.missed_one.mapToGlobal(QPoint(0, log.missed_one.height())))

    def show_frame(self, frame: Frame) -> None:
        """Show the newest picture of the source."""
        if self.dialog is not None:
            self.dialog.show_frame(frame)

    def show_model(self, model: RunningModel) -> None:
        """End a lesson that was made with another model; what was taken is kept."""
        if self.dialog is not None and not self.dialog.belongs_to(model.spec):
            self._end_lesson()

    def _follow(self, status: SwitchStatus) -> None:
        """End a lesson if other weights run by now, even of a model of the same name."""
        digest, before = status.weights_digest, self._chosen
        self._chosen = status.chosen
        if before.personal is not None and before.model != status.chosen.model:
            self.leave_out(Path(before.personal).expanduser())
        if self.dialog is not None and digest and not self.dialog.has_weights(digest):
            self._end_lesson()

    def leave_out(self, path: Path) -> None:
        """Say that somebody's set does not run with this model, and what to do, if it is so.

        Args:
            path: Their set.
        """
        person = person_at(path)
        if person.damage or person.belongs_to(self._switcher.status.weights_digest):
            return
        self._left_out = person.name
        headline = f"The gestures of {person.name} do not run with this model"
        self._window.video.show_notice(headline, person.other_model, NOTICE_S)

    def _end_lesson(self) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.close()
            self._warn(
                "The model was switched; the lesson goes on with the one that it began with."
            )

    def _new_dialog(self, model: GeneralModel) -> TeachDialog:
        control = self._window.control
        dialog = TeachDialog(
            model,
            self._steps,
            self._people,
            (lambda teaching: None) if control is None else control.controller.set_teaching,
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.set_mirrored(self._window.mirror_action.isChecked())
        dialog.taught.connect(self._use)
        dialog.camera = self._camera
        dialog.destroyed.connect(self._forget)
        self._window.closed.connect(dialog.close)
        return dialog

    def _use(self, path: Path, lesson: Lesson) -> None:
        """Let a set run that was just taught."""
        self._correcting.keep_lesson(path, lesson)
        self._switcher.use_personal(str(path))

    def _forget(self) -> None:
        self.dialog = None

    def _warn(self, sentence: str) -> None:
        box = QMessageBox(
            QMessageBox.Icon.Warning, "Teach", sentence, QMessageBox.StandardButton.Ok, self._window
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def attach_teaching(
    window: MainWindow,
    pipeline: PolledPipeline,
    steps: StepMemory,
    people: People,
    settings: SettingsStore,
) -> Teaching | None:
    """Let people teach and correct their gestures in a window.

    Args:
        window: The window.
        pipeline: What it shows.
        steps: The newest steps of the run.
        people: Keeps the sets.
        settings: Remember that teaching was offered.

    Returns:
        What opens the dialog; the window owns it. None where models cannot be switched.
    """
    if window.switcher is None or window.switch_menus is None:
        return None
    teaching = Teaching(window, steps, people, window.switcher, settings)
    pipeline.status_changed.connect(teaching.show_status)
    pipeline.frame_changed.connect(teaching.show_frame)
    pipeline.snapshot_changed.connect(teaching.log_snapshot)
    pipeline.model_changed.connect(teaching.show_model)
    person = window.switch_menus.person
    if person is not None:
        person.set_teaching(teaching.open)
    nothing = window.log.say_newest_was_nothing
    window.addAction(new_action(window, "That was nothing", "Ctrl+Z", nothing))
    window.stage.correctable = True
    window.stage.nothing.connect(nothing)
    window.log.noted.connect(window.stage.say)
    window.log.noted.connect(lambda said: window.status_line.showMessage(said, SAID_MS))
    window.addAction(
        new_action(window, "You missed a gesture", "Ctrl+Shift+Z", teaching.ask_what_was_missed)
    )
    return teaching

"""The menu that says whose gestures run: the model's own or a person's, and keeps their sets."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from PyQt6.QtGui import QAction, QActionGroup
from PyQt6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from app.live.switcher import SwitchStatus
from app.teaching.people import People, PeopleError
from app.teaching.person import SUFFIX, Person, person_at
from app.ui.actions import add_action, new_action
from app.ui.switching.polled_switcher import PolledSwitcher

ShowNotice = Callable[[str, str], None]
"""Shows a headline and a sentence over the picture for a while."""

LONGEST_ENTRY = 48
"""Most letters of a name in the menu."""

_SETS = f"Sets of gestures (*{SUFFIX})"


class PersonMenu(QMenu):
    """The model's own gestures, one entry per person, and what can be done with their sets.

    Attributes:
        general: Runs the model's own gestures.
        teach: Opens the dialog that teaches; hidden unless there is one.
        export: Everybody whose set can be copied to elsewhere.
        delete: Everybody.
    """

    def __init__(
        self, people: People, switcher: PolledSwitcher, show_notice: ShowNotice, window: QWidget
    ) -> None:
        """Create the menu.

        Args:
            people: The persons whose sets are kept.
            switcher: Switches to what is chosen.
            show_notice: Says over the picture what was done, or why not.
            window: Owns the menu and its dialogs.
        """
        super().__init__("&Person", window)
        self._people = people
        self._switcher = switcher
        self._show_notice = show_notice
        self._window = window
        self._doomed: list[Person] = []
        self._teach: Callable[[str], object] = lambda name: None
        self._group = QActionGroup(self)
        self.setToolTipsVisible(True)
        self.general = self._add_choice("&General model", None)
        self.addAction(self.general)
        self._end = self.addSeparator()
        self.teach = add_action(self, "&Teach…", "Ctrl+T", self._open_teaching)
        self.teach.setVisible(False)
        add_action(self, "&Import…", "", self.open_import)
        self.export, self.delete = QMenu("E&xport", self), QMenu("&Delete", self)
        self.addMenu(self.export)
        self.addMenu(self.delete)
        self._entries: list[QAction] = []
        switcher.status_changed.connect(self._follow)
        self.aboutToShow.connect(self.rebuild)
        self.rebuild()

    def set_teaching(self, teach: Callable[[str], object]) -> None:
        """Offer to teach, with `teach`, which is given a name; an empty one stands for anybody."""
        self._teach = teach
        self.teach.setVisible(True)

    def rebuild(self) -> None:
        """List everybody who is kept, and check who runs."""
        kept = self._people.list()
        self._show_persons(kept)
        for menu in (self.export, self.delete):
            menu.clear()
        for person in kept:
            self._add_command(self.delete, person, self.ask_to_delete)
            if not (person.damage or person.begun):
                self._add_command(self.export, person, self.open_export)
        for menu in (self.export, self.delete):
            menu.setEnabled(not menu.isEmpty())

    def open_import(self) -> QFileDialog:
        """Ask for the file of a set without blocking the live view."""
        dialog = self._dialog("Import a set of gestures", self._import)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters((_SETS, "All files (*)"))
        dialog.open()
        return dialog

    def open_export(self, person: Person) -> QFileDialog:
        """Ask where to write a copy of a set, without blocking the live view."""
        dialog = self._dialog(
            f"Export the gestures of {person.name}", lambda file: self._export(person, file)
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(_SETS)
        dialog.setDefaultSuffix(SUFFIX[1:])
        dialog.setDirectory(str(Path.home()))
        dialog.selectFile(person.path.name)
        dialog.open()
        return dialog

    def ask_to_delete(self, person: Person) -> QMessageBox:
        """Ask once whether to delete a set, and say what goes."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Delete a person")
        what = "lesson" if person.begun else "gestures"
        box.setText(escape_text(f"Delete the {what} of {person.name}?"))
        box.setInformativeText(escape_text(self._what_goes(person)))
        confirm = box.addButton("&Delete", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        assert confirm is not None  # PyQt's types allow None
        confirm.clicked.connect(lambda: self._delete(person))
        box.finished.connect(box.deleteLater)
        box.open()
        return box

    # What the entries do

    def _open_teaching(self, name: str = "") -> None:
        self._teach(name)

    def _choose(self, path: str | None) -> None:
        if path != self._switcher.wanted.personal:
            self._switcher.use_personal(path)

    def _import(self, file: str) -> None:
        try:
            person = self._people.add(Path(file))
        except PeopleError as error:
            self._show_notice("Could not import", str(error))
            return
        self.rebuild()
        fits = person.belongs_to(self._switcher.status.weights_digest)
        after = "Choose it in the menu Person." if fits else person.other_model
        self._show_notice(f"{person.name} was imported", after)

    def _export(self, person: Person, file: str) -> None:
        try:
            written = self._people.export(person, Path(file))
        except PeopleError as error:
            self._show_notice("Could not export", str(error))
            return
        kept = " It holds features of the takes, but no pictures." if person.keeps_features else ""
        self._show_notice(f"{person.name} was exported", f"The set is in {written}.{kept}")

    def _delete(self, person: Person) -> None:
        """Delete a set; one that runs goes once the model's own gestures have taken over."""
        self._doomed.append(person)
        self._choose_other_than(person)
        self._delete_doomed(self._switcher.status)

    def _choose_other_than(self, person: Person) -> None:
        wanted = self._switcher.wanted.personal
        if wanted is not None and _same_file(wanted, person.path):
            self._switcher.use_personal(None)

    def _delete_doomed(self, status: SwitchStatus) -> None:
        """Delete what waits for it, as soon as neither runs nor loads."""
        wanted = self._switcher.wanted
        if not self._doomed or status.busy or wanted != status.chosen:
            return
        doomed, self._doomed = self._doomed, []
        for person in doomed:
            if wanted.personal is None or not _same_file(wanted.personal, person.path):
                self._delete_now(person)
            # otherwise the switch failed, which was told, or they were chosen again
        self.rebuild()

    def _delete_now(self, person: Person) -> None:
        try:
            self._people.delete(person)
        except PeopleError as error:
            self._show_notice("Could not delete", str(error))
        else:
            self._show_notice(f"{person.name} was deleted", "")

    # What is shown

    def _follow(self, status: SwitchStatus) -> None:
        if not (status.busy or self.isVisible()):  # entries must not move under the mouse
            self.rebuild()
        self._delete_doomed(status)

    def _show_persons(self, kept: tuple[Person, ...]) -> None:
        running = self._switcher.status.chosen.personal
        shown = list(kept)
        if running is not None and not any(_same_file(running, p.path) for p in kept):
            shown.insert(0, person_at(Path(running).expanduser()))  # from the command line
        for action in self._entries:
            self.removeAction(action)
            action.deleteLater()
        self._entries = [self._entry(person, running) for person in shown]
        self.insertActions(self._end, self._entries)
        if running is None:
            self.general.setChecked(True)

    def _entry(self, person: Person, running: str | None) -> QAction:
        runs = running is not None and _same_file(running, person.path)
        fits = person.belongs_to(self._switcher.status.weights_digest)
        name = entry_text(person.name)
        if person.damage:
            action = self._add_choice(f"{name} (damaged)", str(person.path))
        elif person.begun:
            return self._lesson_entry(person, fits=fits)
        elif fits or runs:
            action = self._add_choice(name, running if runs else str(person.path))
        else:
            action = self._add_choice(f"{name} (another model)", str(person.path))
        action.setEnabled(fits or runs)
        action.setChecked(runs)
        action.setToolTip(escape_text(_explanation(person, fits=fits or runs)))
        return action

    def _lesson_entry(self, person: Person, *, fits: bool) -> QAction:
        """Return what goes on with a lesson that has led to no set yet."""
        kind = "lesson begun" if fits else "another model"
        text = f"{entry_text(person.name)} ({kind})…"
        action = new_action(self, text, "", lambda: self._open_teaching(person.name))
        action.setEnabled(fits and self.teach.isVisible())
        action.setToolTip(escape_text(_explanation(person, fits=fits)))
        return action

    def _add_choice(self, text: str, path: str | None) -> QAction:
        action = new_action(self, text, "", lambda: self._choose(path))
        action.setCheckable(True)
        self._group.addAction(action)
        return action

    def _add_command(
        self, menu: QMenu, person: Person, command: Callable[[Person], object]
    ) -> None:
        add_action(menu, f"{entry_text(person.name)}…", "", lambda: command(person))

    def _what_goes(self, person: Person) -> str:
        files = [person.path, *self._people.companions(person)]
        what = f" ({', '.join(person.gestures)})" if person.gestures else ""
        names = " and ".join(file.name for file in files)
        return f"What was taught{what} is deleted for good: {names}."

    def _dialog(self, title: str, take: Callable[[str], None]) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.fileSelected.connect(take)
        dialog.finished.connect(dialog.deleteLater)
        return dialog


def entry_text(name: str) -> str:
    """Return a name as the text of a menu's entry: short, and an ampersand is no shortcut."""
    short = name if len(name) <= LONGEST_ENTRY else f"{name[: LONGEST_ENTRY - 1]}…"
    return short.replace("&", "&&")


def escape_text(text: str) -> str:
    """Return plain text for a widget that would take it for HTML if it looked so."""
    return f"<p>{escape(text)}</p>"


def _explanation(person: Person, *, fits: bool) -> str:
    """Return what there is to know of a person's set, for a tooltip."""
    if person.damage:
        return person.damage
    if not fits:
        return person.other_model
    if person.begun:
        return " ".join(person.figure)
    parts = [", ".join(person.gestures) + "."]
    if person.written is not None:
        parts.append(f"Written on {person.written:%Y-%m-%d}.")
    return " ".join((*parts, *person.figure))


def _same_file(path: str, other: Path) -> bool:
    return Path(path).expanduser().absolute() == other.absolute()

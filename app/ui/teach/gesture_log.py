"""The page "Log": what has fired, newest first, and what it really was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import (
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.live.snapshot import Snapshot
from app.ui.cards import Card, role_label
from app.ui.formatting import percent
from models.decision import Gesture

LENGTH = 100
"""Gestures that are listed."""

_EXPLAIN = (
    "Gestures that were taught can be corrected here: teach them with Ctrl+T, "
    "and keep what was taken."
)


@dataclass
class LoggedGesture:
    """One line of the log.

    Attributes:
        gesture: What fired.
        run: Uninterrupted run of the step memory in which it fired.
        remark: What was said of it later; empty for nothing.
    """

    gesture: Gesture
    run: int
    remark: str = ""

    @property
    def text(self) -> str:
        """The line."""
        minutes, seconds = divmod(self.gesture.time_s, 60)
        line = (
            f"{int(minutes):02d}:{seconds:04.1f}  {self.gesture.label}  "
            f"{percent(self.gesture.confidence)}"
        )
        return f"{line}  – {self.remark}" if self.remark else line


class GestureLog(QWidget):
    """Lists gestures; where they can be corrected, asks what they were."""

    corrected = pyqtSignal(object, object)
    """A `LoggedGesture`, and what it was: a label, or None for nothing."""
    missed = pyqtSignal(str)
    """This gesture was made just now, and did not fire."""
    noted = pyqtSignal(str)
    """What has become of a correction, or why there is none: the page may not be on show."""

    def __init__(self) -> None:
        super().__init__()
        self._last: Gesture | None = None
        self._asked: LoggedGesture | None = None
        self._correctable: tuple[str, ...] = ()
        self._why_not = ""
        self.list = QListWidget()
        self.nothing = QPushButton("That was &nothing")
        self.was = QPushButton("That was…")
        self.missed_one = QPushButton("You missed…")
        self.was_menu, self.missed_menu = QMenu(self), QMenu(self)
        self.remark = role_label(_EXPLAIN, "muted")
        self._build()
        self.set_correctable(())

    @property
    def entries(self) -> list[LoggedGesture]:
        """The lines, newest first."""
        return [self._entry(row) for row in range(self.list.count())]

    def show_snapshot(self, snapshot: Snapshot, run: int) -> None:
        """List a gesture that has just fired.

        Args:
            snapshot: The newest.
            run: Uninterrupted run of the step memory.
        """
        gesture = snapshot.gesture
        if gesture is None or gesture is self._last:
            return
        self._last = gesture
        entry = LoggedGesture(gesture, run)
        item = QListWidgetItem(entry.text)
        item.setData(Qt.ItemDataRole.UserRole, entry)
        self.list.insertItem(0, item)
        self.list.setCurrentRow(0)
        while self.list.count() > LENGTH:
            self.list.takeItem(self.list.count() - 1)
        self._refresh()

    def set_correctable(self, gestures: tuple[str, ...], why_not: str = _EXPLAIN) -> None:
        """Offer corrections to these gestures, or say why there are none."""
        self._correctable = gestures
        self._why_not = "" if gestures else why_not
        self.remark.setText(self._why_not)
        for menu, choose in ((self.was_menu, self._say_was), (self.missed_menu, self._say_missed)):
            menu.clear()
            for label in gestures:
                action = menu.addAction(label.replace("&", "&&"))
                assert action is not None  # PyQt's types allow None
                action.triggered.connect(partial(choose, label))
        self._refresh()

    def say_newest_was_nothing(self) -> None:
        """Say that the newest gesture was nothing, whichever line is chosen."""
        if self.can_be_corrected() and self.list.count():
            self.corrected.emit(self._entry(0), None)
        elif self._correctable:
            self.noted.emit("No gesture has fired yet.")

    def can_be_corrected(self) -> bool:
        """Return whether there are gestures to be corrected; if not, say why."""
        if not self._correctable:
            self.noted.emit(self._why_not)
        return bool(self._correctable)

    def note(self, entry: LoggedGesture, remark: str) -> None:
        """Show what was said of a gesture."""
        entry.remark = remark
        self.noted.emit(f"{entry.gesture.label}: {remark}")
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and self._entry(row) is entry:
                item.setText(entry.text)

    def note_missed(self, label: str, remark: str) -> None:
        """Show what was said of a gesture that did not fire."""
        self.remark.setText(f"{label}: {remark}")
        self.remark.show()
        self.noted.emit(self.remark.text())

    def _say_nothing(self) -> None:
        entry = self._chosen()
        if entry is not None:
            self.corrected.emit(entry, None)

    def _say_was(self, label: str) -> None:
        entry, self._asked = self._asked or self._chosen(), None
        if entry is not None:
            self.corrected.emit(entry, label)

    def _hold_entry(self) -> None:
        """Let the menu be about the line that was chosen when it opened: others may fire."""
        self._asked = self._chosen()

    def _say_missed(self, label: str) -> None:
        self.missed.emit(label)

    def _chosen(self) -> LoggedGesture | None:
        row = self.list.currentRow()
        return None if row < 0 else self._entry(row)

    def _entry(self, row: int) -> LoggedGesture:
        item = self.list.item(row)
        assert item is not None  # rows come from the list
        entry = item.data(Qt.ItemDataRole.UserRole)
        assert isinstance(entry, LoggedGesture)
        return entry

    def _refresh(self) -> None:
        possible = bool(self._correctable)
        chosen = possible and self._chosen() is not None
        self.nothing.setEnabled(chosen)
        self.was.setEnabled(chosen)
        self.missed_one.setEnabled(possible)
        self.remark.setVisible(bool(self.remark.text()))

    def _build(self) -> None:
        self.list.setAccessibleName("Gestures that fired, newest first")
        self.list.currentRowChanged.connect(lambda _: self._refresh())
        self.remark.setWordWrap(True)
        self.was.setMenu(self.was_menu)
        self.missed_one.setMenu(self.missed_menu)
        self.was_menu.aboutToShow.connect(self._hold_entry)
        self.nothing.setToolTip("The chosen line; Ctrl+Z for the newest")
        self.missed_one.setToolTip("Ctrl+Shift+Z")
        self.nothing.clicked.connect(self._say_nothing)
        card = Card("What fired")
        buttons = QHBoxLayout()
        for button in (self.nothing, self.was, self.missed_one):
            buttons.addWidget(button)
        card.body.addWidget(self.list, 1)
        card.body.addLayout(buttons)
        card.body.addWidget(self.remark)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card)

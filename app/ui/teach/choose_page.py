"""The first page of a lesson: whose gestures, and which."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QKeyEvent
from PyQt6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.teaching.course import COUNTDOWN_S, ORDINARY_S, TAKE_S, TAKES
from app.teaching.names import name_key, shown_name
from app.ui.cards import role_label, scaled_font
from app.ui.gesture_guide import ClipPlayer

MOST_GESTURES = 12
LONGEST_NAME = 40
"""Letters of a name."""


class ChoosePage(QWidget):
    """Asks for a name and gestures; nothing is taken before "Begin"."""

    begun = pyqtSignal(str, tuple)
    """The name, and the gestures in order."""
    continued = pyqtSignal(str)
    """Go on with the lesson of this name."""

    def __init__(
        self, unfinished: Callable[[str], str], replaced: Callable[[str], str] = lambda name: ""
    ) -> None:
        """Create the page.

        Args:
            unfinished: Says what the lesson of a name that was broken off has so far; empty if
                there is none.
            replaced: Says what a set of a name would replace; empty if nothing.
        """
        super().__init__()
        self._replaced = replaced
        self._unfinished = unfinished
        self._silent: frozenset[str] = frozenset()
        self.name = QLineEdit("Me")
        self.gestures = QListWidget()
        self.own = _NewGesture()
        self.add = QPushButton("&Add")
        self.player = ClipPlayer()
        self.remark = role_label("", "muted")
        self.begin = QPushButton("&Begin")
        self.resume = QPushButton("&Continue the lesson")
        self._build()
        self._refresh()

    def show_model(self, gestures: Sequence[str], silent: Sequence[str]) -> None:
        """List the gestures that a model knows; what was chosen stays chosen."""
        chosen = set(self.chosen)
        own = [self._item(row).text() for row in range(self.gestures.count())]
        self._silent = frozenset(silent)
        self.gestures.clear()
        for label in dict.fromkeys((*gestures, *(one for one in own if one in chosen))):
            self._add_item(label, chosen=label in chosen)
        self.gestures.setCurrentRow(0)
        self._refresh()

    def suggest(self, name: str, gestures: Sequence[str] = ()) -> None:
        """Fill in whose gestures they are, and choose some; all of it can be changed."""
        self.name.setText(name)
        for label in gestures:
            self._choose(label)
        self._refresh()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The gestures that are chosen, in order."""
        items = (self._item(row) for row in range(self.gestures.count()))
        return tuple(one.text() for one in items if one.checkState() is Qt.CheckState.Checked)

    def set_mirrored(self, mirrored: bool) -> None:
        """Mirror the example like the live view, or not."""
        self.player.set_mirrored(mirrored)

    def add_own(self) -> None:
        """Add the gesture whose name was entered, chosen."""
        label = shown_name(self.own.text())
        if not label:
            return
        if name_key(label) in map(name_key, self._silent):
            self.remark.setText(f"“{label}” means that there is no gesture; choose another name.")
            return
        self.gestures.setCurrentItem(self._choose(label))
        self.own.clear()
        self._refresh()

    def _choose(self, label: str) -> QListWidgetItem:
        """Choose a gesture, which is listed if it is not yet."""
        known = self.gestures.findItems(label, Qt.MatchFlag.MatchFixedString)
        item = known[0] if known else self._add_item(label, chosen=True)
        item.setCheckState(Qt.CheckState.Checked)
        return item

    def _add_item(self, label: str, *, chosen: bool) -> QListWidgetItem:
        item = QListWidgetItem(label)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if chosen else Qt.CheckState.Unchecked)
        self.gestures.addItem(item)
        return item

    def _item(self, row: int) -> QListWidgetItem:
        item = self.gestures.item(row)
        assert item is not None  # rows come from `count`
        return item

    def _show_example(self, row: int) -> None:
        self.player.show_clip(self._item(row).text() if row >= 0 else "")

    def _refresh(self) -> None:
        count, name = len(self.chosen), " ".join(self.name.text().split())
        begun = self._unfinished(name) if name else ""
        self.resume.setVisible(bool(begun))
        self.begin.setText("&Begin anew" if begun else "&Begin")
        self.begin.setEnabled(bool(name) and 0 < count <= MOST_GESTURES)
        self.begin.setDefault(not begun)
        self.resume.setDefault(bool(begun))
        if count > MOST_GESTURES:
            self.remark.setText(f"Choose at most {MOST_GESTURES}; fewer are told apart better.")
        elif begun:
            self.remark.setText(begun)
        elif count:
            seconds = count * TAKES * (COUNTDOWN_S + TAKE_S) + ORDINARY_S
            noun = "gesture" if count == 1 else "gestures"
            sentence = f"{count} {noun}: about {seconds:.0f} seconds."
            self.remark.setText(f"{sentence} {self._replaced(name) if name else ''}".strip())
        else:
            self.remark.setText("Choose what you want to use; three gestures are a good beginning.")

    def _begin(self) -> None:
        self.begun.emit(" ".join(self.name.text().split()), self.chosen)

    def _build(self) -> None:
        self.name.setMaxLength(LONGEST_NAME)
        self.own.setMaxLength(LONGEST_NAME)
        self.own.setPlaceholderText("A gesture of your own, for example: Heart")
        self.own.setAccessibleName("Name of a gesture of your own")
        self.gestures.setAccessibleName("Gestures to teach")
        self.remark.setWordWrap(True)
        self.remark.setTextFormat(Qt.TextFormat.PlainText)
        self.own.textChanged.connect(lambda text: self.add.setEnabled(bool(text.strip())))
        self.add.setEnabled(False)
        self.add.setAutoDefault(False)
        self.own.returnPressed.connect(self.add_own)
        self.add.clicked.connect(self.add_own)
        self.name.textChanged.connect(lambda _: self._refresh())
        self.gestures.itemChanged.connect(lambda _: self._refresh())
        self.gestures.currentRowChanged.connect(self._show_example)
        self.begin.clicked.connect(self._begin)
        self.resume.clicked.connect(lambda: self.continued.emit(" ".join(self.name.text().split())))
        title = QLabel("Which gestures do you want to use?")
        title.setFont(scaled_font(self.font(), 1.3, bold=True))
        form = QFormLayout()
        form.addRow("&Whose gestures", self.name)
        own = QHBoxLayout()
        own.addWidget(self.own, 1)
        own.addWidget(self.add)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.gestures, 1)
        left.addLayout(own)
        middle = QHBoxLayout()
        middle.setSpacing(14)
        middle.addLayout(left, 2)
        middle.addWidget(self.player, 3)
        last = QHBoxLayout()
        last.addWidget(self.remark, 1)
        last.addWidget(self.resume)
        last.addWidget(self.begin)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addLayout(middle, 1)
        layout.addLayout(last)


class _NewGesture(QLineEdit):
    """A field whose Return adds what was entered, and presses no button of the dialog."""

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.returnPressed.emit()
            event.accept()
            return
        super().keyPressEvent(event)

"""A page that can move from the main window into its own window, where it has more room."""

from __future__ import annotations

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PyQt6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.ui.cards import role_label

DETACH_KEY = "Ctrl+Shift+I"
_SIZE = (1100, 820)


class Detachable(QStackedWidget):
    """Holds a page, or a placeholder while the page is in its own window."""

    detached_changed = pyqtSignal(bool)
    """The page moved into its own window, or back."""

    def __init__(self, page: QWidget, title: str) -> None:
        """Hold a page.

        Args:
            page: The page.
            title: Title of its own window.
        """
        super().__init__()
        self._page = page
        self._title = title
        self._window: _PageWindow | None = None
        self.addWidget(page)
        self.addWidget(self._placeholder())

    @property
    def detached(self) -> bool:
        """Whether the page is in its own window."""
        return self._window is not None

    def set_detached(self, detached: bool) -> None:
        """Move the page into its own window, or back."""
        if detached == self.detached:
            return
        if detached:
            window = _PageWindow(self._title, self)
            self._window = window
            window.take(self._page)
            window.closed.connect(lambda: self.set_detached(False))
            self.setCurrentIndex(0)
            window.show()
        else:
            assert self._window is not None  # it is detached
            window, self._window = self._window, None
            self.insertWidget(0, self._page)
            self.setCurrentIndex(0)
            self._page.show()
            window.deleteLater()
            window.hide()
        self.detached_changed.emit(detached)

    def _placeholder(self) -> QWidget:
        placeholder = QWidget()
        text = role_label(f"{self._title} is in its own window.", "muted")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = QPushButton("&Bring it back")
        button.setAccessibleName(f"Bring {self._title} back into this window")
        button.clicked.connect(lambda: self.set_detached(False))
        layout = QVBoxLayout(placeholder)
        layout.addStretch(1)
        layout.addWidget(text)
        layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        return placeholder


class _PageWindow(QWidget):
    """The window of a detached page; closing it brings the page back."""

    closed = pyqtSignal()

    def __init__(self, title: str, owner: QWidget) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self.setWindowTitle(f"{title} – AdaFuse Live")
        self.resize(*_SIZE)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(12, 12, 12, 12)
        back = QShortcut(QKeySequence(DETACH_KEY), self)
        back.activated.connect(self.close)

    def take(self, page: QWidget) -> None:
        """Hold a page from now on."""
        self._layout.addWidget(page)
        page.show()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        super().closeEvent(event)
        self.closed.emit()

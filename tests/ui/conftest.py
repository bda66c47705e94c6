"""A window with nothing running behind it, and settings that are nobody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.process.native_libraries import forget_cv2_qt_paths

forget_cv2_qt_paths()  # before any test module imports Qt

from PyQt6.QtCore import QEvent  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402
from pytestqt.qtbot import QtBot  # noqa: E402

from app.ui.theme import LIGHT, Scheme, apply_scheme  # noqa: E402
from app.ui.window import MainWindow  # noqa: E402
from models.spec import ModelSpec  # noqa: E402
from tests.ui.scripted import a_spec  # noqa: E402

WindowMaker = Callable[..., MainWindow]

REASON = "fastest dense engine, and needs no PyTorch; runs on the CPU"


@pytest.fixture(autouse=True)
def settings_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.settings.settings_path", lambda: tmp_path / "settings.json")


@pytest.fixture(scope="session")
def dressed(qapp: QApplication) -> QApplication:
    """Dress the application as the app itself does."""
    qapp.setStyle("Fusion")
    apply_scheme(qapp, Scheme.LIGHT)
    return qapp


@pytest.fixture(autouse=True)
def light_theme(dressed: QApplication) -> Iterator[None]:
    yield
    # What a test has closed waits for an event loop to be deleted. Until then it would be dressed
    # and laid out anew with every later window: hundreds of windows in one process.
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if dressed.styleSheet() != LIGHT.style_sheet():
        apply_scheme(dressed, Scheme.LIGHT)


@pytest.fixture
def make_window(qtbot: QtBot) -> WindowMaker:
    """Return a function that shows a window of a given size."""
    # A window that nobody holds may be collected while it is being painted.
    kept: list[MainWindow] = []

    def make(
        spec: ModelSpec | None = None, size: tuple[int, int] = (1280, 800), reason: str = REASON
    ) -> MainWindow:
        window = MainWindow(spec or a_spec(), "onnx", reason)
        kept.append(window)
        qtbot.addWidget(window)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        return window

    return make


@pytest.fixture
def window(make_window: WindowMaker) -> MainWindow:
    """Return a window at its usual size."""
    return make_window()

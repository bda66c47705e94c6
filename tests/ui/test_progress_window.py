from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from PyQt6.QtWidgets import QApplication, QProgressDialog

from app.ui.progress_window import with_progress_window

Tell = Callable[[float], None]


def dialogs() -> list[QProgressDialog]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QProgressDialog)]


@pytest.mark.usefixtures("qapp")
def test_quick_work_shows_no_window() -> None:
    seen: list[int] = []

    def work(tell: Tell) -> str:
        time.sleep(0.1)
        seen.append(len([d for d in dialogs() if d.isVisible()]))
        return "done"

    assert with_progress_window(work) == "done"
    assert seen == [0]


@pytest.mark.usefixtures("qapp")
def test_long_work_shows_how_far_it_is() -> None:
    values: set[int] = set()

    def work(tell: Tell) -> int:
        for percent in (20, 60):
            tell(percent / 100)
            time.sleep(0.3)
            values.update(d.value() for d in dialogs() if d.isVisible())
        return 7

    assert with_progress_window(work) == 7
    assert values == {20, 60}
    QApplication.processEvents()
    assert not any(dialog.isVisible() for dialog in dialogs())


@pytest.mark.usefixtures("qapp")
def test_an_error_of_the_work_reaches_the_caller() -> None:
    def work(tell: Tell) -> None:
        tell(0.5)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        with_progress_window(work)

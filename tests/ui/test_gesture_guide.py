"""The gesture guide: an example of everything that the bundled model knows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.ui.gesture_clips import FOLDER, clip_path, load_clip
from app.ui.gesture_guide import GestureGuide
from app.ui.window import MainWindow
from models.bundle import default_bundle_path
from models.two_views.bundle import load_any_bundle
from tests.ui.control.conftest import Stage, make_stage, stage
from tests.ui.test_main_window import press

__all__ = ["make_stage", "stage"]

MOST_BYTES = 1_500_000


def test_every_gesture_of_the_bundled_model_has_an_example() -> None:
    spec = load_any_bundle(default_bundle_path()).spec
    gestures = [label for label in spec.labels if label not in spec.silent_labels]
    assert [label for label in gestures if not clip_path(label).is_file()] == []
    assert {path.name for path in FOLDER.iterdir()} == {clip_path(g).name for g in gestures}
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < MOST_BYTES


def test_an_example_moves_and_lasts_a_moment() -> None:
    frames = load_clip("Swiping Left")
    assert 20 <= len(frames) <= 90
    assert frames[0].shape == (240, 320, 3)
    changes = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)]
    assert max(changes) > 3


@pytest.fixture
def guide(qtbot: QtBot) -> GestureGuide:
    made = GestureGuide(("Swiping Left", "Thumb Up", "Vulcan salute"))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_it_plays_while_it_is_seen_and_stops_when_it_is_hidden(
    guide: GestureGuide, qtbot: QtBot
) -> None:
    assert guide.name.text() == "Swiping Left"
    qtbot.waitUntil(lambda: guide.player.index > 2)
    guide.hide()
    assert not guide.player.playing
    index = guide.player.index
    qtbot.wait(150)
    assert guide.player.index == index
    guide.show()
    assert guide.player.playing


def test_the_arrow_keys_go_from_gesture_to_gesture(guide: GestureGuide, qtbot: QtBot) -> None:
    qtbot.keyClick(guide.list, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert guide.name.text() == "Thumb Up"
    assert guide.player.accessibleName() == "Example of Thumb Up"
    qtbot.keyClick(guide.list, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert guide.player.accessibleName() == "There is no example of this gesture."


def test_it_is_mirrored_as_the_live_view_is(guide: GestureGuide) -> None:
    guide.player.stop()
    guide.player.show_clip("Swiping Left")

    def row() -> list[int]:
        image = guide.player.grab().toImage()
        middle = image.height() // 2
        return [image.pixelColor(x, middle).lightness() for x in range(image.width())]

    mirrored = row()
    guide.set_mirrored(False)
    as_seen = row()
    assert np.abs(np.subtract(mirrored[::-1], as_seen)).mean() < 3
    assert np.abs(np.subtract(mirrored, as_seen)).mean() > 10
    assert "swapped" in guide.hint.text()


def test_another_model_brings_its_own_gestures(guide: GestureGuide) -> None:
    guide.list.setCurrentRow(1)
    guide.show_gestures(("Fist", "Thumb Up"))
    assert guide.name.text() == "Thumb Up"
    guide.show_gestures(("Fist",))
    assert guide.name.text() == "Fist"


def test_f1_opens_it_once_beside_the_live_view(window: MainWindow, qtbot: QtBot) -> None:
    press(qtbot, window, Qt.Key.Key_F1)
    guide = window.help.guide
    assert guide is not None
    assert guide.isVisible()
    assert not guide.isModal()
    assert not guide.action.isVisible()
    labels = [guide.list.item(row) for row in range(guide.list.count())]
    assert "No gesture" not in [item.text() for item in labels if item is not None]
    press(qtbot, window, Qt.Key.Key_F1)
    assert window.help.guide is guide
    guide.close()


def test_it_says_what_a_gesture_does_now(stage: Stage) -> None:
    stage.window.help.show_guide()
    guide = stage.window.help.guide
    assert guide is not None
    assert guide.action.text() == "Bound to: Next (PageDown)"
    stage.control.bind("Swiping Left", Binding(ControlAction.CUSTOM, "Ctrl+F5"))
    assert guide.action.text() == "Bound to: Own key (Ctrl+F5)"
    guide.close()

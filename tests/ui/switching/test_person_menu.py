"""Whose gestures run, chosen in the menu; sets that are imported, exported and deleted there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QAction
from PyQt6.QtWidgets import QFileDialog, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from app.live.snapshot import RunningModel
from app.live.switcher import ModelChoice, Switcher
from app.sources.base import FrameSource
from app.sources.camera_watch import CameraWatch
from app.teaching.course import Course, ShownTake
from app.teaching.draft import write_draft
from app.teaching.people import People
from app.teaching.person import Person
from app.ui.cards import ElidedLabel
from app.ui.switching.person_menu import PersonMenu
from app.ui.switching.polled_switcher import PolledSwitcher
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine
from models.personal.personal_set import write_set
from tests.app.teaching.sets import DECISION, DIGEST, a_set
from tests.ui.scripted import ScriptedEngine, a_spec
from tests.ui.switching.test_switch_menus import entries, entry, marked
from tests.ui.test_main_window import RUNNING, fill, press


@dataclass
class Switched:
    """A pipeline that notes whose gestures it runs, and by which thresholds."""

    runs: list[tuple[str | None, DecisionSettings]] = field(default_factory=list)

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        personal = choice.personal
        self.runs.append((None if personal is None else personal.about.name, decision))

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        self.use_engine(choice, decision)

    def use_source(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> None:
        raise AssertionError("nobody asked for it")

    @property
    def names(self) -> list[str | None]:
        return [name for name, _ in self.runs]


@dataclass
class Setup:
    """The window, and everything behind its menu."""

    window: MainWindow
    switcher: PolledSwitcher
    people: People
    switched: Switched

    @property
    def menu(self) -> PersonMenu:
        assert self.window.switch_menus is not None
        assert self.window.switch_menus.person is not None
        return self.window.switch_menus.person

    @property
    def notice(self) -> str:
        return self.window.video.banner.text

    def person(self, name: str) -> Person:
        found = self.people.find(name)
        assert found is not None
        return found


Make = Callable[..., Setup]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Iterator[Make]:
    made: list[tuple[Switcher, Setup]] = []

    def make(personal: Path | None = None) -> Setup:
        people, switched = People(tmp_path / "people"), Switched()
        for name in ("Mina", "Jo & Co"):
            people.save(a_set(name))
        opened = OpenedEngine(ScriptedEngine(a_spec()), "for a test", DIGEST)
        if personal is not None:
            opened = opened.with_set(personal)
        choice = ModelChoice(personal=None if personal is None else str(personal))
        switcher = Switcher(switched, lambda spec: spec.decision, chosen=choice, opened=opened)
        polled = PolledSwitcher(switcher, CameraWatch(lambda: ()))
        window = MainWindow(a_spec(), "onnx", "for a test", None, polled, people)
        polled.setParent(window)
        polled.start()
        qtbot.addWidget(window)
        window.show()
        qtbot.waitExposed(window)
        window.show_status(RUNNING)
        made.append((switcher, Setup(window, polled, people, switched)))
        return made[-1][1]

    yield make
    for switcher, setup in made:
        setup.switcher.close()
        switcher.close()


@pytest.fixture
def setup(make: Make) -> Setup:
    return make()


def opened(setup: Setup) -> PersonMenu:
    """Bring the list up to date, as opening the menu does."""
    setup.menu.aboutToShow.emit()
    return setup.menu


def choose(setup: Setup, name: str, qtbot: QtBot) -> None:
    """Choose somebody, and wait until they run."""
    before = len(setup.switched.runs)
    entry(opened(setup), name).trigger()
    qtbot.waitUntil(lambda: len(setup.switched.runs) > before)
    qtbot.waitUntil(lambda: setup.switcher.status.chosen == setup.switcher.wanted)


def button(box: QMessageBox, text: str) -> None:
    """Press a button of a question."""
    found = next(b for b in box.buttons() if b.text().replace("&", "") == text)
    found.click()


def test_everybody_is_listed_and_a_choice_runs_with_their_thresholds(
    setup: Setup, qtbot: QtBot
) -> None:
    bar = setup.window.menuBar()
    assert bar is not None
    assert [action.text() for action in bar.actions()][2:5] == ["&Camera", "&Model", "&Person"]
    menu = opened(setup)
    assert entries(menu)[:3] == ["&General model", "Jo && Co", "Mina"]
    assert marked(menu) == ["&General model"]
    choose(setup, "Mina", qtbot)
    assert setup.switched.runs == [("Mina", DECISION)]
    assert marked(menu) == ["Mina"]
    assert setup.switcher.status.chosen.personal == str(setup.people.path_of("Mina"))
    choose(setup, "&General model", qtbot)
    assert setup.switched.names == ["Mina", None]
    assert marked(menu) == ["&General model"]


def test_somebody_is_chosen_by_keyboard(setup: Setup, qtbot: QtBot) -> None:
    press(qtbot, setup.window, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    menu = setup.menu
    qtbot.waitUntil(menu.isVisible)
    active = [entry(menu, "&General model")]
    menu.setActiveAction(active[0])
    qtbot.keyClick(menu, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    qtbot.keyClick(menu, Qt.Key.Key_Return)  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: setup.switched.names == ["Jo & Co"])


def test_another_model_leaves_the_person_out(setup: Setup, qtbot: QtBot) -> None:
    choose(setup, "Mina", qtbot)
    setup.switcher.use_model("a/b")
    assert setup.switcher.wanted == ModelChoice("a/b")


def test_what_cannot_run_is_gray_and_says_why(setup: Setup) -> None:
    setup.people.save(a_set("Ada", digest="another"))
    (setup.people.folder / "broken.set").write_bytes(b"broken")
    menu = opened(setup)
    ada, broken = entry(menu, "Ada (another model)"), entry(menu, "broken (damaged)")
    assert not ada.isEnabled()
    assert not broken.isEnabled()
    assert "teach the gestures again" in ada.toolTip()
    assert "not a personal set, or it is damaged" in broken.toolTip()
    assert menu.toolTipsVisible()
    assert "Heart: 4 of 5." in entry(menu, "Mina").toolTip()


def test_a_set_that_breaks_before_it_is_chosen_leaves_what_runs(setup: Setup, qtbot: QtBot) -> None:
    menu = opened(setup)
    setup.people.path_of("Mina").write_bytes(b"broken")
    entry(menu, "Mina").trigger()
    qtbot.waitUntil(lambda: "Could not switch" in setup.notice)
    assert "damaged" in setup.notice
    assert setup.switched.runs == []
    assert marked(menu) == ["&General model"]


def test_a_set_that_was_written_anew_can_be_read_again(setup: Setup, qtbot: QtBot) -> None:
    choose(setup, "Mina", qtbot)
    path = setup.people.save(a_set("MINA"))
    setup.switcher.use_personal(str(path))
    qtbot.waitUntil(lambda: setup.switched.names == ["Mina", "MINA"])
    qtbot.waitUntil(lambda: marked(opened(setup)) == ["MINA"])


def test_a_set_of_the_command_line_is_listed_and_checked(make: Make, tmp_path: Path) -> None:
    write_set(tmp_path / "guest.set", a_set("A guest"))
    setup = make(tmp_path / "guest.set")
    menu = opened(setup)
    assert marked(menu) == ["A guest"]
    assert entries(menu)[:4] == ["&General model", "A guest", "Jo && Co", "Mina"]
    assert entries(menu.delete) == ["Jo && Co…", "Mina…"]


def test_teaching_is_offered_only_where_it_is_possible(setup: Setup, qtbot: QtBot) -> None:
    asked: list[str] = []
    assert not setup.menu.teach.isVisible()
    press(qtbot, setup.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    setup.menu.set_teaching(lambda name: asked.append(f"teach {name}"))
    assert asked == []
    assert setup.menu.teach.isVisible()
    press(qtbot, setup.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: asked == ["teach "])


def test_a_set_is_imported_beside_the_live_view(setup: Setup, tmp_path: Path, qtbot: QtBot) -> None:
    write_set(tmp_path / "ada.set", a_set("Ada"))
    entry(setup.menu, "&Import…").trigger()
    dialog = setup.window.findChildren(QFileDialog)[0]
    fill(setup.window)
    dialog.fileSelected.emit(str(tmp_path / "ada.set"))
    dialog.close()
    assert setup.notice == "Ada was imported\nChoose it in the menu Person."
    choose(setup, "Ada", qtbot)
    assert setup.switched.names == ["Ada"]


@pytest.mark.parametrize(
    ("file", "headline", "detail"),
    [
        ("thesis.txt", "Could not import", "is not a personal set"),
        ("mina.set", "Could not import", "already a set of Mina"),
        ("old.set", "Old was imported", "teach the gestures again"),
    ],
)
def test_an_import_that_leads_nowhere_says_so(
    setup: Setup, tmp_path: Path, file: str, headline: str, detail: str
) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    write_set(tmp_path / "mina.set", a_set("mina", features=5))
    write_set(tmp_path / "old.set", a_set("Old", digest="another"))
    dialog = setup.menu.open_import()
    dialog.fileSelected.emit(str(tmp_path / file))
    dialog.close()
    said, why = setup.notice.split("\n")
    assert said == headline
    assert detail in why


def test_a_set_is_exported(setup: Setup, tmp_path: Path) -> None:
    entry(opened(setup).export, "Jo && Co…").trigger()
    dialog = setup.window.findChildren(QFileDialog)[0]
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    for target, said in (
        (tmp_path / "for a friend.set", "Jo & Co was exported"),
        (tmp_path / "nowhere" / "jo.set", "Could not export"),
    ):
        dialog.fileSelected.emit(str(target))
        assert setup.notice.startswith(said)
    dialog.close()
    kept = setup.people.path_of("Jo & Co").read_bytes()
    assert (tmp_path / "for a friend.set").read_bytes() == kept


def question(setup: Setup, name: str) -> QMessageBox:
    entry(opened(setup).delete, f"{name}…").trigger()
    return setup.window.findChildren(QMessageBox)[-1]


def test_deleting_asks_once_and_says_what_goes(setup: Setup) -> None:
    path = setup.people.path_of("Mina")
    path.with_suffix(".lesson").write_bytes(b"takes")
    box = question(setup, "Mina")
    assert "gestures of Mina" in box.text()
    for part in ("Swiping Left, Heart", "Mina.set and Mina.lesson"):
        assert part in box.informativeText()
    default = box.defaultButton()
    assert default is not None
    assert default is box.escapeButton()
    assert default is box.button(QMessageBox.StandardButton.Cancel)
    box.reject()
    assert path.exists()
    button(question(setup, "Mina"), "Delete")
    assert [file.name for file in setup.people.folder.iterdir()] == ["Jo & Co.set"]
    assert setup.notice == "Mina was deleted"
    assert entries(setup.menu)[:2] == ["&General model", "Jo && Co"]
    assert setup.switched.runs == []


def test_whoever_runs_is_deleted_once_the_general_model_has_taken_over(
    setup: Setup, qtbot: QtBot
) -> None:
    choose(setup, "Mina", qtbot)
    path = setup.people.path_of("Mina")
    there: list[bool] = []
    setup.switcher.model_chosen.connect(lambda choice: there.append(path.exists()))
    button(question(setup, "Mina"), "Delete")
    assert path.exists()
    qtbot.waitUntil(lambda: not path.exists())
    assert there == [True]
    assert setup.switched.names == ["Mina", None]
    assert marked(setup.menu) == ["&General model"]
    assert setup.notice == "Mina was deleted"


def test_two_are_deleted_while_the_first_of_them_still_runs(setup: Setup, qtbot: QtBot) -> None:
    choose(setup, "Mina", qtbot)
    for name in ("Mina", "Jo & Co"):
        setup.menu._delete(setup.person(name))
    qtbot.waitUntil(lambda: not list(setup.people.folder.iterdir()))


def test_a_damaged_set_can_be_deleted_and_not_exported(setup: Setup) -> None:
    (setup.people.folder / "broken.set").write_bytes(b"broken")
    menu = opened(setup)
    assert "broken…" not in entries(menu.export)
    button(question(setup, "broken"), "Delete")
    assert not (setup.people.folder / "broken.set").exists()


def test_a_set_that_cannot_be_deleted_is_told(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        button(question(setup, "Mina"), "Delete")
    assert setup.notice.startswith("Could not delete\nThe set of Mina cannot be deleted")
    assert "Mina" in entries(opened(setup))


def test_without_anybody_there_is_nothing_to_export_or_delete(setup: Setup, tmp_path: Path) -> None:
    for person in setup.people.list():
        setup.people.delete(person)
    menu = opened(setup)
    assert entries(menu) == ["&General model", "&Import…"]


def test_names_that_look_like_shortcuts_or_markup_are_shown_as_they_are(setup: Setup) -> None:
    name = "<b>&Ann</b>\t" + "x" * 80
    setup.people.save(a_set(name))
    menu = opened(setup)
    shown: list[QAction] = [action for action in menu.actions() if "&&Ann" in action.text()]
    assert len(shown) == 1
    assert shown[0].text().endswith("…")
    assert "\t" not in shown[0].text()
    setup.people.save(a_set("<i>Bo</i>", digest="another"))
    gray = entry(opened(setup), "<i>Bo</i> (another model)")
    assert "&lt;i&gt;Bo" in gray.toolTip()


def test_the_window_says_whose_gestures_run(setup: Setup, qtbot: QtBot) -> None:
    window = setup.window
    assert not window.status_line.person.isVisible()
    window.help.show_guide()
    guide = window.help.guide
    assert guide is not None
    spec = a_set("Mina").spec_on(a_spec())
    window.show_model(RunningModel(spec, "onnx", "for a test", person="Mina"))
    line = window.status_line
    assert line.person.isVisible()
    assert line.person.text() == "Gestures of Mina"
    assert [item.text() for item in guide.list.findItems("*", Qt.MatchFlag.MatchWildcard)] == [
        "Swiping Left",
        "Heart",
    ]
    guide.close()
    window.show_model(RunningModel(a_spec(), "onnx", "for a test"))
    assert not line.person.isVisible()


def test_person_and_model_fit_in_the_status_line_and_the_reason_gives_way(
    setup: Setup, qtbot: QtBot
) -> None:
    window = setup.window
    spec = a_spec()
    name = "AdaFuse two views, MobileNetV2 and ResNet-18 half width"
    spec = type(spec)(**{f: getattr(spec, f) for f in spec.__struct_fields__} | {"name": name})
    reason = "whole view: fastest here, 3.7 ms a step against 6.0 ms with sparse; " * 2
    window.show_model(RunningModel(spec, "onnx+sparse", reason, person="Mina"))
    fill(window)
    line = window.status_line

    def fits() -> None:
        assert line.person.shown_text() == line.person.text()
        assert line.model.shown_text() == line.model.text()
        assert line.engine.shown_text().startswith("Engine onnx+sparse: whole view")

    window.resize(1280, 800)
    qtbot.waitUntil(fits)
    window.resize(960, 500)
    labels: tuple[ElidedLabel, ...] = (line.person, line.model, line.engine)
    qtbot.waitUntil(lambda: window.width() == 960)
    qtbot.waitUntil(lambda: line.person.shown_text() == line.person.text())
    assert all(label.toolTip() == label.text() for label in labels)


def test_nobody_is_listed_where_nobody_is_kept(qtbot: QtBot) -> None:
    switcher = Switcher(Switched(), lambda spec: spec.decision, chosen=ModelChoice())
    polled = PolledSwitcher(switcher, CameraWatch(lambda: ()))
    window = MainWindow(a_spec(), "onnx", "for a test", None, polled)
    qtbot.addWidget(window)
    bar = window.menuBar()
    assert bar is not None
    assert "&Person" not in [action.text() for action in bar.actions()]
    assert not [menu for menu in window.findChildren(QMenu) if isinstance(menu, PersonMenu)]
    switcher.close()


def begin_lesson(setup: Setup, name: str, digest: str = DIGEST) -> None:
    course = Course(("Heart",), 0.125, 8, [ShownTake("Heart", np.ones((20, 12), np.float32))])
    write_draft(setup.people.lesson_path(name), course, digest, name)


def test_a_lesson_that_was_broken_off_is_found_and_goes_on(setup: Setup) -> None:
    asked: list[str] = []
    setup.menu.set_teaching(asked.append)
    begin_lesson(setup, "Ada")
    begin_lesson(setup, "Zoe", "another")
    menu = opened(setup)
    ada = entry(menu, "Ada (lesson begun)…")
    assert "1 of 5 takes, Heart" in ada.toolTip()
    ada.trigger()
    assert asked == ["Ada"]
    zoe = entry(menu, "Zoe (another model)…")
    assert not zoe.isEnabled()
    assert "begin anew with Ctrl+T" in zoe.toolTip()
    assert marked(menu) == ["&General model"]
    assert "Ada…" not in entries(menu.export)


def test_a_lesson_that_was_broken_off_is_deleted(setup: Setup) -> None:
    begin_lesson(setup, "Ada")
    box = question(setup, "Ada")
    assert "lesson of Ada" in box.text()
    button(box, "Delete")
    assert not list(setup.people.folder.glob("*.lesson"))
    assert setup.notice == "Ada was deleted"

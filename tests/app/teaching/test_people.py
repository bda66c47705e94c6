"""The sets that are kept: by name, whole or not at all, and gone for good when deleted."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from app.teaching.course import Course, ShownTake
from app.teaching.draft import write_draft
from app.teaching.learners import Learners
from app.teaching.names import file_stem, shown_name
from app.teaching.people import People, PeopleError
from app.teaching.person import person_at
from models.personal import personal_set
from models.personal.personal_set import PersonalSet, read_set, write_set
from tests.app.teaching.sets import DIGEST, GESTURES, a_set


@pytest.fixture(scope="module")
def taught() -> PersonalSet:
    return a_set("Mina")


@pytest.fixture
def people(tmp_path: Path) -> People:
    return People(tmp_path / "config" / "people")


def named(personal: PersonalSet, name: str, **about: object) -> PersonalSet:
    return replace(personal, about=msgspec.structs.replace(personal.about, name=name, **about))


def names(people: People) -> list[str]:
    return [person.name for person in people.list()]


def test_nobody_is_kept_at_first_and_nothing_is_made(people: People) -> None:
    assert people.list() == ()
    assert people.find("Mina") is None
    assert not people.folder.exists()


def test_a_saved_person_is_listed_with_all_there_is_to_know(
    people: People, taught: PersonalSet
) -> None:
    path = people.save(taught)
    assert path == people.folder / "Mina.set"
    (person,) = people.list()
    assert (person.name, person.path, person.damage) == ("Mina", path, "")
    assert person.gestures == GESTURES
    assert (person.model, person.keeps_features) == ("tiny", False)
    assert person.figure == taught.about.figure
    assert person.written is not None
    assert person.belongs_to(DIGEST)
    assert not person.belongs_to("another")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Mina", "Mina"),
        ("  Anna \n Maria  ", "Anna Maria"),
        ("美奈", "美奈"),
        ("می\u200cنو", "می\u200cنو"),
        ("J. R. Smith", "J. R. Smith"),
    ],
)
def test_names_are_written_as_people_write_them(
    people: People, taught: PersonalSet, name: str, file: str
) -> None:
    path = people.save(named(taught, name))
    assert path.name == f"{file}.set"
    assert names(people) == [shown_name(name)]
    assert people.path_of(name) == path


@pytest.mark.parametrize(
    "name", ["a/b", "../up", "C:\\x", "con", "Nul.txt", "...", "x" * 199, ".m"]
)
def test_whatever_the_name_its_file_is_an_ordinary_one_in_the_folder(
    people: People, taught: PersonalSet, name: str
) -> None:
    path = people.save(named(taught, name))
    assert path.parent == people.folder
    assert list(people.folder.iterdir()) == [path]
    assert not path.name.startswith(".")
    assert len(path.name.encode()) < 200
    assert names(people) == [name]
    assert file_stem(name) != file_stem(f"{name}/")


def test_names_that_differ_only_where_files_cannot_are_two_persons(
    people: People, taught: PersonalSet
) -> None:
    for name in ("a/b", "a-b", "a:b"):
        people.save(named(taught, name))
    assert names(people) == ["a-b", "a/b", "a:b"]


@pytest.mark.parametrize("name", ["", " \n\u202e ", "x" * 201])
def test_a_name_that_cannot_be_shown_is_refused(
    people: People, taught: PersonalSet, name: str
) -> None:
    with pytest.raises(PeopleError, match="1 to 200 letters"):
        people.save(named(taught, name))
    assert not people.folder.exists()


def test_the_same_person_is_replaced_however_the_name_is_written(
    people: People, taught: PersonalSet
) -> None:
    first = people.save(taught)
    second = people.save(named(taught, "MINA", figure=("Better.",)))
    assert first == second
    (person,) = people.list()
    assert (person.name, person.figure) == ("MINA", ("Better.",))


def test_damaged_and_foreign_files_are_listed_with_a_sentence(
    people: People, taught: PersonalSet
) -> None:
    whole = people.save(taught).read_bytes()
    (people.folder / "broken.set").write_bytes(whole[:-9])
    (people.folder / "thesis.set").write_text("years of work")
    (people.folder / "folder.set").mkdir()
    (people.folder / "notes.txt").write_text("mine")
    (people.folder / ".partial-12.set").write_bytes(whole)
    damage = {person.name: person.damage for person in people.list()}
    assert list(damage) == ["broken", "folder", "Mina", "thesis"]
    assert damage["Mina"] == ""
    assert "damaged" in damage["broken"]
    assert all(text.endswith(".") and "\n" not in text for n, text in damage.items() if n != "Mina")


def test_two_files_of_the_same_name_are_told_apart(people: People, taught: PersonalSet) -> None:
    copy = people.save(taught).with_name("copy.set")
    write_set(copy, taught)
    assert names(people) == ["Mina (copy)", "Mina (Mina)"]


def test_a_file_of_somebody_elses_name_is_not_replaced(people: People, taught: PersonalSet) -> None:
    renamed = people.save(taught).rename(people.folder / "Jo.set")
    path = people.save(named(taught, "Jo"))
    assert path != renamed
    assert names(people) == ["Jo", "Mina"]


def test_a_damaged_file_is_put_aside_by_the_set_that_takes_its_place(
    people: People, taught: PersonalSet
) -> None:
    path = people.save(taught)
    path.write_bytes(b"of a newer version")
    assert people.save(taught) == path
    assert path.with_name("Mina.set.bak").read_bytes() == b"of a newer version"
    assert names(people) == ["Mina"]
    people.delete(people.list()[0])
    assert list(people.folder.iterdir()) == []


def fill_disk(*arguments: object, **options: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("keep", ["save", "add"])
def test_a_full_disk_is_one_sentence_and_loses_nothing(
    people: People,
    taught: PersonalSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    keep: str,
) -> None:
    before = people.save(taught).read_bytes()
    write_set(tmp_path / "jo.set", named(taught, "Jo"))
    monkeypatch.setattr(Path, "replace", fill_disk)
    actions: dict[str, Callable[[], object]] = {
        "save": lambda: people.save(named(taught, "Mina", figure=("New.",))),
        "add": lambda: people.add(tmp_path / "jo.set"),
    }
    with pytest.raises(PeopleError, match=r"No space left on device.*\.$"):
        actions[keep]()
    assert [path.name for path in people.folder.iterdir()] == ["Mina.set"]
    assert people.path_of("Mina").read_bytes() == before


def test_a_folder_that_cannot_be_made_is_one_sentence(taught: PersonalSet, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    people = People(tmp_path / "file" / "people")
    with pytest.raises(PeopleError, match=r"The set of Mina cannot be kept \(.+\);"):
        people.save(taught)
    assert people.list() == ()


def test_an_exported_set_can_be_imported_by_somebody_else(
    people: People, taught: PersonalSet, tmp_path: Path
) -> None:
    features = {"take/0/0": np.zeros((4, 12), np.float16)}
    kept = replace(named(taught, "Mina", kept=("Heart",)), kept=features)
    people.save(kept)
    (mina,) = people.list()
    assert mina.keeps_features
    written = people.export(mina, tmp_path / "for a friend")
    assert written == tmp_path / "for a friend.set"
    assert written.read_bytes() == mina.path.read_bytes()
    friend = People(tmp_path / "friend")
    added = friend.add(written)
    assert (added.name, added.path.name) == ("Mina", "Mina.set")
    assert read_set(added.path).digest == kept.digest
    assert friend.add(written) == added  # a second time changes nothing
    assert names(friend) == ["Mina"]


def test_an_import_replaces_nobody(people: People, taught: PersonalSet, tmp_path: Path) -> None:
    before = people.save(taught).read_bytes()
    write_set(tmp_path / "other.set", named(taught, "mina", figure=("Another one.",)))
    with pytest.raises(PeopleError, match="already a set of Mina; delete that one first"):
        people.add(tmp_path / "other.set")
    assert people.path_of("Mina").read_bytes() == before


def test_what_is_no_set_is_not_imported(
    people: People, taught: PersonalSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(tmp_path / "mina.set", taught)
    (tmp_path / "broken.set").write_bytes((tmp_path / "mina.set").read_bytes()[:-9])
    (tmp_path / "thesis.txt").write_text("years of work")
    for file, complaint in (
        ("nowhere.set", "There is no personal set"),
        ("broken.set", "is not a personal set, or it is damaged"),
        ("thesis.txt", "is not a personal set"),
    ):
        with pytest.raises(PeopleError, match=complaint):
            people.add(tmp_path / file)
    monkeypatch.setattr(personal_set, "FORMAT", 0)
    with pytest.raises(PeopleError, match="newer version of this program; update it"):
        people.add(tmp_path / "mina.set")
    assert not people.folder.exists()


def test_an_export_does_not_touch_what_is_kept(
    people: People, taught: PersonalSet, tmp_path: Path
) -> None:
    people.save(taught)
    people.save(named(taught, "Jo"))
    jo, mina = people.list()
    before = mina.path.read_bytes()
    with pytest.raises(PeopleError, match="choose another folder"):
        people.export(jo, mina.path)
    with pytest.raises(PeopleError, match="cannot be written"):
        people.export(jo, tmp_path / "nowhere" / "jo.set")
    jo.path.write_bytes(b"damaged")
    with pytest.raises(PeopleError, match="damaged"):
        people.export(jo, tmp_path / "jo.set")
    assert mina.path.read_bytes() == before
    assert not (tmp_path / "jo.set").exists()


@pytest.mark.parametrize("lesson_is_folder", [False, True])
def test_deleting_takes_everything_that_belongs_to_a_person_and_nothing_else(
    people: People, taught: PersonalSet, lesson_is_folder: bool
) -> None:
    path = people.save(taught)
    other = people.save(named(taught, "Mina Maria"))
    lesson_of_other = other.with_suffix(".lesson")
    lesson_of_other.write_bytes(b"takes")
    own = path.with_suffix(".lesson")
    if lesson_is_folder:
        own.mkdir()
    (own / "take" if lesson_is_folder else own).write_bytes(b"takes")
    mina = people.find("mina")
    assert mina is not None
    assert people.companions(mina) == (own,)
    people.delete(mina)
    assert sorted(people.folder.iterdir()) == sorted((other, lesson_of_other))
    people.delete(mina)  # gone already


def test_what_is_not_kept_here_is_not_deleted(
    people: People, taught: PersonalSet, tmp_path: Path
) -> None:
    write_set(tmp_path / "mina.set", taught)
    with pytest.raises(PeopleError, match="delete the file itself"):
        people.delete(person_at(tmp_path / "mina.set"))
    assert (tmp_path / "mina.set").exists()


def test_a_set_that_cannot_be_deleted_stays_listed(
    people: People, taught: PersonalSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.save(taught)
    (mina,) = people.list()

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        with pytest.raises(PeopleError, match=r"of Mina cannot be deleted \(Permission denied\)"):
            people.delete(mina)
    assert names(people) == ["Mina"]


# Lessons that were broken off


def begin_lesson(people: People, name: str, *, takes: int = 2, digest: str = DIGEST) -> Path:
    """Break a lesson off after some takes."""
    path = people.lesson_path(name)
    shown = [ShownTake("Heart", np.ones((20, 12), np.float32)) for _ in range(takes)]
    write_draft(path, Course(("Heart", "Swiping Left"), 0.125, 8, shown), digest, name)
    return path


def test_a_lesson_without_a_set_is_listed_and_found_in_whatever_case(people: People) -> None:
    path = begin_lesson(people, "Mina")
    (mina,) = people.list()
    assert (mina.name, mina.path, mina.begun) == ("Mina", path, True)
    assert mina.figure == ("A lesson was begun: 2 of 10 takes, Heart, Swiping Left.",)
    assert people.find("Mina") is None  # there is no set to run
    assert people.lesson_path("MINA") == people.lesson_path(" mina ") == path


def test_a_lesson_beside_a_set_is_listed_once(people: People, taught: PersonalSet) -> None:
    begin_lesson(people, "mina")
    people.save(taught)
    (mina,) = people.list()
    assert not mina.begun
    assert [person.name for person in people.lessons()] == ["mina"]


def test_a_lesson_is_deleted_with_its_person_in_whatever_case(
    people: People, taught: PersonalSet
) -> None:
    begin_lesson(people, "mina")
    begin_lesson(people, "Jo")
    people.save(taught)
    jo, mina = people.list()
    people.delete(mina)
    assert names(people) == ["Jo"]
    people.delete(jo)
    assert list(people.folder.iterdir()) == []


def test_a_damaged_lesson_says_so(people: People) -> None:
    begin_lesson(people, "Mina").write_bytes(b"nothing")
    (mina,) = people.list()
    assert "damaged; begin a new one" in mina.damage


def test_a_name_that_is_no_file_name_is_kept_in_its_lesson(people: People) -> None:
    begin_lesson(people, "Jo/Co")
    assert names(people) == ["Jo/Co"]


def test_the_newest_lesson_of_the_model_is_the_one_to_go_on_with(people: People) -> None:
    for age_s, (name, digest) in enumerate(
        (("Ada", "another"), ("Mina", DIGEST), ("Jo", DIGEST)), start=1
    ):
        os.utime(begin_lesson(people, name, digest=digest), (10_000 - age_s, 10_000 - age_s))
    learners = Learners(people, DIGEST)
    assert learners.newest_lesson == "Mina"
    assert "2 of 10 takes" in learners.unfinished("JO")
    assert learners.unfinished("Ada") == ""
    assert "replace a lesson, which is another model's" in learners.replaced("ada")


def test_gestures_of_another_model_are_to_be_taught_again(
    people: People, taught: PersonalSet
) -> None:
    people.save(taught)
    assert Learners(people, DIGEST).to_teach_again("mina") == ()
    learners = Learners(people, "another")
    assert learners.to_teach_again("mina") == GESTURES
    assert "they are another model's" in learners.replaced("Mina")

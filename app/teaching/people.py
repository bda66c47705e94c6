"""The sets of gestures that this program keeps for people: one file each, in a folder of its own.

A set says whose it is; the name of its file only follows from that. Nothing here reads or changes a
file that is not a set, or what belongs to one.
"""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from app.errors import AppError
from app.teaching.names import LONGEST_NAME, file_stem, marked_stem, name_key, shown_name
from app.teaching.person import LESSON, SUFFIX, Person, learner_at, person_at
from models.errors import ModelError
from models.files import failure_reason, write_file
from models.personal.personal_set import PersonalSet, read_set, write_set

log = logging.getLogger(__name__)

ASIDE = f"{SUFFIX}.bak"
"""How the name of a file ends that could not be read when a new set took its place."""


class PeopleError(AppError):
    """A person's set cannot be kept, read or deleted."""


class People:
    """The persons whose sets this program keeps; what is in the folder counts, at any time."""

    def __init__(self, folder: Path) -> None:
        """Read nothing yet.

        Args:
            folder: Where the sets are; it is made when the first one is kept.
        """
        self.folder = folder.absolute()

    def list(self) -> tuple[Person, ...]:
        """Return everybody, by name; damaged files and lessons without a set are among them.

        Two of the same name, which only somebody who puts files here can cause, are told apart by
        the names of their files.
        """
        found = self._everybody()
        with_set = {name_key(person.path.stem) for person in found}
        lessons = (path for path in self._files(LESSON) if name_key(path.stem) not in with_set)
        found += tuple(learner_at(path) for path in lessons)
        times = Counter(name_key(person.name) for person in found)
        shown = [
            person
            if times[name_key(person.name)] == 1
            else replace(person, name=f"{person.name} ({person.path.stem})")
            for person in found
        ]
        return tuple(sorted(shown, key=lambda person: (name_key(person.name), person.path.name)))

    def lessons(self) -> tuple[Person, ...]:
        """Return everybody whose lesson was broken off, with a set or without, newest first."""
        begun = (learner_at(path) for path in self._files(LESSON))
        return tuple(sorted(begun, key=lambda person: person.written or datetime.min, reverse=True))

    def find(self, name: str) -> Person | None:
        """Return the person of this name, in whatever case; None if there is none."""
        key = name_key(shown_name(name))
        found = (p for p in self._everybody() if not p.damage and name_key(p.name) == key)
        return next(found, None)

    def path_of(self, name: str) -> Path:
        """Return the file for the set of a person, who need not be known yet.

        Raises:
            PeopleError: There is nothing to see in this name, or it is too long.
        """
        known, shown = self.find(name), shown_name(name)
        if known is not None:
            return known.path
        if not 0 < len(shown) <= LONGEST_NAME:
            raise PeopleError(f"A name has 1 to {LONGEST_NAME} letters; choose another one.")
        path = self.folder / f"{file_stem(shown)}{SUFFIX}"
        if path.exists() and not person_at(path).damage:  # somebody else's, put here by hand
            return path.with_name(f"{marked_stem(shown)}{SUFFIX}")
        return path

    def lesson_path(self, name: str) -> Path:
        """Return the file for the lesson of a person, who need not be known yet.

        Raises:
            PeopleError: There is nothing to see in this name, or it is too long.
        """
        path = self.path_of(name).with_suffix(LESSON)
        return next(self._lessons_of(path.stem), path)

    def save(self, personal: PersonalSet) -> Path:
        """Keep a set; the one before of the same person is complete until this one replaces it.

        A damaged file that is in its way is put aside as `NAME.set.bak`.

        Returns:
            Its file.

        Raises:
            PeopleError: It cannot be written, or its name cannot be used; nothing has changed.
        """
        name = shown_name(personal.about.name)
        path = self.path_of(name)
        about = msgspec.structs.replace(personal.about, name=name)
        try:
            self._make_room(path)
            write_set(path, replace(personal, about=about))
        except ModelError as error:
            raise PeopleError(str(error)) from error
        except OSError as error:
            raise _unwritable(name, error) from error
        return path

    def add(self, path: Path) -> Person:
        """Keep a copy of a set from somewhere else.

        Args:
            path: Its file, which stays as it is.

        Raises:
            PeopleError: It is no set, damaged, of a name that is taken, or cannot be kept.
        """
        try:
            personal, content = read_set(path), path.read_bytes()
        except ModelError as error:
            raise PeopleError(str(error)) from error
        except OSError as error:
            raise PeopleError(f"{path} cannot be read ({failure_reason(error)}).") from error
        name = shown_name(personal.about.name) or path.stem
        known = self.find(name)
        if known is not None and _content(known.path) == content:
            return known
        if known is not None:
            raise PeopleError(
                f"There is already a set of {known.name}; delete that one first, or fit this one "
                "again under another name."
            )
        target = self.path_of(name)
        try:
            self._make_room(target)
            write_file(target, content, durable=True)
        except OSError as error:
            raise _unwritable(name, error) from error
        return person_at(target)

    def export(self, person: Person, path: Path) -> Path:
        """Write a copy of a set to somewhere else.

        Args:
            person: Whose.
            path: The new file, which gets the suffix of sets if it has none; an older file of that
                name is replaced.

        Returns:
            The new file.

        Raises:
            PeopleError: The set is damaged, or the file cannot be written.
        """
        target = path if path.suffix else path.with_name(f"{path.name}{SUFFIX}")
        if target.absolute().parent.resolve() == self.folder.resolve():
            raise PeopleError(
                f"{target} is where this program keeps its sets; choose another folder."
            )
        try:
            read_set(person.path)
            write_file(target, person.path.read_bytes(), durable=True)
        except ModelError as error:
            raise PeopleError(str(error)) from error
        except OSError as error:
            reason = failure_reason(error)
            raise PeopleError(
                f"{target} cannot be written ({reason}); choose another one."
            ) from error
        return target

    def delete(self, person: Person) -> None:
        """Delete a set and everything that belongs to it: its lesson, and what was put aside.

        Raises:
            PeopleError: It is not kept here, or cannot be deleted.
        """
        path = person.path
        if path.absolute().parent != self.folder:
            raise PeopleError(f"{path} is not kept by this program; delete the file itself.")
        try:
            for companion in self.companions(person):
                if companion.is_dir() and not companion.is_symlink():
                    shutil.rmtree(companion)
                else:
                    companion.unlink(missing_ok=True)
            path.unlink(missing_ok=True)  # last: until then, deleting can be tried again
        except OSError as error:
            reason = failure_reason(error)
            raise PeopleError(f"The set of {person.name} cannot be deleted ({reason}).") from error

    def companions(self, person: Person) -> tuple[Path, ...]:
        """Return the files beside a set, or a lesson without one, that belong to it."""
        path = person.path
        aside = path.with_name(f"{path.stem}{ASIDE}")
        beside = [*self._lessons_of(path.stem), *([aside] if aside.exists() else [])]
        return tuple(file for file in beside if file != path)

    def _lessons_of(self, stem: str) -> Iterator[Path]:
        """Yield the lessons whose files have this name, in whatever case."""
        return (path for path in self._files(LESSON) if name_key(path.stem) == name_key(stem))

    def _make_room(self, path: Path) -> None:
        """Make the folder, and put a file aside that is in the way and cannot be read as a set."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if path.is_file() and person_at(path).damage:
            write_file(path.with_name(f"{path.stem}{ASIDE}"), path.read_bytes())

    def _everybody(self) -> tuple[Person, ...]:
        return tuple(person_at(path) for path in self._files(SUFFIX))

    def _files(self, suffix: str) -> tuple[Path, ...]:
        """Return the files whose names end so, by name."""
        try:
            files = sorted(self.folder.iterdir())
        except FileNotFoundError:
            return ()
        except OSError as error:
            reason = failure_reason(error)
            log.warning("The sets in %s cannot be read (%s).", self.folder, reason)
            return ()
        return tuple(
            path for path in files if path.suffix == suffix and not path.name.startswith(".")
        )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _unwritable(name: str, error: OSError) -> PeopleError:
    return PeopleError(
        f"The set of {name} cannot be kept ({failure_reason(error)}); free some space, or check "
        "the folder of the settings."
    )

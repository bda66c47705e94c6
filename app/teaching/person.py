"""Whose gestures a file holds: a set that can run, or a lesson that was broken off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.teaching.course import TAKES
from app.teaching.draft import DraftError, read_draft
from app.teaching.names import shown_name
from models.errors import ModelError
from models.files import failure_reason
from models.personal.personal_set import read_set

SUFFIX = ".set"
"""How the names of sets end."""

LESSON = ".lesson"
"""How the name of the lesson ends that a set is made of; it lies beside the set, if it is kept."""


@dataclass(frozen=True)
class Person:
    """Whose gestures a file holds.

    Attributes:
        name: For people; that of the file if it cannot be read.
        path: The file of the set.
        gestures: What it makes fire.
        model: Name of the model that it was made with.
        model_digest: SHA-256 of that model's weights.
        written: When the file was written, in local time; None if that is unknown.
        keeps_features: Whether it holds the features of the takes.
        figure: What was measured before it was used, or how far the lesson is, as sentences.
        begun: Whether it is a lesson that was broken off: there is no set in this file.
        damage: Why it cannot be used, as one sentence; empty if it can.
    """

    name: str
    path: Path
    gestures: tuple[str, ...] = ()
    model: str = ""
    model_digest: str = ""
    written: datetime | None = None
    keeps_features: bool = False
    figure: tuple[str, ...] = ()
    begun: bool = False
    damage: str = ""

    def belongs_to(self, weights_digest: str) -> bool:
        """Return whether it was made with the model that has these weights."""
        return not self.damage and self.model_digest == weights_digest

    @property
    def other_model(self) -> str:
        """Say what to do with it where another model runs, in one sentence."""
        if self.begun:
            return (
                f"The lesson of {self.name} was begun with another model; choose that one again, "
                "or begin anew with Ctrl+T."
            )
        return (
            f"{self.name} was taught with the model {self.model}, or another version of it, whose "
            "features mean nothing to this one; teach the gestures again with Ctrl+T, or fit them "
            "again from their clips."
        )


def person_at(path: Path) -> Person:
    """Return whose set a file is, wherever it is; a file that is none says so in `damage`."""
    try:
        personal = read_set(path)
        written = datetime.fromtimestamp(path.stat().st_mtime)
    except ModelError as error:
        return Person(path.stem, path, damage=str(error))
    except OSError as error:
        return Person(path.stem, path, damage=f"{path} cannot be read ({failure_reason(error)}).")
    about = personal.about
    return Person(
        name=shown_name(about.name) or path.stem,
        path=path,
        gestures=tuple(label for label in about.labels if label not in about.silent_labels),
        model=about.model,
        model_digest=about.model_digest,
        written=written,
        keeps_features=bool(personal.kept),
        figure=about.figure,
    )


def learner_at(path: Path) -> Person:
    """Return whose lesson a file is; one that cannot be continued says so in `damage`."""
    try:
        draft, written = read_draft(path), datetime.fromtimestamp(path.stat().st_mtime)
    except DraftError as error:
        return Person(path.stem, path, begun=True, damage=str(error))
    except OSError as error:
        reason = f"{path} cannot be read ({failure_reason(error)})."
        return Person(path.stem, path, begun=True, damage=reason)
    course = draft.course
    takes, whole = sum(take.counts for take in course.takes), TAKES * len(course.gestures)
    return Person(
        name=shown_name(draft.name) or path.stem,
        path=path,
        gestures=course.gestures,
        model_digest=draft.model_digest,
        written=written,
        keeps_features=True,
        figure=(f"A lesson was begun: {takes} of {whole} takes, {', '.join(course.gestures)}.",),
        begun=True,
    )

"""What is known of people before a lesson begins; read once, and not at every letter of a name."""

from __future__ import annotations

from app.teaching.names import name_key, shown_name
from app.teaching.people import People


class Learners:
    """Says what is kept under a name, in whatever case.

    Attributes:
        newest_lesson: Whose lesson was broken off last, of those that the model can go on with;
            empty if nobody's was.
    """

    def __init__(self, people: People, weights_digest: str) -> None:
        """Read all sets and lessons; what cannot be read is nobody's.

        Args:
            people: Keeps them.
            weights_digest: SHA-256 of the weights of the model that is taught.
        """
        self._digest = weights_digest
        sets = (person for person in people.list() if not (person.begun or person.damage))
        self._sets = {name_key(person.name): person for person in sets}
        lessons = [person for person in people.lessons() if not person.damage]
        self._lessons = {name_key(person.name): person for person in reversed(lessons)}
        mine = (person.name for person in lessons if person.belongs_to(weights_digest))
        self.newest_lesson = next(mine, "")

    def unfinished(self, name: str) -> str:
        """Say what the lesson of a name has so far; empty if there is none to go on with."""
        begun = self._lessons.get(_key(name))
        return "" if begun is None or not begun.belongs_to(self._digest) else begun.figure[0]

    def replaced(self, name: str) -> str:
        """Say what a new set of a name would replace; empty if there is nothing of that name."""
        known, begun = self._sets.get(_key(name)), self._lessons.get(_key(name))
        if known is not None:
            what = f"the gestures that {known.name} has: {', '.join(known.gestures)}"
            end = "." if known.belongs_to(self._digest) else "; they are another model's."
            return f"It will replace {what}{end}"
        return "" if begun is None else "It will replace a lesson, which is another model's."

    def to_teach_again(self, name: str) -> tuple[str, ...]:
        """Return the gestures that somebody has taught another model, and cannot use here."""
        known = self._sets.get(_key(name))
        return () if known is None or known.belongs_to(self._digest) else known.gestures


def _key(name: str) -> str:
    return name_key(shown_name(name))

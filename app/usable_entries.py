"""Leaves out of a JSON object what cannot be used: a wrong entry does not cost the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

Check = Callable[[dict[str, object]], object]
"""Raises `msgspec.ValidationError` if an object cannot be used."""


def usable_entries(
    found: Mapping[str, object], check: Check
) -> tuple[dict[str, object], dict[str, str]]:
    """Return the entries that can be used together, and why each other one cannot.

    Of an object inside as little as possible is left out.

    Args:
        found: The object.
        check: Checks an object that has some of its entries.

    Returns:
        What can be used; and the problem of each entry that cannot, by its name, such as
        "control.profile".
    """
    kept: dict[str, object] = {}
    rest = dict(found)

    def problem_of(name: str, value: object) -> str:
        """Return what is wrong with an entry beside those that are kept; empty if nothing."""
        try:
            check(kept | {name: value})
        except msgspec.ValidationError as error:
            return str(error).split(" - at `")[0]
        return ""

    # One at a time, from the first again: some can only be used beside others.
    while name := next((each for each in rest if not problem_of(each, rest[each])), ""):
        kept[name] = rest.pop(name)
    problems: dict[str, str] = {}
    for name, value in rest.items():
        inside, wrong = _inside(name, value, kept, check)
        if inside is None or problem_of(name, inside):
            problems[name] = problem_of(name, value)
        else:
            kept[name] = inside
            problems |= wrong
    return kept, problems


def _inside(
    outer: str, value: object, kept: dict[str, object], check: Check
) -> tuple[dict[str, object] | None, dict[str, str]]:
    """Return the usable entries of an object within another one, and the problems of the others."""
    if not isinstance(value, dict):
        return None, {}
    inside, wrong = usable_entries(value, lambda part: check(kept | {outer: part}))
    return inside, {f"{outer}.{name}": problem for name, problem in wrong.items()}

"""Errors about data; each is one plain sentence that says what is wrong and what to do."""

from __future__ import annotations


class DataError(Exception):
    """A data set is missing, incomplete or not in the expected layout."""


def not_written(what: str, error: OSError) -> DataError:
    """Return the error for something that could not be written.

    Args:
        what: Such as "The clips".
        error: From the system, or from this project, whose errors are sentences already.
    """
    if error.strerror is None:
        return DataError(str(error))
    place = f": {error.filename}" if error.filename else ""
    return DataError(f"{what} cannot be written ({error.strerror}{place}).")


class UnreadableClipError(Exception):
    """One clip is missing or damaged; a run counts such clips and continues while they are few."""

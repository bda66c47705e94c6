"""Errors about data, told in one plain sentence that says what is wrong and what to do."""


class DataError(Exception):
    """A data set is missing, incomplete or not in the layout that was asked for."""


def not_written(what: str, error: OSError) -> DataError:
    """Return the sentence for `what` that the system did not let us write.

    Args:
        what: Such as "The clips".
        error: One of the system's, or one of ours, which is a sentence already.
    """
    if error.strerror is None:
        return DataError(str(error))
    place = f": {error.filename}" if error.filename else ""
    return DataError(f"{what} cannot be written ({error.strerror}{place}).")


class UnreadableClipError(Exception):
    """One clip is missing or damaged; the run counts it, and goes on while there are few."""

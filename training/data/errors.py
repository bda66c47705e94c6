"""Errors about data, told in one plain sentence that says what is wrong and what to do."""


class DataError(Exception):
    """A data set is missing, incomplete or not in the layout that was asked for."""


class UnreadableClipError(Exception):
    """One clip is missing or damaged; the run counts it, and goes on while there are few."""

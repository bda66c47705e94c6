"""Errors about data, told in one plain sentence that says what is wrong and what to do."""


class DataError(Exception):
    """A data set is missing, incomplete or not in the layout that was asked for."""

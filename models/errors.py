"""Errors about models: one plain sentence that says what is wrong and what to do."""


class ModelError(Exception):
    """A model cannot be read, does not fit its description or cannot run on this machine."""

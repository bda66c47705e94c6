"""Errors that the application reports to people: one plain sentence and an exit code."""

from __future__ import annotations

import logging

from models.errors import ModelError

log = logging.getLogger(__name__)


class AppError(Exception):
    """Something that the user can understand and act on.

    The message is one plain sentence that says what is wrong and what to do.

    Attributes:
        exit_code: Exit code of the command line: 1, the run failed.
    """

    exit_code = 1


class UsageError(AppError):
    """What the command line asks for cannot be done; found before anything ran."""

    exit_code = 2


def sentence(error: Exception) -> str:
    """Return the sentence that reports `error`; details for developers go to the log."""
    if isinstance(error, (AppError, ModelError)):
        return str(error)
    log.debug("internal error", exc_info=error)
    detail = " ".join(f"{type(error).__name__}: {error}".split())
    return (
        f"AdaFuse Live stopped because of an internal error ({detail}); "
        "run it again with --verbose and report what it prints."
    )

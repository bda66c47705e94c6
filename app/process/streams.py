"""Standard input, output and error may be closed by whoever starts the program."""

from __future__ import annotations

import os
import sys

_STANDARD = range(3)


def fill() -> None:
    """Put nothing where a standard stream is closed.

    The next file to be opened would otherwise get its number, and what some library prints would
    go into that file: into the events, for example.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free: this one


def silence_output() -> None:
    """Let what is still buffered for a reader that has gone go nowhere.

    The interpreter flushes it at its end, and would complain.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)

"""Standard input, output and error, which the calling program may have closed."""

from __future__ import annotations

import os
import sys

_STANDARD = range(3)


def fill() -> None:
    """Open the null device in place of a closed standard stream.

    Otherwise the next file that is opened gets its descriptor, and what a library prints goes into
    that file: into the events, for example.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free descriptor: this one


def silence_output() -> None:
    """Discard what is still buffered for a reader that has gone.

    The interpreter would flush it at exit and print an error.
    """
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)

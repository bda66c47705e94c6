"""Tells on a terminal that the kernels are being compiled, which takes a while once."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

log = logging.getLogger(__name__)

WHAT = "Preparing the sparse engine for this processor; this is needed once"


class PreparationNotice:
    """Says so once; on a terminal with a percentage that counts up in place.

    Args:
        stream: Where the percentage goes, if it is a terminal.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        # None where the shell has closed standard error.
        self._stream: TextIO | None = sys.stderr if stream is None else stream
        self._said = False

    def tell(self, fraction: float) -> None:
        """Take the fraction that is done, from 0 to 1."""
        if self._stream is not None and self._stream.isatty():
            end = "\n" if fraction >= 1 else ""
            self._stream.write(f"\r{WHAT}: {fraction:4.0%}{end}")
            self._stream.flush()
        elif not self._said:
            log.info("%s and takes some 15 seconds.", WHAT)
        self._said = True

"""Compiles the kernels before they are needed, and tells how far that is."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

from numba.core import event

from models.engines.kernels.compiling import is_kept, kept_code, stop_keeping
from models.engines.kernels.host import UNIT
from models.engines.kernels.step import LEAD, take_part
from models.engines.planning.shapes import MapShape
from models.engines.planning.tuning import one_convolution

log = logging.getLogger(__name__)

ENTRY_POINTS = (take_part,)

FUNCTIONS = 31
"""How many functions are compiled, as counted once; only the progress depends on it."""


class _Progress(event.Listener):
    """Counts compiled functions. Code that comes from the disk compiles nothing within."""

    def __init__(self, tell: Callable[[float], None]) -> None:
        self._tell = tell
        self._depth = 0
        self._done = 0

    def on_start(self, event: Any) -> None:
        """A function begins."""
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """A function is compiled; inner ones first."""
        self._depth -= 1
        if self._depth > 0:
            self._done += 1
            self._tell(min(0.99, self._done / FUNCTIONS))
        elif self._done:
            self._tell(1.0)


def compile_kernels(progress: Callable[[float], None] | None = None) -> None:
    """Compile or load the kernels, unless this process has them already.

    Kept code that is damaged is thrown away, and where there is no room for new code, it is not
    kept: both only cost time.

    Args:
        progress: Told the fraction that is done, from 0 to 1; not told anything where the code was
            compiled by an earlier start.
    """
    listener = _Progress(progress or (lambda fraction: None))
    with event.install_listener("numba:compile", listener):
        try:
            _run_once()
        except Exception as error:  # from reading whatever is in the files, or from writing them
            log.debug("kept kernels: %s", error, exc_info=True)
            shutil.rmtree(kept_code(), ignore_errors=True)
            for function in ENTRY_POINTS:
                stop_keeping(function)
            _run_once()
    if not all(is_kept(function) for function in ENTRY_POINTS):
        _say_not_kept()


def _run_once() -> None:
    """Run the smallest program there is, so that everything is compiled."""
    program = one_convolution(MapShape(8, 4, 4), UNIT.most_rows)
    memory = program.new_memory()
    take_part(program.tables, memory, LEAD, 0, 0)


@cache
def _say_not_kept() -> None:
    log.warning(
        "The compiled kernels could not be read from or kept in %s; they are made again.",
        kept_code(),
    )

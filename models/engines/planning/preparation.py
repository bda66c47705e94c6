"""Compiles the kernels before they are needed, and reports progress."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from functools import cache
from typing import Any

from numba.core import event

from models.engines.kernels.compiling import disable_cache, is_cached, kernel_cache
from models.engines.kernels.host import UNIT
from models.engines.kernels.step import LEAD, run_operations
from models.engines.planning.shapes import MapShape
from models.engines.planning.tuning import one_convolution

log = logging.getLogger(__name__)

ENTRY_POINTS = (run_operations,)

FUNCTIONS = 31
"""Functions that are compiled, as counted once; only the progress depends on it."""


class _Progress(event.Listener):
    """Counts compiled functions; nothing is counted for code that comes from the disk."""

    def __init__(self, report: Callable[[float], None]) -> None:
        self._report = report
        self._depth = 0
        self._done = 0

    def on_start(self, event: Any) -> None:
        """Enter a function."""
        self._depth += 1

    def on_end(self, event: Any) -> None:
        """Leave a function; those that it calls are compiled before it."""
        self._depth -= 1
        if self._depth > 0:
            self._done += 1
            self._report(min(0.99, self._done / FUNCTIONS))
        elif self._done:
            self._report(1.0)


def compile_kernels(progress: Callable[[float], None] | None = None) -> None:
    """Compile or load the kernels, unless this process has them already.

    Cached code that is damaged is deleted, and where there is no room for new code, it is not
    cached: both only cost time.

    Args:
        progress: Called with the fraction that is done, from 0 to 1; never called where an earlier
            start has compiled the code.
    """
    listener = _Progress(progress or (lambda fraction: None))
    with event.install_listener("numba:compile", listener):
        try:
            _run_once()
        except Exception as error:  # from reading whatever is in the files, or from writing them
            log.debug("cached kernels: %s", error, exc_info=True)
            shutil.rmtree(kernel_cache(), ignore_errors=True)
            for function in ENTRY_POINTS:
                disable_cache(function)
            _run_once()
    if not all(is_cached(function) for function in ENTRY_POINTS):
        _warn_not_cached()


def _run_once() -> None:
    """Run the smallest program there is, so that everything is compiled."""
    program = one_convolution(MapShape(8, 4, 4), UNIT.most_rows)
    memory = program.new_memory()
    run_operations(program.tables, memory, LEAD, 0, 0)


@cache
def _warn_not_cached() -> None:
    log.warning(
        "The compiled kernels could not be read from or saved in %s; they are compiled again.",
        kernel_cache(),
    )

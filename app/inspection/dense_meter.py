"""Finds out in the background what a dense step takes on this machine, unless that is known."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from models.bundle import load_bundle
from models.engines.dense_reference import (
    DenseReference,
    measure_reference,
    remembered_reference,
)
from models.errors import ModelError

log = logging.getLogger(__name__)

DELAY_S = 2.0
"""Time after the start in which the first pictures have the machine for themselves, in seconds."""

CLOSE_TIMEOUT_S = 0.5
"""Longest time that `close` waits: loading a model cannot be interrupted."""


class DenseMeter:
    """Measures whichever model runs, in a thread of its own.

    The recognition goes on meanwhile, and is busy for some milliseconds of each interval of its
    cadence: what is measured is the median, which that does not move. Used by one thread, but for
    `reference`.
    """

    def __init__(self, threads: int, *, delay_s: float = DELAY_S) -> None:
        """Measure nothing yet.

        Args:
            threads: Threads that the user asked for.
            delay_s: Time to wait before measuring, in seconds.
        """
        self._threads = threads
        self._delay_s = delay_s
        self._reference: DenseReference | None = None
        self._stop = Flag()
        self._thread: Thread | None = None

    @property
    def reference(self) -> DenseReference | None:
        """What was found for the model that runs; None until then, or if it cannot be found."""
        return self._reference

    def follow(self, model: Path, *, with_blocks: bool) -> None:
        """Find out about a model, and no more about the one before.

        Args:
            model: Folder of the bundle that runs.
            with_blocks: Whether to measure each fused block with the sparse engine.
        """
        self.close()
        self._reference = None
        self._stop = Flag()
        self._thread = Thread(
            target=self._run, args=(model, with_blocks, self._stop), name="dense-meter", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop; may be called again, and without `follow`."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self, model: Path, with_blocks: bool, stop: Flag) -> None:
        try:
            found = self._find(model, with_blocks, stop)
        except (ModelError, OSError) as error:
            log.debug("a dense step is not measured: %s", error)
        except Exception:  # of a runtime that is broken: only a figure is missing then
            log.debug("a dense step is not measured", exc_info=True)
        else:
            if not stop.is_set():  # otherwise another model is followed by now
                self._reference = found

    def _find(self, model: Path, with_blocks: bool, stop: Flag) -> DenseReference | None:
        bundle = load_bundle(model)
        known = remembered_reference(bundle, self._threads, with_blocks=with_blocks)
        if known is not None or stop.wait(self._delay_s):
            return known
        return measure_reference(
            bundle, self._threads, with_blocks=with_blocks, should_stop=stop.is_set
        )

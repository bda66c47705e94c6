"""Measures in the background how long a dense step takes here, unless that is known already."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Event as Flag
from threading import Thread

from models.engines.dense_reference import (
    DenseReference,
    measure_reference,
    remembered_reference,
)
from models.errors import ModelError
from models.two_views.bundle import load_any_bundle

log = logging.getLogger(__name__)

DELAY_S = 2.0
"""Time before the measurement, in seconds, so that it does not delay the first pictures."""

CLOSE_TIMEOUT_S = 0.5
"""Longest time that `close` waits: loading a model cannot be interrupted."""


class DenseMeter:
    """Measures the running model in a thread of its own.

    Recognition continues meanwhile and is busy for a few milliseconds of each interval of its
    cadence, which does not affect the median that is measured. Used by one thread, except for
    `reference`.
    """

    def __init__(self, threads: int, *, delay_s: float = DELAY_S) -> None:
        """Measure nothing yet.

        Args:
            threads: Threads of one step; 0 leaves it to the engine.
            delay_s: Time to wait before measuring, in seconds.
        """
        self._threads = threads
        self._delay_s = delay_s
        self._reference: DenseReference | None = None
        self._stop = Flag()
        self._thread: Thread | None = None
        self._followed: tuple[Path, bool] | None = None

    @property
    def reference(self) -> DenseReference | None:
        """The result for the running model; None until it is known, or if it cannot be measured."""
        return self._reference

    def follow(self, model: Path, *, with_blocks: bool) -> None:
        """Measure a model, and stop measuring the one before; the same one is not measured again.

        Args:
            model: Folder of the bundle that runs.
            with_blocks: Whether to measure each fused block with the sparse engine.
        """
        if self._followed == (model, with_blocks):
            return
        self.close()
        self._followed = model, with_blocks
        self._reference = None
        self._stop = Flag()
        self._thread = Thread(
            target=self._run, args=(model, with_blocks, self._stop), name="dense-meter", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop; may be called more than once, and without `follow`."""
        self._stop.set()
        self._followed = None
        if self._thread is not None:
            self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self, model: Path, with_blocks: bool, stop: Flag) -> None:
        try:
            found = self._find(model, with_blocks, stop)
        except (ModelError, OSError) as error:
            log.debug("a dense step is not measured: %s", error)
        except Exception:  # a broken runtime: only a figure is missing then
            log.debug("a dense step is not measured", exc_info=True)
        else:
            if not stop.is_set():  # otherwise another model is being measured by now
                self._reference = found

    def _find(self, model: Path, with_blocks: bool, stop: Flag) -> DenseReference | None:
        bundle = load_any_bundle(model)
        known = remembered_reference(bundle, self._threads, with_blocks=with_blocks)
        if known is not None or stop.wait(self._delay_s):
            return known
        return measure_reference(
            bundle, self._threads, with_blocks=with_blocks, should_stop=stop.is_set
        )

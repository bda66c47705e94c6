"""Finds out in the background what a dense step takes on this machine, unless that is known."""

from __future__ import annotations

import logging
from collections.abc import Callable
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
    """Measures in a thread of its own.

    The recognition goes on meanwhile, and is busy for some milliseconds of each interval of its
    cadence: what is measured is the median, which that does not move.
    """

    def __init__(
        self, model: Path, threads: int, *, with_blocks: bool, delay_s: float = DELAY_S
    ) -> None:
        """Start no thread yet.

        Args:
            model: Folder of the bundle that runs.
            threads: Threads that the user asked for.
            with_blocks: Whether to measure each fused block with the sparse engine.
            delay_s: Time to wait before measuring, in seconds.
        """
        self._model = model
        self._threads = threads
        self._with_blocks = with_blocks
        self._delay_s = delay_s
        self._reference: DenseReference | None = None
        self._stop = Flag()
        self._thread = Thread(target=self._run, name="dense-meter", daemon=True)

    @property
    def reference(self) -> DenseReference | None:
        """What was found; None until then, or if it cannot be found. For any thread."""
        return self._reference

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop; may be called again, and without `start`."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        try:
            self._reference = self._find()
        except (ModelError, OSError) as error:
            log.debug("a dense step is not measured: %s", error)
        except Exception:  # of a runtime that is broken: only a figure is missing then
            log.debug("a dense step is not measured", exc_info=True)

    def _find(self) -> DenseReference | None:
        bundle = load_bundle(self._model)
        known = remembered_reference(bundle, self._threads, with_blocks=self._with_blocks)
        if known is not None or self._stop.wait(self._delay_s):
            return known
        return measure_reference(
            bundle, self._threads, with_blocks=self._with_blocks, should_stop=self._stop.is_set
        )


class DenseMeters:
    """The meter of whichever model runs. Used by one thread, but for `reference`."""

    def __init__(self, open_meter: Callable[[str, bool], DenseMeter]) -> None:
        """Measure nothing yet.

        Args:
            open_meter: Makes the meter of a model, by its name and whether to measure its blocks.
        """
        self._open_meter = open_meter
        self._meter: DenseMeter | None = None

    @property
    def reference(self) -> DenseReference | None:
        """What was found for the model that runs; None until then, or if it cannot be found."""
        return None if self._meter is None else self._meter.reference

    def follow(self, model: str, *, with_blocks: bool) -> None:
        """Find out about another model from now on.

        Args:
            model: Folder of its bundle, or the name of the bundled one.
            with_blocks: Whether to measure each fused block.
        """
        self.close()
        self._meter = self._open_meter(model, with_blocks)
        self._meter.start()

    def close(self) -> None:
        """Stop; may be called again."""
        if self._meter is not None:
            self._meter.close()

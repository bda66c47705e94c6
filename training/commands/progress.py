"""The progress bar that long commands show on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm

# The monitor is a thread that outlives the bar; our bars are updated often enough without it.
tqdm.monitor_interval = 0


@contextmanager
def progress_bar(total: float, unit: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on standard error, with rate and remaining time; silent without a terminal.

    Args:
        total: How much there is to do, in units.
        unit: Name of the unit.

    Yields:
        Function to call with how much is done so far.
    """
    with tqdm(total=total, unit=unit, disable=None) as bar:

        def reach(done: float) -> None:
            bar.update(done - bar.n)

        yield reach

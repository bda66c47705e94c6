"""Renders tasks in several processes, and ends them all when one fails or somebody interrupts."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

import cv2

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")


def run_tasks(
    function: Callable[[TaskT], ResultT], tasks: Sequence[TaskT], workers: int | None
) -> Iterator[ResultT]:
    """Do the tasks and yield each one's result as it finishes.

    Args:
        function: Does one task; a function of a module, so that a process can find it.
        tasks: What there is to do.
        workers: Processes; None for one per processor core, 1 to stay in this process.

    Raises:
        OSError: A process ended unexpectedly.
    """
    workers = workers or os.cpu_count() or 1
    if workers == 1:
        yield from map(function, tasks)
        return
    # Spawned, not forked: the caller may hold threads, and Windows and macOS spawn anyway.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker) as pool:
        try:
            for future in as_completed([pool.submit(function, task) for task in tasks]):
                yield future.result()
        except BrokenProcessPool as error:
            raise OSError(
                "A rendering process ended unexpectedly; try again with fewer workers."
            ) from error
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def check_workers(workers: int | None) -> None:
    """Raise ValueError with one plain sentence if the number of processes cannot work."""
    if workers is not None and workers < 1:
        raise ValueError(f"The number of workers must be at least 1, but is {workers}.")


def _start_worker() -> None:
    """Prepare a worker: one thread, and an interrupt is for the parent to deal with."""
    cv2.setNumThreads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

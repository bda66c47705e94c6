"""Times both ways of reading a data set in turn: same clips, same crops, same threads."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Sampler

from benchmarks.data.folder import write_folder
from benchmarks.data.plain import PlainClips
from benchmarks.errors import BenchmarkError
from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.clip import Clip, Size
from training.data.dataset import SampleKey, TrainingClips
from training.data.errors import DataError
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.data.loader import collate, start_worker
from training.data.normalization import normalize_batch
from training.data.sampling import UniformSegments
from training.data.transforms import MultiScaleCrop
from training.labels import JESTER_LABELS


class _SameOrder(Sampler[SampleKey]):
    """Every clip once, with the key that the plain way draws from as well."""

    def __init__(self, clips: int) -> None:
        self._clips = clips

    def __len__(self) -> int:
        return self._clips

    def __iter__(self) -> Iterator[SampleKey]:
        return ((0, 0, index) for index in range(self._clips))


def measure_data(
    root: Path | None,
    annotations: Path | None,
    *,
    clips: int,
    size: int,
    batch_size: int,
    workers: int,
    rounds: int,
) -> dict[str, object]:
    """Time reading with the paper's sampling and crops, from frames on disk to normalized batches.

    Args:
        root: Folder in the Jester layout; one is made from the demo clip by default.
        annotations: Its CSV; `labels.csv` in the folder by default.
        clips: Most clips to read.
        size: Height and width of the network's input, in pixels.
        batch_size: Clips in a batch.
        workers: Processes that read; 0 reads in this one.
        rounds: Turns of each way, after one for warming up.

    Returns:
        Clips per second of both, and how far their results differ.

    Raises:
        BenchmarkError: The data cannot be read.
    """
    with tempfile.TemporaryDirectory() as folder:
        if root is None:
            root = Path(folder)
            write_folder(root, clips)
        try:
            found = open_dataset(
                Layout.JESTER, root, annotations or root / "labels.csv", JESTER_LABELS
            )
        except DataError as error:
            raise BenchmarkError(str(error)) from error
        with _one_thread():
            return _measure(found[:clips], Size(size, size), batch_size, workers, rounds)


@contextmanager
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def _measure(
    clips: Sequence[Clip], size: Size, batch_size: int, workers: int, rounds: int
) -> dict[str, object]:
    options = (clips, JESTER_LABELS, UniformSegments(), size, MultiScaleCrop())
    loader = partial(
        DataLoader,
        batch_size=batch_size,
        num_workers=workers,
        worker_init_fn=start_worker,
        persistent_workers=workers > 0,
    )
    plain = loader(PlainClips(*options))
    fast = loader(TrainingClips(*options), sampler=_SameOrder(len(clips)), collate_fn=collate)

    def fast_batches() -> Iterator[Tensor]:
        for batch in fast:
            if batch.unreadable:
                raise BenchmarkError(batch.unreadable[0].reason)
            yield normalize_batch(batch.clips, IMAGENET_MEAN, IMAGENET_STD)

    # Ours first: it names a clip that is damaged.
    ways: dict[str, Callable[[], Iterator[Tensor]]] = {
        "adafuse": fast_batches,
        "plain": lambda: (batch for batch, _ in plain),
    }
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, batches in ways.items():
            started_s = time.perf_counter()
            read = sum(len(batch) for batch in batches())
            if turn > 0:
                rates[name].append(read / (time.perf_counter() - started_s))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    return {
        "clips": len(clips),
        "size": [size.height, size.width],
        "batch_size": batch_size,
        "workers": workers,
        "clips_per_second": {name: round(value, 2) for name, value in medians.items()},
        "speedup": round(medians["adafuse"] / medians["plain"], 3),
        "speedup_of_each_round": [
            round(ours / theirs, 3)
            for ours, theirs in zip(rates["adafuse"], rates["plain"], strict=True)
        ],
        "difference_in_levels": _difference(ways["plain"](), fast_batches()),
    }


def _difference(plain: Iterator[Tensor], fast: Iterator[Tensor]) -> dict[str, float]:
    """Compare the first batch of both, in steps of the 256 levels of a picture."""
    scale = 255 * torch.tensor(IMAGENET_STD).view(1, 1, 3, 1, 1)
    levels = np.abs(((next(plain) - next(fast)) * scale).numpy())
    return {
        "mean": round(float(levels.mean()), 3),
        "p99": round(float(np.percentile(levels, 99)), 3),
        "max": round(float(levels.max()), 3),
    }

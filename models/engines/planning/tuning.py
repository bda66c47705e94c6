"""Chooses the shapes of tiles by a short measurement, once for a machine."""

from __future__ import annotations

import logging
import time
from functools import cache

import msgspec
import numpy as np

from models.engines.cache import cache_folder, read_cached, write_cached
from models.engines.kernels.compiling import sources_digest
from models.engines.kernels.host import UNIT
from models.engines.kernels.step import LEAD, run_operations
from models.engines.planning.convolution_builder import Epilogue
from models.engines.planning.memory import Program
from models.engines.planning.program_builder import ProgramBuilder
from models.engines.planning.shapes import Filter, MapShape, TileShapes

log = logging.getLogger(__name__)

LARGE_MAP = MapShape(64, 28, 28)
SMALL_MAP = MapShape(256, 7, 7)
"""Maps of a ResNet's second and last stage, with fewer channels to be quick."""

NEAR_TIE = 1.03
"""A shape is as good as the fastest if it takes at most this many times as long."""

ROUNDS = 8
"""Runs of each candidate, in turn; the fastest one counts, since others were disturbed."""


class _Remembered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    processor: str
    large: int
    small: int


def candidates() -> list[int]:
    """Return the numbers of rows that leave no register unused and need not too many."""
    most, accumulators = UNIT.most_rows, UNIT.accumulators
    return [rows for rows in range(3, most + 1) if accumulators % rows == 0]


@cache
def tile_shapes() -> TileShapes:
    """Return the best shapes of tiles for this machine, measured once and then remembered."""
    path = cache_folder() / f"tiles-{sources_digest()}.json"
    known = read_cached(path, _Remembered)
    allowed = candidates()
    if (
        known is not None
        and known.processor == UNIT.processor
        and known.large in allowed
        and known.small in allowed
    ):
        return TileShapes(known.large, known.small)
    shapes = TileShapes(_fastest(LARGE_MAP), _fastest(SMALL_MAP))
    log.debug("tiles of %d rows for large maps, %d for small ones", shapes.large, shapes.small)
    write_cached(path, _Remembered(UNIT.processor, shapes.large, shapes.small))
    return shapes


def _fastest(shape: MapShape) -> int:
    """Return the number of rows with which a convolution of 3 by 3 taps is fastest."""
    programs = {rows: one_convolution(shape, rows) for rows in candidates()}
    memories = {rows: program.new_memory() for rows, program in programs.items()}
    best = dict.fromkeys(programs, float("inf"))
    for _ in range(ROUNDS):
        for rows, program in programs.items():
            started_s = time.perf_counter()
            run_operations(program.tables, memories[rows], LEAD, 0, program.tables.program.size)
            best[rows] = min(best[rows], time.perf_counter() - started_s)
    return most_rows_of_the_fastest(best)


def most_rows_of_the_fastest(seconds: dict[int, float]) -> int:
    """Return the most rows that are about as fast as the fastest.

    A tile of more rows reads its inputs fewer times. The measured convolution hides that behind its
    arithmetic, but those of 1 by 1 taps do not: noise must not choose for them.

    Args:
        seconds: Time of the measured convolution by number of rows.
    """
    enough = NEAR_TIE * min(seconds.values())
    return max(rows for rows, taken in seconds.items() if taken <= enough)


def one_convolution(shape: MapShape, rows: int) -> Program:
    """Return a program that is one convolution, with tiles of so many rows."""
    builder = ProgramBuilder(TileShapes(rows, rows))
    weight = np.ones((shape.channels, shape.channels, 3, 3), np.float32)
    layer = Filter(weight, np.zeros(shape.channels, np.float32), stride=1, padding=1)
    source, output = builder.buffer(shape, layer.gap), builder.buffer(shape, layer.gap)
    builder.dense_convolution(layer, source, output, Epilogue())
    return builder.build()

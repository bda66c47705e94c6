from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from models.engines.kernels.addresses import address_of
from models.engines.kernels.host import UNIT
from models.engines.kernels.reductions import (
    CHAINS,
    add_float_columns,
    add_half_columns,
    vector_total,
)

LANES = UNIT.lanes
WIDTH = 3


@njit
def total(values: Any, blocks: int) -> Any:
    return vector_total(LANES, address_of(values), blocks)


@njit
def add_floats(weights: Any, factors: Any, count: int, sums: Any) -> None:
    matrix, stride = address_of(weights), weights.shape[1]
    add_float_columns(LANES, WIDTH, matrix, stride, address_of(factors), count, address_of(sums))


@njit
def add_halves(weights: Any, factors: Any, count: int, sums: Any) -> None:
    matrix, stride = address_of(weights), weights.shape[1]
    add_half_columns(LANES, WIDTH, matrix, stride, address_of(factors), count, address_of(sums))


@pytest.mark.parametrize("blocks", [0, 1, 5])
def test_a_total_is_that_of_numpy(blocks: int) -> None:
    size = blocks * CHAINS * LANES
    values = np.random.default_rng(blocks).standard_normal(size + 1).astype(np.float32)
    assert total(values, blocks) == pytest.approx(values[:size].sum(), abs=1e-4)


@pytest.mark.parametrize("count", [0, 1, 13])
def test_columns_are_added_times_their_factors(count: int) -> None:
    rng = np.random.default_rng(count)
    weights = rng.standard_normal((count + 1, WIDTH * LANES + 3)).astype(np.float32)
    factors = np.maximum(rng.standard_normal(count + 1), 0).astype(np.float32)
    start = rng.standard_normal(WIDTH * LANES).astype(np.float32)
    expected = start + factors[:count] @ weights[:count, : WIDTH * LANES]
    sums = start.copy()
    add_floats(weights, factors, count, sums)
    np.testing.assert_allclose(sums, expected, atol=1e-5)
    if UNIT.converts_half:
        halves = weights.astype(np.float16)
        sums = start.copy()
        add_halves(halves.view(np.uint16), factors, count, sums)
        expected = start + factors[:count] @ halves[:count, : WIDTH * LANES].astype(np.float32)
        np.testing.assert_allclose(sums, expected, atol=1e-5)

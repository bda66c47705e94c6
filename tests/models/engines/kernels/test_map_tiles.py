"""One tile gives what the plain sum over terms gives, for every shape and vector width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from models.engines.kernels.addresses import address_of
from models.engines.kernels.map_tiles import emit_map_tiles, map_tile, tile_shapes, tile_widths
from models.engines.kernels.microkernel import PREFETCHED_TERMS, TERM_FIELDS
from models.engines.kernels.vector_ir import FLOAT, INDEX
from tests.models.engines.kernels.machine_code import PROCESSORS, assembly

ACCUMULATORS, MOST_ROWS = 4, 3
TERMS = 11


def compiled(lanes: int) -> Any:
    """Compile a caller for one vector width, whatever the processor has."""

    @njit
    def run(rows: int, vectors: int, arrays: Any, counts: Any, low: Any, high: Any) -> None:
        (values, terms, weights, weight_rows, bias, numbers, output, residual, mask) = arrays
        map_tile(
            lanes,
            ACCUMULATORS,
            MOST_ROWS,
            rows,
            vectors,
            (
                counts[4],
                *(address_of(values), address_of(terms), counts[0]),
                *(address_of(weights), address_of(weight_rows)),
                *(address_of(bias), address_of(numbers)),
                *(address_of(output), counts[1]),
                *(address_of(residual) * counts[3], counts[2]),
                *(address_of(mask), low, high),
            ),
        )

    return run


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("with_residual", [False, True])
def test_a_tile_is_the_sum_over_its_terms(lanes: int, with_residual: bool) -> None:
    run = compiled(lanes)
    rng = np.random.default_rng(lanes)
    for rows, vectors in tile_shapes(ACCUMULATORS, MOST_ROWS):
        for term_count in (0, 1, TERMS):
            tiles = 1 + term_count % 3
            width = tiles * vectors * lanes
            values = rng.standard_normal(200 + width).astype(np.float32)
            weights = rng.standard_normal(300).astype(np.float32)
            terms = np.zeros((TERMS + PREFETCHED_TERMS + 1, TERM_FIELDS), np.int64)
            terms[:TERMS, 0] = rng.integers(0, 100, TERMS)
            terms[:TERMS, 1] = rng.integers(0, 50, TERMS)
            weight_rows = rng.integers(0, 200, rows)
            numbers = rng.permutation(5)[:rows]
            bias = rng.standard_normal(5).astype(np.float32)
            residual = rng.standard_normal((5, width)).astype(np.float32)
            output = np.full((5, width), 7, np.float32)
            kept = rng.random(width) < 0.8
            mask = np.where(kept, 0xFFFFFFFF, 0).astype(np.uint32).view(np.float32)
            arrays = (values, terms, weights, weight_rows, bias, numbers, output, residual, mask)
            counts = np.array([term_count, width, width, int(with_residual), tiles])
            run(rows, vectors, arrays, counts, np.float32(-1.0), np.float32(2.0))

            expected = np.full((5, width), 7, np.float64)
            for row, number in zip(weight_rows, numbers, strict=True):
                total = np.full(width, bias[number], np.float64)
                for shift, place in terms[:term_count]:
                    total += float(weights[row + place]) * values[shift : shift + width]
                if with_residual:
                    total += residual[number]
                expected[number] = np.where(kept, np.clip(total, -1.0, 2.0), 0.0)
            np.testing.assert_allclose(output, expected, atol=1e-4)


@pytest.mark.parametrize(("accumulators", "rows"), [(12, 1), (12, 5), (24, 8), (12, 12)])
def test_tiles_cover_any_number_of_vectors(accumulators: int, rows: int) -> None:
    widths = tile_widths(accumulators, rows)
    assert widths == sorted(set(widths), reverse=True)
    assert widths[0] * rows <= accumulators
    assert widths[-1] == 1


@PROCESSORS
def test_the_vector_code_is_made_for_the_processor(
    triple: str, processor: str, lanes: int, instruction: str
) -> None:
    text = assembly(
        triple,
        processor,
        [INDEX, INDEX, *[INDEX] * 13, *[FLOAT] * 2],
        lambda builder, given: emit_map_tiles(
            builder, (lanes, 12, 6), (given[0], given[1]), given[2:]
        ),
    )
    assert instruction in text

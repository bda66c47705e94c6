"""A tile across channels gives what the plain sum over terms gives, for every vector width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit

from models.engines.kernels.addresses import address_of
from models.engines.kernels.channel_tiles import VECTORS, channel_tile, emit_channel_tiles
from models.engines.kernels.microkernel import PREFETCHED_TERMS, TERM_FIELDS
from models.engines.kernels.vector_ir import FLOAT, INDEX
from tests.models.engines.kernels.machine_code import PROCESSORS, assembly

MOST_PIXELS = 3
TERMS = 11


def compiled(lanes: int) -> Any:
    """Compile a caller for one vector width, whatever the processor has."""

    @njit
    def run(pixels: int, arrays: Any, counts: Any, low: Any, high: Any) -> None:
        positions, values, terms, weights, bias, output, residual = arrays
        operands = (
            *(counts[0], address_of(positions), address_of(values)),
            *(address_of(terms), counts[1], address_of(weights), address_of(bias)),
            *(address_of(output), counts[2]),
            *(address_of(residual) * counts[3], counts[2], low, high),
        )
        channel_tile(lanes, MOST_PIXELS, pixels, operands)

    return run


@pytest.mark.parametrize("lanes", [4, 8, 16])
@pytest.mark.parametrize("with_residual", [False, True])
def test_a_tile_is_the_sum_over_its_terms(lanes: int, with_residual: bool) -> None:
    run = compiled(lanes)
    rng = np.random.default_rng(lanes)
    channels, size = VECTORS * lanes, 40
    for pixels in range(1, MOST_PIXELS + 1):
        for term_count in (0, 1, TERMS):
            tiles = 1 + term_count % 3
            values = rng.standard_normal(200).astype(np.float32)
            weights = rng.standard_normal((50, channels)).astype(np.float32)
            terms = np.zeros((TERMS + PREFETCHED_TERMS + 1, TERM_FIELDS), np.int64)
            terms[:TERMS, 0] = rng.integers(0, 150, TERMS)
            places = rng.integers(0, 50, TERMS)
            terms[:TERMS, 1] = places * channels
            positions = rng.permutation(size)[: tiles * pixels]
            bias = rng.standard_normal(channels).astype(np.float32)
            residual = rng.standard_normal((channels, size)).astype(np.float32)
            output = np.full((channels, size), 7, np.float32)
            arrays = (positions, values, terms, weights, bias, output, residual)
            counts = np.array([tiles, term_count, size, int(with_residual)])
            run(pixels, arrays, counts, np.float32(-1.0), np.float32(2.0))

            expected = np.full((channels, size), 7, np.float64)
            for position in positions:
                total = bias.astype(np.float64)
                for shift, place in zip(terms[:term_count, 0], places, strict=False):
                    total += weights[place].astype(np.float64) * values[position + shift]
                if with_residual:
                    total += residual[:, position]
                expected[:, position] = np.clip(total, -1.0, 2.0)
            np.testing.assert_allclose(output, expected, atol=1e-4)


@PROCESSORS
def test_the_vector_code_is_made_for_the_processor(
    triple: str, processor: str, lanes: int, instruction: str
) -> None:
    text = assembly(
        triple,
        processor,
        [INDEX, *[INDEX] * 11, *[FLOAT] * 2],
        lambda builder, given: emit_channel_tiles(builder, lanes, MOST_PIXELS, given[0], given[1:]),
    )
    assert instruction in text

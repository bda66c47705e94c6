"""Single operations of a program against PyTorch: strides, gaps, pooling, depthwise."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch.nn import functional as F

from models.engines.kernels.step import LEAD, run_operations
from models.engines.kernels.tables import StreamMemory
from models.engines.planning.convolution_builder import CHANNEL_BLOCK, Epilogue
from models.engines.planning.memory import Program
from models.engines.planning.program_builder import ProgramBuilder
from models.engines.planning.shapes import Filter, MapShape, TileShapes

NO_LIMIT = -np.inf


def plane_view(program: Program, memory: StreamMemory, number: int) -> NDArray[np.float32]:
    """Return a buffer's map in the arena, of shape (C, H, W), to be read or written."""
    buffer = program.tables.buffers[number]
    shape = (int(buffer["channels"]), int(buffer["height"]), int(buffer["width"]))
    strides = (4 * int(buffer["channel_size"]), 4 * int(buffer["pitch"]), 4)
    begin = int(buffer["offset"]) + int(buffer["origin"])
    return np.lib.stride_tricks.as_strided(memory.arena[begin:], shape, strides)


def run_program(
    builder: ProgramBuilder, x: NDArray[np.float32], source: int
) -> tuple[Program, StreamMemory]:
    program = builder.build()
    memory = program.new_memory()
    plane_view(program, memory, source)[...] = x
    run_operations(program.tables, memory, LEAD, 0, program.tables.program.size)
    return program, memory


def run(builder: ProgramBuilder, x: NDArray[np.float32], source: int, output: int) -> torch.Tensor:
    program, memory = run_program(builder, x, source)
    return torch.from_numpy(plane_view(program, memory, output).copy())[None]


def random_filter(
    rng: np.random.Generator, shape: tuple[int, ...], stride: int, padding: int
) -> Filter:
    weight = rng.standard_normal(shape).astype(np.float32)
    return Filter(weight, rng.standard_normal(shape[0]).astype(np.float32), stride, padding)


@given(
    height=st.integers(1, 19),
    width=st.integers(1, 37),
    channels=st.integers(1, 5),
    rows=st.sampled_from([1, 2, 5, 9, CHANNEL_BLOCK, 3 * CHANNEL_BLOCK]),
    kernel=st.sampled_from([1, 3, 5, 7]),
    stride=st.sampled_from([1, 2]),
    tile_rows=st.integers(1, 6),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_a_convolution_is_that_of_pytorch(
    height: int,
    width: int,
    channels: int,
    rows: int,
    kernel: int,
    stride: int,
    tile_rows: int,
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((channels, height, width)).astype(np.float32)
    layer = random_filter(rng, (rows, channels, kernel, kernel), stride, kernel // 2)
    builder = ProgramBuilder(TileShapes(tile_rows, tile_rows))
    shape = MapShape(channels, height, width)
    source = read = builder.buffer(shape, layer.gap)
    if stride == 2:
        read = builder.buffer(shape.halved(), layer.gap, phases=4)
        builder.split(source, read)
    out_shape = shape if stride == 1 else shape.halved()
    output = builder.buffer(out_shape.with_channels(rows), layer.gap)
    builder.dense_convolution(layer, read, output, Epilogue(low=NO_LIMIT))
    expected = F.conv2d(
        torch.from_numpy(x)[None],
        torch.from_numpy(layer.weight),
        torch.from_numpy(layer.bias),
        stride,
        layer.padding,
    )
    torch.testing.assert_close(run(builder, x, source, output), expected, atol=1e-4, rtol=1e-4)


@given(height=st.integers(1, 19), width=st.integers(1, 30), seed=st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_whole_vectors_of_channels_take_their_means_and_phases_along(
    height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = 2 * CHANNEL_BLOCK
    x = rng.standard_normal((3, height, width)).astype(np.float32)
    layer = random_filter(rng, (rows, 3, 3, 3), 1, 1)
    builder = ProgramBuilder(TileShapes(4, 4))
    shape = MapShape(3, height, width)
    source = builder.buffer(shape, 1)
    output = builder.buffer(shape.with_channels(rows), 1)
    halved = builder.buffer(shape.halved(rows), 1, phases=4)
    means = builder.vector(rows)
    builder.dense_convolution(layer, source, output, Epilogue())
    builder.mean(output, means)
    builder.split(output, halved)

    program, memory = run_program(builder, x, source)
    image, weight, bias = (torch.from_numpy(a) for a in (x[None], layer.weight, layer.bias))
    expected = F.relu(F.conv2d(image, weight, bias, padding=1))[0]
    found = plane_view(program, memory, output)
    torch.testing.assert_close(torch.from_numpy(found.copy()), expected, atol=1e-4, rtol=1e-4)
    place = int(program.tables.vectors[means]["offset"])
    pooled = memory.arena[place : place + rows]
    np.testing.assert_allclose(pooled, expected.mean((1, 2)), atol=1e-4)
    evens = plane_view(program, memory, halved)
    np.testing.assert_array_equal(evens, found[:, ::2, ::2])


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("kernel", [3, 5])
def test_a_depthwise_convolution_is_that_of_pytorch(stride: int, kernel: int) -> None:
    rng = np.random.default_rng(kernel)
    x = rng.standard_normal((10, 13, 22)).astype(np.float32)
    layer = random_filter(rng, (10, 1, kernel, kernel), stride, kernel // 2)
    builder = ProgramBuilder(TileShapes(4, 4))
    shape = MapShape(10, 13, 22)
    source = read = builder.buffer(shape, layer.gap)
    if stride == 2:
        read = builder.buffer(shape.halved(), layer.gap, phases=4)
        builder.split(source, read)
    output = builder.buffer(shape if stride == 1 else shape.halved(), layer.gap)
    builder.depthwise_convolution(layer, read, output, Epilogue(high=6.0))
    expected = F.relu6(
        F.conv2d(
            torch.from_numpy(x)[None],
            torch.from_numpy(layer.weight),
            torch.from_numpy(layer.bias),
            stride,
            layer.padding,
            groups=10,
        )
    )
    torch.testing.assert_close(run(builder, x, source, output), expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (9, 40), (20, 33)])
def test_pooling_behind_a_relu_is_that_of_pytorch(height: int, width: int) -> None:
    x = np.random.default_rng(0).random((17, height, width), np.float32)
    builder = ProgramBuilder(TileShapes(4, 4))
    shape = MapShape(17, height, width)
    source = builder.buffer(shape, 1)
    output = builder.buffer(shape.halved(), 1)
    builder.max_pool(source, output)
    expected = F.max_pool2d(torch.from_numpy(x)[None], 3, stride=2, padding=1)
    torch.testing.assert_close(run(builder, x, source, output), expected)

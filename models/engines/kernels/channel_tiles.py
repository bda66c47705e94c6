"""Tiles whose vectors lie across output channels: some pixels times two vectors of channels.

A convolution of all output channels has their weights side by side, so a vector of weights is one
load and a pixel is broadcast. No lane is lost to the gap between the lines of a map, which is much
where lines are short: of three lines of 4, a tile along the map fills 12 of 16 lanes.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types

from models.engines.kernels.microkernel import TermLoop, TermOperands
from models.engines.kernels.vector_ir import (
    FLOAT,
    INDEX,
    Vectors,
    constant,
    joined,
    pointer,
    vector_code,
)

VECTORS = 2
"""Vectors of channels in a tile; with AVX2 their weights are one cache line."""

_OPERANDS = (
    *("tiles", "positions", "input", "terms", "term_count", "weights", "bias"),
    *("output", "output_stride", "residual", "residual_stride", "low", "high"),
)
_FLOAT_OPERANDS = ("low", "high")


class _Tiles:
    """Emits the function that computes tiles of a number of pixels, one after the other."""

    def __init__(self, function: Any, lanes: int, pixels: int) -> None:
        self.pixels = pixels
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.vector = Vectors(self.builder, lanes)
        self.operand = dict(zip(_OPERANDS, function.args, strict=True))
        self.channels = [(v, lane) for v in range(VECTORS) for lane in range(lanes)]
        self.shape = [(pixel, v) for pixel in range(pixels) for v in range(VECTORS)]
        bias = self._floats("bias")
        self.biases = [self.vector.load(bias, constant(v * lanes)) for v in range(VECTORS)]

    def _floats(self, name: str) -> Any:
        return pointer(self.builder, self.operand[name], FLOAT)

    def emit(self) -> None:
        """Emit the whole function: a loop over the tiles, of which there is at least one."""
        builder, before = self.builder, self.builder.block
        loop, done = builder.append_basic_block("tile"), builder.append_basic_block("over")
        builder.branch(loop)
        builder.position_at_end(loop)
        tile = builder.phi(INDEX)
        positions = self._positions(tile)
        sums = self._add_terms(positions)
        self._store(self._limited(self._add_residual(sums, positions)), positions)
        following = builder.add(tile, constant(1))
        tile.add_incoming(constant(0), before)
        tile.add_incoming(following, builder.block)
        again = builder.icmp_signed("<", following, self.operand["tiles"])
        builder.cbranch(again, loop, done)
        builder.position_at_end(done)
        builder.ret_void()

    def _positions(self, tile: Any) -> list[Any]:
        """Return the positions of a tile's pixels in a plane."""
        builder = self.builder
        first = builder.mul(tile, constant(self.pixels))
        listed = builder.gep(pointer(builder, self.operand["positions"], INDEX), [first])
        return [builder.load(builder.gep(listed, [constant(p)])) for p in range(self.pixels)]

    def _add_terms(self, positions: list[Any]) -> list[Any]:
        builder = self.builder
        inputs = self._floats("input")
        operands = TermOperands(
            terms=pointer(builder, self.operand["terms"], INDEX),
            count=self.operand["term_count"],
            scalars=[builder.gep(inputs, [position]) for position in positions],
            scalar_field=0,
            stream=self._floats("weights"),
            vectors=VECTORS,
        )
        return TermLoop(self.vector, operands).emit([self.biases[v] for _, v in self.shape])

    def _planes(self, name: str) -> list[Any]:
        """Return where each channel's plane of `name` begins."""
        base, stride = self._floats(name), self.operand[f"{name}_stride"]
        planes = [base]
        for _ in self.channels[1:]:
            planes.append(self.builder.gep(planes[-1], [stride]))
        return planes

    def _add_residual(self, sums: list[Any], positions: list[Any]) -> list[Any]:
        """Add the residual where there is one."""
        builder, before = self.builder, self.builder.block
        added, ready = builder.append_basic_block("residual"), builder.append_basic_block("ready")
        there = builder.icmp_signed("!=", self.operand["residual"], constant(0))
        builder.cbranch(there, added, ready)
        builder.position_at_end(added)
        values = {which: ir.Constant(self.vector.type, ir.Undefined) for which in self.shape}
        for plane, (v, lane) in zip(self._planes("residual"), self.channels, strict=True):
            for pixel, position in enumerate(positions):
                value = builder.load(builder.gep(plane, [position]))
                values[pixel, v] = builder.insert_element(values[pixel, v], value, lane_index(lane))
        summed = [
            builder.fadd(total, values[which])
            for total, which in zip(sums, self.shape, strict=True)
        ]
        builder.branch(ready)
        builder.position_at_end(ready)
        return joined(builder, sums, before, summed, added)

    def _limited(self, sums: list[Any]) -> list[Any]:
        vector = self.vector
        low, high = vector.splat(self.operand["low"]), vector.splat(self.operand["high"])
        return [vector.clamp(total, low, high) for total in sums]

    def _store(self, sums: list[Any], positions: list[Any]) -> None:
        """Store each value in its channel's plane."""
        builder, values = self.builder, dict(zip(self.shape, sums, strict=True))
        for plane, (v, lane) in zip(self._planes("output"), self.channels, strict=True):
            for pixel, position in enumerate(positions):
                value = builder.extract_element(values[pixel, v], lane_index(lane))
                builder.store(value, builder.gep(plane, [position]))


def lane_index(lane: int) -> ir.Constant:
    """Return the index of a lane as vector instructions take it."""
    return ir.Constant(ir.IntType(32), lane)


def _tile_function(module: Any, lanes: int, pixels: int) -> Any:
    name = f"channel_tile_{lanes}_{pixels}"
    if name in module.globals:
        return module.globals[name]
    kinds = [FLOAT if operand in _FLOAT_OPERANDS else INDEX for operand in _OPERANDS]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kinds), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    _Tiles(function, lanes, pixels).emit()
    return function


def emit_channel_tiles(
    builder: Any, lanes: int, most_pixels: int, pixels: Any, operands: Any
) -> None:
    """Emit a call of the tile whose number of pixels is known only at run time."""
    end = builder.append_basic_block("end")
    switch = builder.switch(pixels, end)
    for count in range(1, most_pixels + 1):
        block = builder.append_basic_block("tile")
        switch.add_case(constant(count), block)
        builder.position_at_end(block)
        builder.call(_tile_function(builder.module, lanes, count), operands)
        builder.branch(end)
    builder.position_at_end(end)


@vector_code
def channel_tile(
    typing_context: Any, lanes: Any, most_pixels: Any, pixels: Any, operands: Any
) -> Any:
    """Compute some tiles of a convolution, one after the other along a list of pixels.

    Args:
        typing_context: Numba's.
        lanes: Values in a vector; like the next one a constant of the compilation.
        most_pixels: Most pixels in a tile.
        pixels: Pixels of each of these tiles, from 1.
        operands: A tuple. The number of tiles, from 1. Addresses, as integers in bytes, of: the
            positions of the pixels in a plane (int64, in values); the input; the terms (int64
            pairs) and their count; the weights, VECTORS * lanes side by side for every term; the
            bias of as many channels; the output of the first channel, and the values between two
            channels' outputs; the residual likewise, or 0 for none. Then two float32 that limit
            the result from below and above.
    """
    if not all(isinstance(constant, types.IntegerLiteral) for constant in (lanes, most_pixels)):
        return None
    tuple_of: Any = types.Tuple
    kinds = tuple_of(
        [types.float32 if name in _FLOAT_OPERANDS else types.int64 for name in _OPERANDS]
    )
    signature = types.void(lanes, most_pixels, types.int64, kinds)

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Any:
        *_, count, values = arguments
        unpacked = [builder.extract_value(values, i) for i in range(len(_OPERANDS))]
        emit_channel_tiles(builder, lanes.literal_value, most_pixels.literal_value, count, unpacked)
        return context.get_dummy_value()

    return signature, generate

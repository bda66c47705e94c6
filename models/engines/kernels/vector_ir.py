"""Helpers that emit LLVM IR, from which the kernels are put together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.extending import intrinsic

FLOAT = ir.FloatType()
HALF = ir.HalfType()
INDEX = ir.IntType(64)
_INT32 = ir.IntType(32)


def vector_code(function: Callable[..., Any]) -> Any:
    """Make a function that emits LLVM IR one that kernels can call, without its first argument.

    Constants of a kernel reach it as literal types.
    """
    return intrinsic(prefer_literal=True)(function)


def constant(value: int) -> ir.Constant:
    """Return a constant index."""
    return ir.Constant(INDEX, value)


def pointer(builder: Any, address: Any, element: ir.Type) -> Any:
    """Turn an address, as an integer in bytes, into a pointer to `element`."""
    return builder.inttoptr(address, element.as_pointer())


def declared(module: Any, kind: ir.FunctionType, name: str) -> Any:
    """Return a function of a module, declared if it is not there yet."""
    return module.globals.get(name) or ir.Function(module, kind, name)


def joined(
    builder: Any, one: list[Any], one_from: Any, other: list[Any], other_from: Any
) -> list[Any]:
    """Join the values that two branches leave, in the block that both lead to."""
    values = []
    for first, second in zip(one, other, strict=True):
        phi = builder.phi(first.type)
        phi.add_incoming(first, one_from)
        phi.add_incoming(second, other_from)
        values.append(phi)
    return values


class Vectors:
    """Vectors of float32 in one function.

    Args:
        builder: Where instructions are emitted.
        lanes: Values in a vector.
    """

    def __init__(self, builder: Any, lanes: int) -> None:
        self.builder = builder
        self.lanes = lanes
        self.type = ir.VectorType(FLOAT, lanes)
        self.bits = ir.VectorType(_INT32, lanes)
        self.zero = ir.Constant(self.type, [0.0] * lanes)

    def splat(self, scalar: Any) -> Any:
        """Return a vector of equal values."""
        undefined = ir.Constant(self.type, ir.Undefined)
        first = self.builder.insert_element(undefined, scalar, ir.Constant(_INT32, 0))
        return self.builder.shuffle_vector(
            first, undefined, ir.Constant(self.bits, [0] * self.lanes)
        )

    def _at(self, base: Any, offset: Any, element: ir.Type) -> Any:
        wide = ir.VectorType(element, self.lanes).as_pointer()
        return self.builder.bitcast(self.builder.gep(base, [offset]), wide)

    def load(self, base: Any, offset: Any) -> Any:
        """Load a vector from float pointer `base`, `offset` values on; it need not be aligned."""
        loaded = self.builder.load(self._at(base, offset, FLOAT))
        loaded.align = 4
        return loaded

    def load_half(self, base: Any, offset: Any) -> Any:
        """Load a vector of half precision, widened."""
        loaded = self.builder.load(self._at(base, offset, HALF))
        loaded.align = 2
        return self.builder.fpext(loaded, self.type)

    def store(self, value: Any, base: Any, offset: Any) -> None:
        """Store a vector; it need not be aligned."""
        stored = self.builder.store(value, self._at(base, offset, FLOAT))
        stored.align = 4

    def prefetch(self, where: Any, *, write: bool = False) -> None:
        """Prefetch the cache line at a pointer, which will be read or written soon."""
        small = ir.IntType(32)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, small, small, small])
        function = declared(self.builder.module, kind, "llvm.prefetch.p0")
        to_second_cache, data = 2, 1
        arguments = [ir.Constant(small, value) for value in (int(write), to_second_cache, data)]
        self.builder.call(function, [self.builder.bitcast(where, byte), *arguments])

    def _call(self, name: str, *operands: Any) -> Any:
        kind = ir.FunctionType(self.type, [self.type] * len(operands))
        function = declared(self.builder.module, kind, f"llvm.{name}.v{self.lanes}f32")
        return self.builder.call(function, operands)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c, in one instruction where the processor has it."""
        return self._call("fmuladd", a, b, c)

    def clamp(self, value: Any, low: Any, high: Any) -> Any:
        """Return `value` limited to `low` and `high`, vectors both."""
        builder = self.builder
        raised = self.larger(value, low)
        return builder.select(builder.fcmp_ordered("<", raised, high), raised, high)

    def larger(self, one: Any, other: Any) -> Any:
        """Return the larger of two values, lane by lane."""
        return self.builder.select(self.builder.fcmp_ordered(">", one, other), one, other)

    def every_second(self, one: Any, other: Any) -> Any:
        """Return the lanes 0, 2, 4 ... of two vectors in a row."""
        even = ir.Constant(self.bits, list(range(0, 2 * self.lanes, 2)))
        return self.builder.shuffle_vector(one, other, even)

    def masked(self, value: Any, mask: Any) -> Any:
        """Return `value` where all bits of `mask` are set and zero where none is."""
        builder = self.builder
        both = builder.and_(builder.bitcast(value, self.bits), builder.bitcast(mask, self.bits))
        return builder.bitcast(both, self.type)

    def total(self, value: Any) -> Any:
        """Return the sum over the lanes, always added in the same order."""
        builder, lanes = self.builder, self.lanes
        while lanes > 1:
            lanes //= 2
            halves = [
                builder.shuffle_vector(
                    value,
                    ir.Constant(value.type, ir.Undefined),
                    ir.Constant(ir.VectorType(_INT32, lanes), list(range(begin, begin + lanes))),
                )
                for begin in (0, lanes)
            ]
            value = builder.fadd(*halves)
        return builder.extract_element(value, ir.Constant(_INT32, 0))

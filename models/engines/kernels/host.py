"""What the processor of this machine offers: vector width, registers, half precision."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from llvmlite import binding


@dataclass(frozen=True)
class VectorUnit:
    """The part of a processor that the microkernel is shaped for.

    Attributes:
        lanes: float32 values in one vector register.
        accumulators: Vector registers that may hold sums, of which a tile uses all.
        most_rows: Most output channels in one tile: each needs an address register.
        converts_half: Whether half precision is widened in hardware.
        processor: LLVM's name of the processor.
    """

    lanes: int
    accumulators: int
    most_rows: int
    converts_half: bool
    processor: str = ""


def vector_unit(name: str, features: dict[str, bool]) -> VectorUnit:
    """Describe a processor.

    Args:
        name: Architecture, such as "x86_64" or "aarch64".
        features: Its features under LLVM's names.
    """
    if name in ("aarch64", "arm64"):
        return VectorUnit(lanes=4, accumulators=24, most_rows=8, converts_half=True)
    if features.get("avx512f", False):
        return VectorUnit(lanes=16, accumulators=24, most_rows=8, converts_half=True)
    if features.get("avx2", False) and features.get("fma", False):
        half = features.get("f16c", False)
        return VectorUnit(lanes=8, accumulators=12, most_rows=6, converts_half=half)
    return VectorUnit(lanes=4, accumulators=12, most_rows=6, converts_half=False)


def this_vector_unit() -> VectorUnit:
    """Describe the processor that this process runs on."""
    architecture = binding.get_default_triple().split("-")[0]
    unit = vector_unit(architecture, dict(binding.get_host_cpu_features()))
    return replace(unit, processor=binding.get_host_cpu_name())


def usable_cores() -> int:
    """Return how many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on Windows and macOS
        return os.cpu_count() or 1


UNIT = this_vector_unit()
LANES = UNIT.lanes
"""Compiled into the kernels as constants."""

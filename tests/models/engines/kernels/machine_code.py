"""Assembly of vector code for processors that this machine need not have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from llvmlite import binding, ir

PROCESSORS = pytest.mark.parametrize(
    ("triple", "processor", "lanes", "instruction"),
    [
        ("x86_64-unknown-linux-gnu", "x86-64-v3", 8, "vfmadd"),
        ("x86_64-unknown-linux-gnu", "skylake-avx512", 16, "zmm"),
        ("aarch64-unknown-linux-gnu", "cortex-a72", 4, "fmla"),
    ],
)


def assembly(
    triple: str, processor: str, operands: Sequence[ir.Type], emit: Callable[[Any, Any], None]
) -> str:
    """Return the assembly of a function.

    Args:
        triple: LLVM's name of the platform.
        processor: LLVM's name of the processor.
        operands: Types of its arguments.
        emit: Emits its body, given a builder and the arguments.
    """
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    module = ir.Module()
    module.triple = triple
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), operands), "caller")
    builder = ir.IRBuilder(function.append_basic_block())
    emit(builder, function.args)
    builder.ret_void()
    machine = binding.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3)
    text: str = machine.emit_assembly(binding.parse_assembly(str(module)))
    return text

from __future__ import annotations

import pytest

from models.engines.kernels.host import UNIT, usable_cores, vector_unit


@pytest.mark.parametrize(
    ("architecture", "features", "lanes", "converts_half"),
    [
        ("x86_64", {"avx512f": True, "avx2": True, "fma": True}, 16, True),
        ("x86_64", {"avx2": True, "fma": True, "f16c": True}, 8, True),
        ("x86_64", {"avx2": True, "fma": True}, 8, False),
        ("x86_64", {"sse2": True}, 4, False),
        ("aarch64", {"neon": True}, 4, True),
        ("arm64", {}, 4, True),
    ],
)
def test_vectors_are_as_wide_as_the_processor_has_them(
    architecture: str, features: dict[str, bool], lanes: int, converts_half: bool
) -> None:
    unit = vector_unit(architecture, features)
    assert (unit.lanes, unit.converts_half) == (lanes, converts_half)
    assert unit.most_rows <= unit.accumulators


def test_this_machine_is_known() -> None:
    assert UNIT.processor
    assert usable_cores() >= 1

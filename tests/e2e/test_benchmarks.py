"""The benchmarks run and print what they promise; what they measure is not judged here."""

from __future__ import annotations

import json
from typing import Any

from tests.app.command import run_module


def benchmark(*arguments: str) -> dict[str, Any]:
    result = run_module("benchmarks", *arguments)
    assert result.returncode == 0, result.stderr
    figures: dict[str, Any] = json.loads(result.stdout)
    return figures


def test_startup_tells_the_time_to_the_first_prediction_and_the_peak_memory() -> None:
    figures = benchmark("startup", "--runs", "1")
    assert figures["first_prediction_s"][0] > 0
    assert figures["peak_memory_mb_max"] > 10


def test_freshness_tells_how_old_the_picture_gets() -> None:
    figures = benchmark("freshness", "--minutes", "0.03")
    assert figures["paints"] > 0
    assert figures["age_ms_p50"] > 0
    assert figures["samples_dropped"] > 0

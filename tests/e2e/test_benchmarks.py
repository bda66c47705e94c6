"""The benchmarks run and print what they promise; what they measure is not judged here."""

from __future__ import annotations

import json
from typing import Any

import pytest

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


def test_latency_tells_how_old_a_frame_is_when_its_key_goes_out() -> None:
    figures = benchmark("latency", "--minutes", "0.15")
    assert figures["keys"] > 0
    assert 0 < figures["step_ms_p50"] < figures["latency_ms_p50"] <= figures["latency_ms_p95"]
    assert figures["app_ms_p50"] > 0


@pytest.mark.parametrize("window", [[], ["--window"]], ids=["headless", "window"])
def test_endurance_tells_memory_threads_and_load(window: list[str]) -> None:
    figures = benchmark("endurance", "--minutes", "0.1", "--engine", "onnx", *window)
    assert figures["memory_mb_after_first_minute"] > 10
    assert figures["threads_left"] == []
    assert figures["cpu_share_by_engine"].keys() == {"onnx"}
    assert figures["cpu_share"] > 0
    assert not window or figures["on_screen_age_ms_max"] > 0


def test_engines_are_timed_side_by_side() -> None:
    options = ["--size", "64", "--hidden", "16", "--bursts", "1", "--threads", "1", "--window"]
    figures = benchmark("engines", "--json", *options)
    assert {"sparse", "onnx_dense", "onnx_gathered", "torch_dense"} <= figures["engines"].keys()
    for times in figures["engines"].values():
        assert 0 < times["min_ms"] <= times["median_ms"]
    best = figures["engines"][figures["best_dense"]]["median_ms"]
    sparse_ms = figures["engines"]["sparse"]["median_ms"]
    assert figures["speedup"] == pytest.approx(best / sparse_ms, rel=0.01)
    # One turn was asked for, so both ways to compare tell the same.
    assert figures["speedup_turn_by_turn"] == pytest.approx(figures["speedup"], rel=0.01)
    assert figures["limit"] == pytest.approx(1 / figures["flops_fraction"], rel=0.01)
    assert 0 < figures["flops_fraction"] < 1
    assert figures["skip"] > 0.5


def test_clips_from_disk_are_timed_beside_the_plain_way() -> None:
    options = ["--clips", "4", "--size", "64", "--batch-size", "2", "--rounds", "1"]
    figures = benchmark("data", *options)
    assert figures["clips"] == 4
    assert figures["clips_per_second"].keys() == {"plain", "adafuse"}
    assert figures["difference_in_levels"]["mean"] < 1


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--backbone", "vgg"], "There is no backbone 'vgg'"),
        (["--model", "nowhere"], "There is no model folder nowhere"),
        (["--model", "default", "--size", "64"], "--size is for a random network"),
        (["--source", "nowhere.mp4"], "nowhere.mp4"),
        (["--curve", "nowhere/curve.png"], "There is no folder nowhere"),
    ],
)
def test_a_wrong_word_gets_one_sentence(options: list[str], problem: str) -> None:
    result = run_module("benchmarks", "engines", *options)
    assert result.returncode == 1
    assert problem in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""

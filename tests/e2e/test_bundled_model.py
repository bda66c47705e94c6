"""What everybody gets who gives no --model: the bundled model, and what its card promises."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from models.bundle import default_bundle_path, load_bundle
from tests.app.command import ROOT, events_in, run_demo, without_timing
from training.labels import JESTER_LABELS

BUNDLE_LIMIT_MIB = 16


def test_it_knows_all_labels_of_jester_and_stays_small() -> None:
    bundle = load_bundle(default_bundle_path())
    assert bundle.spec.labels == JESTER_LABELS
    assert bundle.spec.backbone.startswith("resnet")
    size = sum(path.stat().st_size for path in bundle.path.iterdir())
    assert size < BUNDLE_LIMIT_MIB * 2**20
    assert (bundle.path / "README.md").read_text().count("\n") > 20


def evaluate(folder: Path) -> dict[str, Any]:
    result = subprocess.run(
        [
            *(sys.executable, "-m", "training", "evaluate", "--model", "default"),
            *("--data", "jester", "--root", str(folder), "--fps", "6", "--json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    metrics: dict[str, Any] = json.loads(result.stdout)
    return metrics


def test_it_recognises_unseen_performer_clips_at_a_fraction_of_the_dense_cost(
    tmp_path: Path,
) -> None:
    made = subprocess.run(
        [
            *(sys.executable, "-m", "training", "synthesize", "--out", str(tmp_path / "clips")),
            *("--clips", "81", "--seed", "7700001", "--fps", "6", "--duration", "1.8"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    metrics = evaluate(tmp_path / "clips")
    assert metrics["clips"] == 81
    assert metrics["top1"] >= 0.5
    assert metrics["gflops_per_clip"] <= 0.75 * metrics["dense_gflops_per_clip"]
    # A policy that never reuses would be pruning, and one that only reuses would be blind.
    assert min(metrics["keep"], metrics["reuse"], metrics["skip"]) > 0.01


def test_the_demo_clip_runs_as_the_readme_says(tmp_path: Path) -> None:
    arguments = ("--source", "demo", "--headless", "--events", "-")
    first, second = (run_demo(*arguments, home=tmp_path) for _ in range(2))
    assert first.returncode == 0, first.stderr
    events = events_in(first.stdout)
    assert without_timing(events) == without_timing(events_in(second.stdout))
    predictions = [event for event in events if event["type"] == "prediction"]
    # Six frames a second of a clip of 23.2 seconds.
    assert len(predictions) == events[-1]["predictions"] == 140
    assert all(event["gflops"] < event["dense_gflops"] for event in predictions[1:])


@pytest.mark.parametrize(
    "arguments", [("--camera", "97"), ("--source", "demo", "--engine", "sparse")]
)
def test_what_cannot_run_says_so(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run_demo(*arguments, "--headless", home=tmp_path)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1

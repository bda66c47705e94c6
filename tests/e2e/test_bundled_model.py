"""What everybody gets who gives no --model: the bundled model, and what its card promises."""

from __future__ import annotations

import json
from pathlib import Path

from models.bundle import default_bundle_path, zoo_path
from models.two_views.box import SQUARE_VALUES
from models.two_views.bundle import TwoViewBundle, load_any_bundle
from models.two_views.joints import JOINT_OUTPUTS
from tests.app.command import events_in, run_demo, run_module, without_timing
from training.labels import JESTER_LABELS

BUNDLE_LIMIT_MIB = 16


def test_it_knows_all_labels_of_jester_and_stays_small() -> None:
    bundle = load_any_bundle(default_bundle_path())
    assert bundle.spec.labels == JESTER_LABELS
    for folder in (bundle.path, zoo_path("one_view")):
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        assert size < BUNDLE_LIMIT_MIB * 2**20
        assert (folder / "README.md").read_text().count("\n") > 20


def test_it_looks_at_the_hand_and_says_where_its_joints_are() -> None:
    bundle = load_any_bundle(default_bundle_path())
    assert isinstance(bundle, TwoViewBundle)
    assert bundle.pair.joint_history == bundle.spec.frames
    assert bundle.pair.crop.further_outputs == SQUARE_VALUES + JOINT_OUTPUTS
    assert bundle.pair.crop.fuses


def test_it_recognizes_unseen_performer_clips_at_a_fraction_of_the_dense_cost(
    tmp_path: Path,
) -> None:
    clips = tmp_path / "clips"
    where = ("--out", clips, "--clips", "81", "--seed", "7700001", "--still-share", "0")
    made = run_module("training", "synthesize", *where, "--fps", "6", "--duration", "1.8")
    assert made.returncode == 0, made.stderr
    what = ("--model", "default", "--data", "jester", "--root", clips, "--fps", "6")
    evaluated = run_module("training", "evaluate", *what, "--json")
    assert evaluated.returncode == 0, evaluated.stderr
    metrics = json.loads(evaluated.stdout)
    assert metrics["clips"] == 81
    # 58 % of 540 clips.
    assert metrics["top1"] >= 0.42
    # Only the look at the hand has policies.
    assert metrics["gflops_per_clip"] <= 0.99 * metrics["dense_gflops_per_clip"]
    # A policy that never reuses would be pruning, and one that only reuses would be blind.
    assert min(metrics["keep"], metrics["reuse"], metrics["skip"]) > 0.01


def test_the_demo_clip_runs_as_the_readme_says(tmp_path: Path) -> None:
    arguments = ("--source", "demo", "--headless", "--events", "-")
    first, second = (run_demo(*arguments, home=tmp_path) for _ in range(2))
    assert first.returncode == 0, first.stderr
    events = events_in(first.stdout)
    assert without_timing(events) == without_timing(events_in(second.stdout))
    predictions = [event for event in events if event["type"] == "prediction"]
    # Six frames a second of a clip of 23.7 seconds.
    assert len(predictions) == events[-1]["predictions"] == 143
    assert all(event["gflops"] < event["dense_gflops"] for event in predictions[1:])


def test_a_camera_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = run_demo("--camera", "97", "--headless", home=tmp_path)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1

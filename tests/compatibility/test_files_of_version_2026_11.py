"""Bundles, recordings and settings written by an earlier version open, and say what they said.

`files.zip` was written by commit f130cf9 of November 2026: five tiny bundles with the outputs of
their ONNX engine (`bundles/said.json`), five recordings (of a clip with the control in a dry run,
of the demo clip, of a folder of pictures, of a recording, and one whose run was killed) with the
events of their runs (`.jsonl`) and of their replays (`.replayed.jsonl`), and five settings files.
Whoever changes a format adds files of the version before beside these, and never renews them.
"""

from __future__ import annotations

import json
import logging
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.settings import ControlSettings
from app.live.events import DECIMALS
from app.main import main
from app.recording.reader import Recording
from app.settings import Settings, WindowGeometry, load_settings, save_settings
from app.sources.camera_device import CameraDevice, Resolution
from models.bundle import load_bundle
from models.decision import DecisionSettings, GestureThresholds
from models.engines.base import EngineState
from models.engines.factory import create_engine
from tests.app.command import events_in, without_timing

FILES = Path(__file__).with_name("files.zip")

BUNDLES = ("tsm", "tsm_last", "tsn", "dense", "mobilenet")
"""What they were shown is noise; the seed is the index."""

BUNDLE_OF = {
    "clip": "tsm_last",
    "demo": "tsm",
    "killed": "tsm",
    "of_a_recording": "tsm_last",
    "pictures": "mobilenet",
}
"""The bundle that each recording was made with."""

TOLERANCE = 0.005
"""Another processor rounds otherwise."""

EVERYTHING = Settings(
    mirrored=False,
    decision=DecisionSettings(0.7, 0.2, 0.3, 0.4, 1.0, {"Thumb Up": GestureThresholds(0.9, 0.5)}),
    window=WindowGeometry(12, -34, 1280, 800, True),
    control=ControlSettings(
        "impress",
        {
            "Thumb Up": Binding(ControlAction.CUSTOM, "Ctrl+Shift+F5"),
            "Swiping Left": Binding(ControlAction.PREVIOUS),
        },
        {ControlAction.NEXT: 1.25},
        "Stop Sign",
        2.0,
        0.75,
        False,
    ),
    camera=CameraDevice("HD Webcam", 0x046D, 0x0825, "/dev/video2"),
    resolution=Resolution(1280, 720),
    model="/home/mina/models/mine",
    recent_models=("/home/mina/models/mine", "/home/mina/models/older"),
    engine="sparse",
    overlay=WindowGeometry(5, 6, 320, 240),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    with zipfile.ZipFile(FILES) as archive:
        archive.extractall(folder)
    return folder


def about(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event whose measured numbers may differ a little."""
    exact = {"t", "frame"}
    return {
        name: pytest.approx(value, abs=TOLERANCE)
        if isinstance(value, float) and name not in exact
        else value
        for name, value in event.items()
    }


@pytest.mark.parametrize(("seed", "name"), list(enumerate(BUNDLES)))
def test_a_bundle_computes_what_it_computed(files: Path, seed: int, name: str) -> None:
    said = json.loads((files / "bundles" / "said.json").read_text())[name]
    bundle = load_bundle(files / "bundles" / name)
    assert bundle.spec.name == name
    engine = create_engine(bundle, "onnx", 1).engine
    noise = np.random.default_rng(seed)
    state: EngineState = engine.init_state()
    for step in said:
        frame = noise.standard_normal((3, bundle.spec.input_height, bundle.spec.input_width))
        result = engine.step(frame.astype(np.float32), state)
        state = result.state
        assert result.logits.ravel().tolist() == pytest.approx(step["logits"], abs=TOLERANCE)
        assert result.trace.shares() == pytest.approx(step["shares"], abs=TOLERANCE)


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize("name", sorted(BUNDLE_OF))
def test_a_recording_replays_as_it_did(files: Path, tmp_path: Path, name: str) -> None:
    recording = files / "recordings" / f"{name}.adafuse"
    target = tmp_path / "events.jsonl"
    bundle = files / "bundles" / BUNDLE_OF[name]
    arguments = ["--headless", "--engine", "onnx", "--model", bundle, "--source", recording]
    assert main([*map(str, arguments), "--events", str(target)]) == 0
    before = events_in((files / "recordings" / f"{name}.replayed.jsonl").read_text())
    assert without_timing(events_in(target.read_text())) == [
        about(event) for event in without_timing(before)
    ]


@pytest.mark.parametrize("name", sorted(set(BUNDLE_OF) - {"killed"}))
def test_a_recording_holds_what_its_run_said(files: Path, name: str) -> None:
    events = events_in((files / "recordings" / f"{name}.jsonl").read_text())
    recording = Recording(files / "recordings" / f"{name}.adafuse")
    predicted = [event for event in events if event["type"] == "prediction"]
    fired = [event for event in events if event["type"] == "gesture"]
    assert recording.spec.name == BUNDLE_OF[name]
    found = [(round(p.time_s, DECIMALS), p.frame_index, p.label) for p in recording.predictions]
    assert found == [(event["t"], event["frame"], event["label"]) for event in predicted]
    gestures = [(gesture.label, round(gesture.time_s, DECIMALS)) for gesture in recording.gestures]
    assert gestures == [(event["label"], event["t"]) for event in fired]
    recording.close()


@pytest.mark.parametrize(
    "name", ["camera_without_numbers", "defaults", "everything", "presenter", "researcher"]
)
def test_settings_are_read_without_a_word_and_written_as_they_were(
    files: Path, tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = files / "settings" / f"{name}.json"
    with caplog.at_level(logging.WARNING):
        settings = load_settings(path)
    assert caplog.records == []
    assert (settings == EVERYTHING) == (name == "everything")
    save_settings(tmp_path / "settings.json", settings)
    assert (tmp_path / "settings.json").read_bytes() == path.read_bytes()

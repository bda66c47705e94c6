"""Gestures turn the pages of a slide show in another process, by real keys on a real X server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.xobject.drawable import Window

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.settings import ControlSettings
from app.settings import Settings, save_settings
from tests.app.command import run_demo
from tests.e2e.scripted_app import brightness_of
from tests.e2e.slide_viewer import TITLE
from tests.x_server import needs_x_server, x_server

ROOT = Path(__file__).resolve().parents[2]
FPS = 25.0
PATIENCE_S = 40

pytestmark = [
    needs_x_server,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
]

NOTHING, LEFT, RIGHT, STOP = "No gesture", "Swiping Left", "Swiping Right", "Stop Sign"

SCRIPT = (
    (0.6, NOTHING),
    (0.6, LEFT),  # still disarmed
    (1.0, NOTHING),
    (1.3, STOP),  # arms
    (0.8, NOTHING),
    (0.6, LEFT),  # to page 2
    (0.6, RIGHT),  # the hand returns
    (1.4, NOTHING),
    (0.6, LEFT),  # to page 3
    (0.3, NOTHING),
    (0.6, RIGHT),  # the hand returns, later
    (1.6, NOTHING),
    (0.6, RIGHT),  # back to page 2
    (0.6, LEFT),  # the hand returns
    (0.8, NOTHING),
    (1.3, STOP),  # disarms
    (0.8, NOTHING),
    (0.6, LEFT),  # disarmed again
    (0.4, NOTHING),
)
"""Seconds, and what is seen meanwhile."""


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("script") / "script.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), FPS, (96, 96))
    for seconds, label in SCRIPT:
        picture = np.full((96, 96, 3), brightness_of(label), np.uint8)
        for _ in range(round(seconds * FPS)):
            writer.write(picture)
    writer.release()
    return path


@contextmanager
def process(*command: str | Path, display: str, home: Path) -> Iterator[subprocess.Popen[str]]:
    environment = os.environ | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_CONFIG_HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }
    environment.pop("WAYLAND_DISPLAY", None)
    arguments = [sys.executable, *map(str, command)]
    with subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as started:
        try:
            yield started
        finally:
            if started.poll() is None:
                started.kill()
                started.communicate()


def wait_for(found: Callable[[], Any], what: str) -> Any:
    deadline_s = time.monotonic() + PATIENCE_S
    while not (result := found()):
        assert time.monotonic() < deadline_s, what
        time.sleep(0.05)
    return result


def window_of(client: Display, title: str) -> Window | None:
    """Return the visible window whose title ends so."""
    name = client.intern_atom("_NET_WM_NAME")
    for window in client.screen().root.query_tree().children:
        with suppress(BadWindow):  # some live for a moment only
            shown = window.get_attributes().map_state == X.IsViewable
            if shown and (window.get_full_text_property(name) or "").endswith(title):
                return window
    return None


def give_keyboard(client: Display, window: Window) -> None:
    window.set_input_focus(X.RevertToParent, X.CurrentTime)
    client.sync()


def events_in(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_every_gesture_turns_one_page_and_nothing_else_turns_any(
    video: Path, tmp_path: Path
) -> None:
    log, events = tmp_path / "keys.log", tmp_path / "events.jsonl"
    control = ControlSettings(arm_gesture=STOP, arm_hold_s=0.6, profile="impress")
    save_settings(tmp_path / "adafuse-live" / "settings.json", Settings(control=control))
    arguments: list[str | Path] = ["--source", video, "--events", events, "--control", "keys"]
    arguments += ["--duration", "16.5"]
    with (
        x_server() as display,
        process(ROOT / "tests/e2e/slide_viewer.py", log, display=display, home=tmp_path),
    ):
        client = Display(display)
        try:
            slides = wait_for(lambda: window_of(client, TITLE), "the slides did not open")
            with process(
                ROOT / "tests/e2e/scripted_app.py", *arguments, display=display, home=tmp_path
            ) as app:
                wait_for(lambda: window_of(client, "AdaFuse Live"), "the app did not open")
                give_keyboard(client, slides)
                _, said = app.communicate(timeout=PATIENCE_S)
                assert app.returncode == 0, said
        finally:
            client.close()
    keys = log.read_text().splitlines()
    assert keys == ["Key_PageDown 2", "Key_PageDown 3", "Key_PageUp 2"], events.read_text()
    told = events_in(events)
    assert [(e["armed"], e["cause"]) for e in told if e["type"] == "control"] == [
        (True, "gesture"),
        (False, "gesture"),
    ]
    actions = [e for e in told if e["type"] == "action" and e["gesture"] != STOP]
    assert [(e["action"], e["key"], e["sent"], e["reason"]) for e in actions] == [
        ("next", "PageDown", False, "disarmed"),
        ("next", "PageDown", True, "sent"),
        ("next", "PageDown", True, "sent"),
        ("previous", "PageUp", True, "sent"),
        ("next", "PageDown", False, "disarmed"),
    ]
    returning = [e for e in told if e["type"] == "decision" and e["outcome"] == "returning"]
    assert [e["label"] for e in returning] == [RIGHT, RIGHT, LEFT]


def test_the_bundled_model_turns_pages_for_the_performer(tmp_path: Path) -> None:
    """Without the clock, so that a busy machine sees every frame as well."""
    log = tmp_path / "keys.log"
    bindings = {
        "Thumb Up": Binding(ControlAction.NEXT),  # before it is armed
        "Turning Hand Clockwise": Binding(ControlAction.NEXT),
        "Swiping Down": Binding(ControlAction.PREVIOUS),
        "Thumb Down": Binding(ControlAction.CUSTOM, "Ctrl+F7"),
    }
    control = ControlSettings(bindings=bindings, arm_gesture=STOP, arm_hold_s=0.3)
    save_settings(tmp_path / "adafuse-live" / "settings.json", Settings(control=control))
    arguments = ("--source", "demo", "--engine", "onnx", "--headless", "--control", "keys")
    with (
        x_server() as display,
        process(ROOT / "tests/e2e/slide_viewer.py", log, display=display, home=tmp_path),
    ):
        client = Display(display)
        try:
            give_keyboard(client, wait_for(lambda: window_of(client, TITLE), "no slides"))
            events = tmp_path / "events.jsonl"
            with process(
                *(ROOT / "run_demo.py", *arguments, "--events", events),
                display=display,
                home=tmp_path,
            ) as app:
                _, said = app.communicate(timeout=2 * PATIENCE_S)
                assert app.returncode == 0, said
            wait_for(lambda: "F7" in log.read_text(), "the last key did not arrive")
        finally:
            client.close()
    assert log.read_text().splitlines() == [
        "Key_PageDown 2",
        "Key_PageUp 1",
        "Key_Control 1",
        "Key_F7 1",
    ]
    reasons = {e["gesture"]: e["reason"] for e in events_in(events) if e["type"] == "action"}
    assert reasons["Thumb Up"] == "disarmed"
    assert reasons[STOP] == "arms"


def test_keys_that_cannot_be_sent_end_with_one_sentence_and_write_nothing(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    arguments = ("--source", "demo", "--headless", "--control", "keys", "--events", events)
    done = run_demo(*arguments, home=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "Keys cannot be sent: there is no display to send them to; "
        "set DISPLAY, or run with --control dry-run.\n"
    )
    assert not events.exists()

"""What every test gets: Qt without a screen where there is none, and a check for leaked threads."""

from __future__ import annotations

import gc
import logging
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tqdm import tqdm

from tests.x_server import x_server

LEAK_GRACE_S = 2.0

# Before anything imports Qt: a bare Linux shell has no display, and Qt would abort the process.
if sys.platform.startswith("linux") and not (
    os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


# Compiled kernels and measurements: out of the user's folder, but kept from run to run.
os.environ["XDG_CACHE_HOME"] = str(Path(__file__).parents[1] / ".pytest_cache" / "user-cache")

# Tiny networks gain nothing from threads, and lose much where the tests share their cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")


# Its thread, which watches progress bars, would outlive the test that shows the first one.
tqdm.monitor_interval = 0


_own_display = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Give every process of a run in several a display of its own: one window has the keyboard."""
    shares = hasattr(config, "workerinput") and os.environ.get("QT_QPA_PLATFORM") == "xcb"
    if shares and shutil.which("Xvfb"):
        os.environ["DISPLAY"] = _own_display.enter_context(x_server("1920x1080x24"))


def pytest_unconfigure() -> None:
    _own_display.close()


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves a thread running, and name the thread."""
    before = set(threading.enumerate())
    yield
    deadline_s = time.monotonic() + LEAK_GRACE_S
    leaked = [thread for thread in threading.enumerate() if _is_leaked(thread, before)]
    if leaked:
        gc.collect()  # an engine's threads end with the engine
    for thread in leaked:
        thread.join(timeout=max(0.0, deadline_s - time.monotonic()))
    names = sorted(thread.name for thread in leaked if thread.is_alive())
    if names:
        pytest.fail(f"the test left threads running: {', '.join(names)}", pytrace=False)


def _is_leaked(thread: threading.Thread, before: set[threading.Thread]) -> bool:
    """Say whether the test started the thread; what Qt or C code started is not ours to stop."""
    return thread not in before and not isinstance(thread, threading._DummyThread)


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a tiny network whose policies mix all three actions; not to be changed."""
    from models.network.export import export_bundle
    from tests.models.networks import tiny_network, tiny_spec

    folder = tmp_path_factory.mktemp("bundle") / "tiny"
    return export_bundle(tiny_network(tiny_spec()), folder, "# A tiny network\n").path


@pytest.fixture(scope="session")
def tiny_two_view_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of a tiny network of two views; not to be changed."""
    from models.two_views.export import export_two_views
    from tests.models.two_views.networks import tiny_pair, tiny_two_views

    folder = tmp_path_factory.mktemp("bundle") / "tiny-two-views"
    return export_two_views(tiny_two_views(tiny_pair()), folder, "# Two tiny views\n").path


@pytest.fixture
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the user's settings and the test's logging out of it."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in ("app", "models"):
        logging.getLogger(name).setLevel(logging.NOTSET)

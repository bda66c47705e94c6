"""What every test gets: Qt without a screen where there is none, and a check for leaked threads."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

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


DISPLAY_TESTS = ("tests/ui/", "tests/e2e/test_window_process.py", "tests/e2e/test_benchmarks.py")
"""Tests that share one display, where only one window at a time has the keyboard."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests of one file, and all that need the display, follow each other in one process."""
    for item in items:
        file = item.nodeid.split("::")[0]
        group = "display" if file.startswith(DISPLAY_TESTS) else file
        item.add_marker(pytest.mark.xdist_group(group))


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
    from models.export import export_bundle
    from tests.models.networks import tiny_network, tiny_spec

    folder = tmp_path_factory.mktemp("bundle") / "tiny"
    return export_bundle(tiny_network(tiny_spec()), folder, "# A tiny network\n").path

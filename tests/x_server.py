"""An X server of a test's own, so that real keys go nowhere else."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

needs_x_server = pytest.mark.skipif(not shutil.which("Xvfb"), reason="needs Xvfb")


@contextmanager
def x_server(screen: str = "1280x800x24") -> Iterator[str]:
    """Run an X server without a window manager; give its display's name, such as ":7"."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", screen, "-noreset"]
    with subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL) as server:
        os.close(write)
        try:
            with os.fdopen(read) as answer:
                yield f":{int(answer.readline())}"
        finally:
            server.terminate()
            server.wait(timeout=10)

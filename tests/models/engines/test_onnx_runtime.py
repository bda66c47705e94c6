"""Telemetry of ONNX Runtime is switched off before it loads, and it prints nothing either."""

from __future__ import annotations

import os
import subprocess
import sys


def test_loading_it_sends_and_prints_nothing_even_where_nothing_can_be_written() -> None:
    surroundings = {name: value for name, value in os.environ.items() if "TELEMETRY" not in name}
    surroundings |= {"HOME": "/proc", "XDG_CACHE_HOME": "/proc/nowhere"}
    program = "import os, models.engines.onnx; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout == "1\n"
    assert done.stderr == ""

"""The window on a screen with twice as many pixels: the scale belongs to a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UI = "tests/ui"


def test_no_text_is_cut_at_200_percent() -> None:
    tests = (
        f"{UI}/test_main_window.py::test_no_text_is_cut[adaptive-size0]",
        f"{UI}/test_main_window.py::test_no_text_is_cut[dense-size1]",
        f"{UI}/test_main_window.py::test_the_status_line_is_shown_in_full[size0]",
        f"{UI}/test_keyboard.py::test_no_text_of_a_dialog_is_cut",
        f"{UI}/switching/test_switch_menus.py::test_the_window_follows_another_model",
    )
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        cwd=ROOT,
        env=os.environ | {"QT_SCALE_FACTOR": "2"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]
    assert "8 passed" in result.stdout

"""The kernels are compiled once for a machine, with progress; the next start only loads them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import warnings
warnings.simplefilter("error")
from models.engines.planning.preparation import compile_kernels
reported = []
compile_kernels(reported.append)
print(len(reported), reported == sorted(reported), reported[-1] if reported else None)
"""


def start(cache: Path, says: str = "") -> list[str]:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert (says in result.stderr) if says else result.stderr == ""
    return result.stdout.split()


@pytest.mark.timeout(240)  # everything is compiled three times
def test_the_first_start_reports_its_progress_and_damaged_code_is_compiled_again(
    tmp_path: Path,
) -> None:
    count, in_order, last = start(tmp_path)
    assert int(count) > 10
    assert (in_order, last) == ("True", "1.0")
    assert start(tmp_path) == ["0", "True", "None"]
    for path in tmp_path.rglob("*.nb?"):
        path.write_bytes(path.read_bytes()[:10])
    assert start(tmp_path, says="they are compiled again")[-1] == "1.0"
    # That start kept nothing; the next one does, and then all is as it was.
    assert start(tmp_path)[-1] == "1.0"
    assert start(tmp_path)[-1] == "None"

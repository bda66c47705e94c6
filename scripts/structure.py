"""Counts what a reader of the sources has to get through.

    python -m scripts.structure [--json]

Prints files and lines, the modules that exactly one other imports, the import circles, and the
files that one frame passes on its way to a gesture and one batch on its way to a loss: those are
traced in a run over the demo clip and in a short training, and count every module of the project
of which a function ran. Needs the extras "train" and "test".
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "models", "training")
COMPILED = ("models/engines/kernels/", "models/engines/planning/")
"""Run by Numba or once per engine, and no part of a frame's way."""

TRACED_FRAMES = range(20, 30)
TRACED_BATCHES = range(2, 4)


@dataclass(frozen=True)
class Structure:
    """The figures.

    Attributes:
        files: Python files of the application, the models and the training.
        lines: Their lines.
        test_lines: Lines of the tests.
        single_importer_modules: Modules that exactly one other module imports.
        circles: Groups of modules that import each other.
        frame_files: Files that a frame passes before the kernels.
        batch_files: Files that a training batch passes.
    """

    files: int
    lines: int
    test_lines: int
    single_importer_modules: int
    circles: list[list[str]]
    frame_files: list[str]
    batch_files: list[str]


class CallTracer:
    """Notes the project's files whose functions run while a window of calls is open.

    Args:
        marker: End of the file's path, and name of the function, whose calls are counted.
        window: Calls of the marker between which files are noted.
    """

    def __init__(self, marker: tuple[str, str], window: range) -> None:
        self._file, self._function = marker
        self._window = window
        self._calls = 0
        self.files: set[str] = set()

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Take in one event of the interpreter; see `sys.setprofile`."""
        if event != "call":
            return
        code = frame.f_code
        if code.co_name == self._function and code.co_filename.endswith(self._file):
            self._calls += 1
        if self._calls not in self._window or not code.co_filename.startswith(str(ROOT)):
            return
        file = Path(code.co_filename).relative_to(ROOT).as_posix()
        if file.startswith(PACKAGES) and not file.startswith(COMPILED):
            self.files.add(file)

    def trace(self, body: Callable[[], int]) -> list[str]:
        """Run `body` with all threads that it starts, and return the files in order.

        Raises:
            RuntimeError: `body` returned another exit code than 0.
        """
        threading.setprofile(self)
        sys.setprofile(self)
        try:
            code = body()
        finally:
            sys.setprofile(None)
            threading.setprofile(None)
        if code:
            raise RuntimeError(f"a traced run ended with exit code {code}")
        return sorted(self.files)


def frame_files() -> list[str]:
    """Return the files that a frame of the demo clip passes, events and control included."""
    from app.main import main as run_app

    tracer = CallTracer(("models/engines/sparse.py", "step"), TRACED_FRAMES)
    with tempfile.TemporaryDirectory() as folder:
        events = str(Path(folder) / "events.jsonl")
        options = ["--source", "demo", "--headless", "--engine", "sparse", "--events", events]
        return tracer.trace(lambda: run_app([*options, "--control", "dry-run"]))


def batch_files() -> list[str]:
    """Return the files that a batch of a short training passes, its loading included."""
    from training.cli import main as run_training

    sys.argv = sys.argv[:1]  # Lightning warns where it holds options

    with tempfile.TemporaryDirectory() as folder:
        for seed, part in enumerate(("train", "validation")):
            options = ["--out", f"{folder}/{part}", "--clips", "16", "--seed", str(seed)]
            if run_training(["synthesize", *options]):
                raise RuntimeError("the clips for the traced training could not be rendered")
        recipe = str(ROOT / "training" / "configs" / "performer_adafuse.yaml")
        changes = {
            "data.root": f"{folder}/train",
            "data.val_root": f"{folder}/validation",
            "data.batch_size": "2",
            "data.workers": "0",
            "trainer.max_epochs": "1",
            "trainer.limit_train_batches": "6",
            "trainer.limit_val_batches": "1",
            "trainer.precision": "32-true",
            "trainer.default_root_dir": folder,
            "model.initial_checkpoint": "null",
        }
        arguments = [f"--{key}={value}" for key, value in changes.items()]
        tracer = CallTracer(("module.py", "training_step"), TRACED_BATCHES)
        return tracer.trace(lambda: run_training(["fit", "--config", recipe, *arguments]))


def measure() -> Structure:
    """Count everything; the two traced runs take about a minute."""
    import grimp
    import networkx  # type: ignore[import-untyped]  # comes with torch

    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = networkx.DiGraph(
        (module, imported)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    )
    listed = subprocess.run(
        ["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = {file: len((ROOT / file).read_bytes().splitlines()) for file in listed.stdout.split()}
    sources = [file for file in lines if file.startswith(tuple(f"{name}/" for name in PACKAGES))]
    return Structure(
        files=len(sources),
        lines=sum(lines[file] for file in sources),
        test_lines=sum(count for file, count in lines.items() if file.startswith("tests/")),
        single_importer_modules=sum(
            len(graph.find_modules_that_directly_import(module)) == 1 for module in graph.modules
        ),
        circles=[
            sorted(group)
            for group in networkx.strongly_connected_components(imports)
            if len(group) > 1
        ],
        frame_files=frame_files(),
        batch_files=batch_files(),
    )


def main() -> int:
    """Print the figures and return the exit code."""
    parser = argparse.ArgumentParser(prog="structure", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON, with the names of files")
    arguments = parser.parse_args()
    with contextlib.redirect_stdout(io.StringIO()):  # what the traced runs print
        structure = measure()
    figures = asdict(structure)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return 0
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {len(value) if isinstance(value, list) else value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

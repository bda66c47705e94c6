"""Takes pictures of the real window over a video, in each size and theme.

    python -m scripts.screenshots --source demo --out screenshots

Its moments are start, middle, the next gesture and the end. For the documentation, and for
looking at the window after a change. Without a display set `QT_QPA_PLATFORM=offscreen`, or run it
under `xvfb-run`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app import native_libraries

native_libraries.prepare()
native_libraries.forget_cv2_qt_paths()

import cv2  # noqa: E402
from PyQt6.QtWidgets import QApplication  # noqa: E402

from app.errors import AppError  # noqa: E402
from app.pipeline import Pipeline, PipelineState  # noqa: E402
from app.sources.opening import DEMO, SourceOpener, demo_path  # noqa: E402
from app.ui.application import qt_application  # noqa: E402
from app.ui.bridge import Bridge  # noqa: E402
from app.ui.theme import Scheme, apply_scheme  # noqa: E402
from app.ui.window import MainWindow  # noqa: E402
from models.bundle import default_bundle_path, load_bundle  # noqa: E402
from models.engines.factory import create_engine  # noqa: E402
from models.errors import ModelError  # noqa: E402

SIZES = ((1280, 800), (1920, 1080))
SCHEMES = (Scheme.LIGHT, Scheme.DARK)
SETTLE_S = 0.3
PATIENCE_S = 60.0


def main() -> int:
    """Take the pictures that the command line asks for and return the exit code."""
    arguments = _parser().parse_args()
    try:
        _run(arguments.source, arguments.model, arguments.engine, arguments.out)
    except (AppError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="screenshots", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--source", default=DEMO, help="a video file, or the demo clip")
    parser.add_argument("--model", type=Path, default=default_bundle_path(), help="a bundle")
    parser.add_argument("--engine", default="auto", help="auto, sparse, onnx or torch")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    return parser


def _run(source: str, model: Path, engine: str, folder: Path) -> None:
    """Play `source` once and take every picture."""
    opener = SourceOpener.for_file(source)
    choice = create_engine(load_bundle(model), engine)
    middle_s = _duration_s(source) / 2
    application = qt_application()
    window = MainWindow(choice.engine.spec, choice.engine.name, choice.reason)
    pipeline = Pipeline(opener, choice.engine, choice.engine.spec.decision)
    bridge = Bridge(pipeline, window)
    window.connect_bridge(bridge)
    folder.mkdir(parents=True, exist_ok=True)

    def passed_middle() -> bool:
        snapshot = pipeline.snapshots.peek()
        return snapshot is not None and snapshot.prediction.time_s >= middle_s

    def ended() -> bool:
        return pipeline.status.state is PipelineState.ENDED

    def gesture_fired() -> bool:
        snapshot = pipeline.snapshots.peek()
        fired = None if snapshot is None else snapshot.gesture
        return ended() or (fired is not None and fired.time_s > middle_s)

    moments: dict[str, Callable[[], bool]] = {
        "start": lambda: pipeline.snapshots.peek() is not None,
        "middle": passed_middle,
        "gesture": gesture_fired,
        "end": ended,
    }
    try:
        window.show()
        bridge.start()
        pipeline.start()
        for moment, reached in moments.items():
            _wait(application, pipeline, reached)
            _take_all(application, window, folder, moment)
    finally:
        window.close()
        bridge.stop()
        pipeline.close()


def _duration_s(source: str) -> float:
    """Return how long a video plays, in seconds; 0 if it does not say."""
    capture = cv2.VideoCapture(str(demo_path() if source == DEMO else Path(source)))
    fps = capture.get(cv2.CAP_PROP_FPS)
    frames = capture.get(cv2.CAP_PROP_FRAME_COUNT)
    capture.release()
    return frames / fps if fps > 0 else 0.0


def _wait(application: QApplication, pipeline: Pipeline, reached: Callable[[], bool]) -> None:
    """Keep the window alive until `reached`, a failure or the end of patience."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not reached():
        if pipeline.status.state is PipelineState.FAILED:
            raise AppError(pipeline.status.message)
        if time.monotonic() > deadline_s:
            raise AppError(f"Nothing happened for {PATIENCE_S:.0f} seconds; try a shorter video.")
        _let_live(application, 0.02)


def _let_live(application: QApplication, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    while time.monotonic() < end_s:
        application.processEvents()
        time.sleep(0.005)


def _take_all(application: QApplication, window: MainWindow, folder: Path, moment: str) -> None:
    """Take one picture a size and theme, and say where they are."""
    for width, height in SIZES:
        for scheme in SCHEMES:
            apply_scheme(application, scheme)
            window.resize(width, height)
            _let_live(application, SETTLE_S)
            path = folder / f"{moment}-{width}x{height}-{scheme}.png"
            if not window.grab().save(str(path)):
                raise AppError(f"{path} cannot be written; choose another folder with --out.")
            print(path)


if __name__ == "__main__":
    raise SystemExit(main())

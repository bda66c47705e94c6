"""Takes the pictures of the documentation: every view of the real window over a video.

    python -m scripts.screenshots

They replace those in docs/images. To look at the window after a change, choose another folder, a
size or the dark theme. Without a display run it under `xvfb-run`, or with
`QT_QPA_PLATFORM=offscreen`.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from app.process import native_libraries

native_libraries.prepare()
native_libraries.forget_cv2_qt_paths()

from PyQt6.QtWidgets import QApplication, QWidget  # noqa: E402

from app.control.controller import open_controller  # noqa: E402
from app.control.mode import ControlMode  # noqa: E402
from app.control.settings import ControlSettings  # noqa: E402
from app.errors import AppError  # noqa: E402
from app.inspection.dense_meter import DenseMeter  # noqa: E402
from app.live.pipeline import Pipeline, PipelineState  # noqa: E402
from app.live.run import Run  # noqa: E402
from app.live.switcher import ModelChoice, Switcher  # noqa: E402
from app.recording.header import RecordedModel  # noqa: E402
from app.recording.reader import load_recording  # noqa: E402
from app.recording.recorder import Recorder  # noqa: E402
from app.sources.factory import DEMO, SourceOpener  # noqa: E402
from app.ui.application import WindowServices, make_window, qt_application  # noqa: E402
from app.ui.theme import Scheme, apply_scheme  # noqa: E402
from models.bundle import bundle_path  # noqa: E402
from models.engines.factory import OpenedEngine, create_engine  # noqa: E402
from models.errors import ModelError  # noqa: E402
from models.two_views.bundle import load_any_bundle  # noqa: E402

IMAGES = Path(__file__).parents[1] / "docs" / "images"
JPEG_QUALITY = 88
SETTLE_S = 1.0
"""Time for a view to fill and to be painted, in seconds."""

WARM_UP_S = 8.0
"""Time of the video before the first picture: plots and histories need something to show."""

PATIENCE_S = 60.0


def main() -> int:
    """Take the pictures that the command line asks for and return the exit code."""
    arguments = _parser().parse_args()
    try:
        choice = create_engine(load_any_bundle(bundle_path(arguments.model)), arguments.engine)
        opener = SourceOpener.of(arguments.source)
        arguments.out.mkdir(parents=True, exist_ok=True)
        application = qt_application()
        apply_scheme(application, arguments.scheme)
        chosen = ModelChoice(arguments.model, arguments.engine)
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_CONFIG_HOME"] = folder  # nobody's settings are shown or changed
            session = Path(folder) / "talk.adafuse"
            photographer = _Photographer(application, choice, chosen, opener, session)
            photographer.run(arguments.out, arguments.size)
    except FileExistsError:
        print(f"{arguments.out} is a file; give a folder with --out.", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{arguments.out} cannot be written ({error.strerror}).", file=sys.stderr)
        return 1
    except (AppError, ModelError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="screenshots", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--source", default=DEMO, help="a video file (the demo clip)")
    parser.add_argument("--model", default="default", help="a bundle (the bundled model)")
    parser.add_argument("--engine", default="auto", help="auto, sparse, onnx or torch (auto)")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder (docs/images)")
    parser.add_argument("--scheme", type=Scheme, choices=list(Scheme), default=Scheme.LIGHT)
    parser.add_argument("--size", type=_size, default=(1280, 800), help="of the window (1280x800)")
    return parser


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"must be like 1280x800, not '{text}'")
    return int(width), int(height)


class _Photographer:
    """Runs the app over a video, shows one view after the other, and takes a picture of each."""

    def __init__(
        self,
        application: QApplication,
        choice: OpenedEngine,
        chosen: ModelChoice,
        opener: SourceOpener,
        session: Path,
    ) -> None:
        engine = choice.engine
        self._application = application
        self._session = session
        self._recorder = Recorder(RecordedModel.of(choice))
        self._control = open_controller(
            ControlMode.DRY_RUN, ControlSettings(), None, in_window=True
        )
        self._pipeline = Pipeline(
            opener,
            Run(
                engine,
                engine.spec.decision,
                control=self._control,
                engine_reason=choice.reason,
                recorder=self._recorder,
            ),
            loop=True,
        )
        self._switcher = Switcher(self._pipeline, lambda spec: spec.decision, chosen=chosen)
        self._meter = DenseMeter(0)
        with_blocks = self._pipeline.model.saves_time
        self._meter.follow(bundle_path(chosen.model), with_blocks=with_blocks)
        services = WindowServices(
            control=self._control,
            switcher=self._switcher,
            recorder=self._recorder,
            meter=self._meter,
            load_recording=load_recording,
        )
        self._window, self._polled_pipeline = make_window(
            self._pipeline, self._pipeline.model, services
        )

    def run(self, folder: Path, size: tuple[int, int]) -> None:
        """Take all pictures.

        Raises:
            AppError: The video or the model broke, or a picture cannot be written.
        """
        window, pipeline = self._window, self._pipeline
        window.resize(*size)
        try:
            window.show()
            self._polled_pipeline.start()
            self._recorder.start(self._session)
            pipeline.start()
            self._live_views(folder)
            self._recorder.stop()
            self._recorded_view(folder)
        finally:
            window.close()
            pipeline.close()
            self._switcher.close()
            self._meter.close()
            self._recorder.stop()
            self._control.close()

    def _live_views(self, folder: Path) -> None:
        window = self._window
        self._wait(
            lambda: self._time_s() >= WARM_UP_S and self._meter.reference is not None,
            "The network was not measured",
        )
        warm_s = self._time_s()
        self._wait(lambda: self._gesture_time_s() > warm_s, "No gesture came; try another video")
        self._live(SETTLE_S / 4)  # in the middle of the flash
        self._take(window, folder / "window.jpg")
        window.tabs.setCurrentIndex(1)
        self._live(SETTLE_S)
        self._take(window, folder / "control.jpg")
        window.tabs.setCurrentIndex(2)
        self._live(3 * SETTLE_S)
        self._take(window, folder / "inspect.jpg")
        window.help.show_guide()
        assert window.help.guide is not None  # it is open
        self._live(SETTLE_S)
        self._take(window.help.guide, folder / "guide.jpg")
        window.help.guide.close()
        window.stage.enter()
        assert window.stage.overlay is not None  # it is on the screen
        self._live(SETTLE_S)
        self._take(window.stage.overlay, folder / "overlay.jpg")
        window.stage.leave()

    def _recorded_view(self, folder: Path) -> None:
        """Take the recording of this very run, at its last gesture."""
        recordings = self._window.recordings
        assert recordings is not None  # a loader was set
        recordings.open(self._session, mirrored=True)
        self._wait(lambda: bool(recordings.windows), "The recording of the run was not opened")
        view = recordings.windows[0]
        view.resize(self._window.size())
        view.seek(self._gesture_time_s())
        self._live(SETTLE_S)
        self._take(view, folder / "recording.jpg")
        view.close()

    def _time_s(self) -> float:
        snapshot = self._pipeline.snapshots.peek()
        return -1.0 if snapshot is None else snapshot.prediction.time_s

    def _gesture_time_s(self) -> float:
        snapshot = self._pipeline.snapshots.peek()
        return -1.0 if snapshot is None or snapshot.gesture is None else snapshot.gesture.time_s

    def _wait(self, reached: Callable[[], bool], otherwise: str) -> None:
        """Keep the window alive until `reached`, a failure or, told by `otherwise`, too long."""
        deadline_s = time.monotonic() + PATIENCE_S
        while not reached():
            if self._pipeline.status.state is PipelineState.FAILED:
                raise AppError(self._pipeline.status.message)
            if time.monotonic() > deadline_s:
                raise AppError(f"{otherwise} (waited {PATIENCE_S:.0f} seconds).")
            self._live(0.02)

    def _live(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            self._application.processEvents()
            time.sleep(0.005)

    def _take(self, widget: QWidget, path: Path) -> None:
        if not widget.grab().save(str(path), "JPG", JPEG_QUALITY):
            raise AppError(f"{path} cannot be written; choose another folder with --out.")
        print(path)


if __name__ == "__main__":
    raise SystemExit(main())

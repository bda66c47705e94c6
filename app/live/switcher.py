"""Opens another source or loads another model while the old one runs, and then switches.

Opening and loading happen in a thread of their own. If they fail, the old source or model keeps
running and one sentence says why.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Condition, Thread
from types import EllipsisType
from typing import Protocol

from app.errors import AppError, UsageError
from app.sources.base import FrameSource
from app.sources.camera import camera_opener
from app.sources.camera_device import CameraDevice
from app.sources.factory import DEMO, SourceOpener
from app.sources.watched import watched
from models import DEFAULT_MODEL
from models.bundle import bundle_path
from models.decision import DecisionSettings
from models.engines.factory import OpenedEngine, Progress, create_engine
from models.errors import ModelError
from models.spec import ModelSpec
from models.two_views.bundle import load_any_bundle

log = logging.getLogger(__name__)

CLOSE_TIMEOUT_S = 0.5
"""Longest time that `close` waits for a model that is being loaded; it is then abandoned."""


@dataclass(frozen=True)
class ModelChoice:
    """A model and the engine to run it on.

    Attributes:
        model: Folder of a bundle, or `DEFAULT_MODEL`.
        engine: One of `models.engines.ENGINE_KINDS`.
        personal: File of a person's set, made with this model; None for the model's own gestures.
    """

    model: str = DEFAULT_MODEL
    engine: str = "auto"
    personal: str | None = None

    @property
    def title(self) -> str:
        """The model for people."""
        bundled = self.model == DEFAULT_MODEL
        model = "the bundled model" if bundled else Path(self.model).name or self.model
        return model if self.personal is None else f"{model} with {Path(self.personal).stem}"


class SwitchablePipeline(Protocol):
    """What the switcher needs from `app.live.pipeline.Pipeline`."""

    def use_engine(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with another engine or model."""
        ...

    def use_set(self, choice: OpenedEngine, decision: DecisionSettings) -> None:
        """Go on with a person's set that was fitted again."""
        ...

    def use_source(self, source_factory: Callable[[], FrameSource], *, loop: bool = False) -> None:
        """Go on with another source."""
        ...


@dataclass(frozen=True)
class SwitchStatus:
    """The state of switching.

    Attributes:
        chosen: The model and engine that run.
        camera: The camera that is shown; None if it is a file.
        weights_digest: SHA-256 of the weights of the model that runs; empty if it is not known.
        busy: What is being opened or loaded, as one short sentence; empty if nothing is.
        fraction: Progress of loading, 0 to 1; None if unknown.
        failure: Why the newest switch failed, as one sentence; empty if it succeeded.
        switches: Switches so far, successful or not.
    """

    chosen: ModelChoice
    camera: CameraDevice | None = None
    weights_digest: str = ""
    busy: str = ""
    fraction: float | None = None
    failure: str = ""
    switches: int = 0


class Switcher:
    """Takes requests from any thread; of several of a kind the newest counts."""

    def __init__(
        self,
        pipeline: SwitchablePipeline,
        decision_for: Callable[[ModelSpec], DecisionSettings],
        *,
        chosen: ModelChoice,
        camera: CameraDevice | None = None,
        threads: int = 0,
        opened: OpenedEngine | None = None,
    ) -> None:
        """Do nothing yet.

        Args:
            pipeline: The pipeline to switch; neither started nor closed from here.
            decision_for: Returns the decision settings for a model.
            chosen: The model and engine that run.
            camera: The camera that is shown; None if it is a file.
            threads: Threads of one step; 0 leaves it to the engine.
            opened: The engine that runs; None has it loaded again for another person.
        """
        self._pipeline = pipeline
        self._decision_for = decision_for
        self._threads = threads
        self._changed = Condition()
        self._opened = opened
        digest = "" if opened is None else opened.weights_digest
        self._status = SwitchStatus(chosen, camera, digest)
        self._requested_model: ModelChoice | None = None
        self._requested_source: CameraDevice | str | None = None
        self._opener: SourceOpener | None = None
        self._closed = False
        self._worker: Thread | None = None

    @property
    def status(self) -> SwitchStatus:
        """The state of switching now."""
        with self._changed:
            return self._status

    def use_model(self, choice: ModelChoice) -> None:
        """Load a model and run it instead of the one that runs."""
        with self._changed:
            self._requested_model = choice
            self._wake()

    def use_camera(self, choice: CameraDevice) -> None:
        """Open a camera and show it instead of what is shown."""
        with self._changed:
            self._requested_source = choice
            self._wake()

    def use_file(self, source: str) -> None:
        """Open a video file, a folder of images or the demo clip, which is repeated."""
        with self._changed:
            self._requested_source = source
            self._wake()

    def close(self) -> None:
        """Abandon what is being loaded and release a source that was not used."""
        with self._changed:
            self._closed = True
            self._requested_model = self._requested_source = None
            self._changed.notify_all()
            worker = self._worker
        if worker is not None:
            worker.join(CLOSE_TIMEOUT_S)
        if self._opener is not None:
            self._opener.close()

    def _wake(self) -> None:
        """Wake the worker for a new request; the lock is held."""
        if self._closed:
            return
        if self._worker is None:
            self._worker = Thread(target=self._work, name="switcher", daemon=True)
            self._worker.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: (
                        self._closed
                        or self._requested_model is not None
                        or self._requested_source is not None
                    )
                )
                if self._closed:
                    return
                source, self._requested_source = self._requested_source, None
                model = None
                if source is None:
                    model, self._requested_model = self._requested_model, None
            try:
                if source is not None:
                    self._switch_source(source)
                elif model is not None:
                    self._switch_model(model)
            except Exception as error:  # reported in one sentence; the old one keeps running
                self._end(failure=_sentence(error))

    def _switch_model(self, choice: ModelChoice) -> None:
        self._begin(f"Loading {choice.title}…")
        loaded = self._load(choice)
        with self._changed:
            overtaken = self._requested_model is not None or self._closed
        if overtaken:
            return
        decision = decision_for(loaded, self._decision_for)
        refitted = self._is_refitted(choice, loaded)
        (self._pipeline.use_set if refitted else self._pipeline.use_engine)(loaded, decision)
        self._opened = loaded
        self._end(chosen=choice, weights_digest=loaded.weights_digest)

    def _load(self, choice: ModelChoice) -> OpenedEngine:
        """Load a model; for another person the engine that runs goes on, with a new stream.

        Raises:
            ModelError: It cannot be loaded, or the set is damaged or of another model.
        """
        opened, running = self._opened, self._status.chosen
        if opened is None or replace(choice, personal=running.personal) != running:
            return load_model(choice, self._threads, self._show_progress)
        if choice.personal is None:
            return opened._replace(personal=None)
        return opened.with_set(Path(choice.personal).expanduser())

    def _is_refitted(self, choice: ModelChoice, loaded: OpenedEngine) -> bool:
        """Return whether this is the set that runs, fitted again to tell the same gestures."""
        before = None if self._opened is None else self._opened.personal
        if choice != self._status.chosen or before is None or loaded.personal is None:
            return False
        return loaded.personal.about.labels == before.about.labels

    def _switch_source(self, requested: CameraDevice | str) -> None:
        if isinstance(requested, CameraDevice):
            self._switch_camera(requested)
            return
        self._begin(f"Opening {Path(requested).name or requested}…")
        opener = SourceOpener.of(requested)
        if opener.recorded is not None:  # its gestures must not send keys now
            opener.close()
            raise UsageError(
                f"{requested} is a recording; use File > Open recording to look at it."
            )
        self._take(opener, loop=requested == DEMO)
        self._end(camera=None)

    def _switch_camera(self, choice: CameraDevice) -> None:
        self._begin(f"Opening {choice.title}…")
        shown = self.status.camera
        if shown is not None and shown.index == choice.index:
            # A camera cannot be opened twice: the capture thread closes it first.
            self._pipeline.use_source(watched(camera_opener(choice)))
        else:
            self._take(SourceOpener.of(choice))
        self._end(camera=choice)

    def _take(self, opener: SourceOpener, *, loop: bool = False) -> None:
        """Let the pipeline continue with an open source."""
        with self._changed:
            before, self._opener = self._opener, opener
        if before is not None:
            before.close()
        self._pipeline.use_source(opener, loop=loop)

    def _begin(self, busy: str) -> None:
        with self._changed:
            self._status = replace(self._status, busy=busy, fraction=None, failure="")

    def _show_progress(self, fraction: float) -> None:
        with self._changed:
            self._status = replace(self._status, fraction=fraction)

    def _end(
        self,
        *,
        failure: str = "",
        chosen: ModelChoice | None = None,
        weights_digest: str | None = None,
        camera: CameraDevice | EllipsisType | None = ...,
    ) -> None:
        with self._changed:
            status = self._status
            self._status = SwitchStatus(
                chosen=chosen or status.chosen,
                camera=status.camera if camera is ... else camera,
                weights_digest=status.weights_digest if weights_digest is None else weights_digest,
                failure=failure,
                switches=status.switches + 1,
            )
        if failure:
            log.warning("%s", failure)


def decision_for(
    opened: OpenedEngine, chosen: Callable[[ModelSpec], DecisionSettings]
) -> DecisionSettings:
    """Return when probabilities become gestures; a person's set has thresholds of its own.

    Args:
        opened: What runs.
        chosen: Returns the settings that the user has chosen for a model.
    """
    return chosen(opened.spec) if opened.personal is None else opened.personal.about.decision


def load_model(choice: ModelChoice, threads: int, on_progress: Progress) -> OpenedEngine:
    """Load a model and open the engine that runs it.

    Raises:
        ModelError: It cannot be loaded, the engine is not available here, or the personal set is
            damaged or made with another model.
    """
    bundle = load_any_bundle(bundle_path(choice.model))
    opened = create_engine(bundle, choice.engine, threads, on_progress)
    if choice.personal is None:
        return opened
    return opened.with_set(Path(choice.personal).expanduser())


def _sentence(error: Exception) -> str:
    """Return why a switch did not happen."""
    if isinstance(error, (AppError, ModelError)):
        return str(error)
    log.debug("a switch failed", exc_info=error)
    detail = " ".join(f"{type(error).__name__}: {error}".split())
    return f"It could not be opened because of an internal error ({detail})."

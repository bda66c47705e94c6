"""The header of a recording: which model ran, on which source, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from app import __version__
from models.engines.factory import OpenedEngine
from models.live import square_side
from models.spec import ModelSpec


@dataclass(frozen=True)
class RecordedModel:
    """The model that is recorded.

    Attributes:
        spec: Its description.
        digest: SHA-256 of its weights, and of a person's set if it runs with one.
        engine: Name of the engine that runs it.
        square_side: Side of the square around the hand that it sees as well, in pixels; None of a
            model of one view.
    """

    spec: ModelSpec
    digest: str
    engine: str
    square_side: int | None = None

    @classmethod
    def of(cls, opened: OpenedEngine) -> RecordedModel:
        """Return the model of an engine."""
        engine = opened.engine
        return cls(opened.spec, opened.digest, engine.name, square_side(engine))


@dataclass(frozen=True)
class RecordingHeader:
    """Description of a recording.

    Attributes:
        model: Name of the model.
        model_digest: SHA-256 of its weights.
        frame_interval_s: Time between two samples, in seconds.
        input_height: Height of its input, in pixels.
        input_width: Width of its input, in pixels.
        engine: Name of the engine that ran it.
        source: Name of the camera or file.
        app_version: Version of this program.
        started_at: When it started: ISO 8601, UTC.
        frames_left_out: Frames that are missing because the disk was too slow.
        finished: Whether it was closed properly.
    """

    model: str
    model_digest: str
    frame_interval_s: float
    input_height: int
    input_width: int
    engine: str
    source: str
    app_version: str
    started_at: str
    frames_left_out: int = 0
    finished: bool = False

    @classmethod
    def of(cls, model: RecordedModel, source: str) -> RecordingHeader:
        """Return the header of a recording that starts now."""
        return cls(
            model=model.spec.name,
            model_digest=model.digest,
            frame_interval_s=model.spec.frame_interval_s,
            input_height=model.spec.input_height,
            input_width=model.spec.input_width,
            engine=model.engine,
            source=source,
            app_version=__version__,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def difference_from(self, model: RecordedModel) -> str:
        """Return why a replay by `model` may differ; empty if it gives the same result.

        Args:
            model: The model that is to replay the recording.
        """
        spec = model.spec
        size = f"{self.input_width}x{self.input_height}"
        if (self.input_height, self.input_width) != (spec.input_height, spec.input_width):
            return f"its samples have {size} pixels, and the model {spec.name} takes others"
        if self.frame_interval_s != spec.frame_interval_s:
            interval_ms = self.frame_interval_s * 1000
            return f"its samples are {interval_ms:.0f} ms apart, and {spec.name} takes others"
        if self.model_digest != model.digest:
            return f"it was made with the model {self.model}, or with other weights of it"
        if self.engine != model.engine:
            return f"it was made with the {self.engine} engine, whose sums round differently"
        return ""

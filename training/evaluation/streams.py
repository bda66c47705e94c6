"""Runs a model over a folder of streams, or over streams rendered for the purpose.

The network runs once over each stream; decisions can then be made from its transcript any number
of times.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models.decision import DecisionSettings, DecisionState, Gesture, Observation, decide
from models.live import Frame, LiveEngine, LiveModel
from models.personal.personal_set import PersonalSet
from models.spec import ModelSpec
from training.data.errors import DataError, not_written
from training.errors import UsageError
from training.evaluation.stream_metrics import (
    TOLERANCE_S,
    StreamOutcome,
    assess,
    known_gestures,
)
from training.performer.synthesize_streams import read_stream_set, synthesize_streams
from training.streams.truth import CueKind, StreamTruth, read_streams
from training.streams.video import read_video

TEST_SEED = 70_007
"""Seed of the streams that `evaluate-streams` renders; no decision may be tuned on them."""

TUNING_SEED = 40_004
"""Seed of the streams that `tune-decision` renders."""


@dataclass(frozen=True)
class Belief:
    """One step of the model.

    Attributes:
        run: Index of the uninterrupted run that it belongs to; decisions start afresh with each.
        observation: The time, and the probability of every label.
    """

    run: int
    observation: Observation


@dataclass(frozen=True)
class TranscribedStream:
    """A stream, and what a model believed about it.

    Attributes:
        truth: What really happens in it.
        beliefs: What the model believed, step by step.
    """

    truth: StreamTruth
    beliefs: tuple[Belief, ...]

    def outcome(
        self, spec: ModelSpec, settings: DecisionSettings, tolerance_s: float = TOLERANCE_S
    ) -> StreamOutcome:
        """Make decisions and compare them with the truth.

        Args:
            spec: The model.
            settings: When probabilities become gestures.
            tolerance_s: How long after the stroke an event still counts, in seconds.
        """
        return assess(self.truth, decided(self.beliefs, spec, settings), spec, tolerance_s)


def transcribe_folder(
    engine: LiveEngine,
    folder: Path,
    progress: Callable[[int, int], None],
    personal: PersonalSet | None = None,
) -> list[TranscribedStream]:
    """Run a model over every stream of a folder.

    Args:
        engine: Runs the model.
        folder: Videos, each with its cues beside it.
        progress: Called with how many streams are done, and how many there are.
        personal: A person's gestures, which replace the model's own.

    Raises:
        DataError: There are none, one is missing or damaged, or the model knows no gesture.
        ModelError: The model's scores are not finite.
    """
    streams = read_streams(folder)
    spec = engine.spec if personal is None else personal.spec_on(engine.spec)
    _check_known([truth for _, truth in streams], spec)
    transcribed = []
    for done, (video, truth) in enumerate(streams, start=1):
        frames = read_video(video, truth.fps, truth.duration_s)
        transcribed.append(TranscribedStream(truth, tuple(transcribe(engine, frames, personal))))
        progress(done, len(streams))
    return transcribed


def transcribe(
    engine: LiveEngine, frames: Iterable[Frame], personal: PersonalSet | None = None
) -> list[Belief]:
    """Run a model over a recording, as the app does.

    Args:
        engine: Runs the model.
        frames: The recording, in order.
        personal: A person's gestures, which replace the model's own.

    Raises:
        ModelError: The model's scores are not finite.
    """
    return [
        Belief(step.run, Observation(step.time_s, step.by_label))
        for step in LiveModel(engine, personal).over(frames)
    ]


def decided(
    transcript: Iterable[Belief], spec: ModelSpec, settings: DecisionSettings
) -> list[Gesture]:
    """Return the gestures that fire over a transcript.

    Args:
        transcript: What the model believed, in order.
        spec: The model.
        settings: When probabilities become gestures.
    """
    silent = frozenset(spec.silent_labels)
    state, run = DecisionState(), 0
    fired = []
    for belief in transcript:
        if belief.run != run:
            state, run = DecisionState(), belief.run
        state, gesture = decide(state, belief.observation, settings, silent)
        if gesture is not None:
            fired.append(gesture)
    return fired


@contextmanager
def streams_or_own(
    folder: Path | None,
    minutes: float,
    seed: int,
    workers: int | None,
    progress: Callable[[float], None],
) -> Iterator[Path]:
    """Yield a folder of streams: the given one, or a temporary one with rendered streams.

    Args:
        folder: Existing streams; None renders some.
        minutes: Total length of the rendered ones.
        seed: Seed of the rendered ones.
        workers: Processes that render; None for one per processor core.
        progress: Called with how many minutes are rendered.

    Raises:
        DataError: They cannot be written.
        UsageError: `minutes` is too short.
    """
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="adafuse-streams-") as temporary:
        made = Path(temporary) / "streams"
        try:
            synthesize_streams(made, minutes, seed, workers=workers, progress=progress)
        except OSError as error:
            raise not_written("The streams", error) from error
        except ValueError as error:
            raise UsageError(f"The streams cannot be rendered: {error}") from error
        yield made


def check_not_test_streams(folder: Path) -> None:
    """Reject streams that are reserved for testing.

    Raises:
        DataError: `evaluate-streams` tests on these streams.
    """
    known = read_stream_set(folder)
    if known is not None and known.seed == TEST_SEED:
        raise DataError(
            f"The streams in {folder} are those that 'evaluate-streams' tests on (seed "
            f"{TEST_SEED}); use streams made with another --seed."
        )


def _check_known(truths: Sequence[StreamTruth], spec: ModelSpec) -> None:
    """Reject streams without a gesture of the model: staying silent would score perfectly."""
    made = any(cue.kind is CueKind.GESTURE for truth in truths for cue in truth.cues)
    if made and not any(known_gestures(truth, spec) for truth in truths):
        raise DataError(
            f"The streams hold no gesture that the model '{spec.name}' knows; use streams with "
            "its labels."
        )

"""The features that a network's classifier sees: of streams, step by step, and of clips."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.engines.torch import TorchEngine
from models.live import Frame, LiveModel
from models.network.adafuse import AdaFuse
from models.network.cost import measure_cost
from models.preprocess import network_input
from training.data.errors import DataError
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.data.unreadable import read_clips
from training.evaluation.clips import sampling_for
from training.labels import NO_GESTURE, OTHER_THINGS
from training.streams.truth import CueKind, StreamCue, read_streams
from training.streams.video import read_video

EARLY_S = 0.15
"""Seconds before the end of its stroke from which a gesture is to be recognized."""

LATE_S = 0.5
"""Seconds after it until which the gesture is to be recognized."""

MEMORY_S = 1.2
"""Seconds for which a gesture still shows in the scores, which are means over a clip."""

BEGIN_S = 0.5
"""Seconds for which a distraction that begins may still look like rest."""

END_S = 0.8
"""Seconds for which a distraction still shows in the scores."""


@dataclass(frozen=True)
class LabeledFeatures:
    """Features and their labels.

    Attributes:
        values: Means over the T newest frames, float32 of shape (N, F).
        labels: Indices of the labels, int64 of shape (N,).
    """

    values: Tensor
    labels: Tensor


class FeatureReader:
    """Runs a network up to its classifier, as the app and the evaluation run it.

    Since the classifier is linear, the mean of its scores is its score of the features' mean.
    """

    def __init__(self, network: AdaFuse) -> None:
        """Copy the network without its classifier.

        Args:
            network: The network, in evaluation mode; it is not changed.
        """
        self.spec = network.spec
        self._body = copy.deepcopy(network)
        self._body.head = nn.Identity()  # type: ignore[assignment]
        self._engine = TorchEngine(self._body, measure_cost(network))

    def of_stream(self, frames: Iterable[Frame]) -> tuple[list[float], Tensor]:
        """Return the times of all N steps, at least one, and their features of shape (N, F)."""
        steps = list(LiveModel(self._engine).over(frames))
        features = np.stack([step.scores for step in steps])
        return [step.time_s for step in steps], torch.from_numpy(features).float()

    def of_clip(self, images: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Return the features of a whole clip of BGR pictures, of shape (F,)."""
        clip = torch.stack([self._input(image) for image in images])
        with torch.inference_mode():
            result: Tensor = self._body(clip[None]).logits
        return result[0].mean(0)

    def _input(self, image: NDArray[np.uint8]) -> Tensor:
        return torch.from_numpy(network_input(image, self.spec))


def stream_features(
    reader: FeatureReader, folder: Path, progress: Callable[[int, int], None]
) -> LabeledFeatures:
    """Return the features of the steps in all streams of a folder, without ambiguous ones.

    Args:
        reader: Runs the network.
        folder: Videos with their cues.
        progress: Called with how many streams are done, and how many there are.

    Raises:
        DataError: Streams are missing or damaged, or the model lacks the silent labels.
    """
    values, labels = [], []
    streams = read_streams(folder)
    for done, (video, truth) in enumerate(streams, start=1):
        frames = read_video(video, truth.fps, truth.duration_s)
        times_s, features = reader.of_stream(frames)
        wanted = step_labels(truth.cues, times_s)
        known = [index for index, label in enumerate(wanted) if label is not None]
        values.append(features[known])
        labels += [_label_index(wanted[index], reader) for index in known]
        progress(done, len(streams))
    return LabeledFeatures(torch.cat(values), torch.tensor(labels))


def clip_features(
    reader: FeatureReader, folder: Path, fps: float, progress: Callable[[int, int], None]
) -> LabeledFeatures:
    """Return the features of every clip of a folder in Jester's layout.

    Args:
        reader: Runs the network.
        folder: Clips, with their `labels.csv`.
        fps: Frames a second of the clips.
        progress: Called with how many clips are done, and how many there are.

    Raises:
        DataError: Clips are missing or damaged, or their labels are not the model's.
    """
    spec = reader.spec
    clips = open_dataset(Layout.JESTER, folder, folder / "labels.csv", spec.labels)
    choose = partial(sampling_for(spec, None, fps).indices, rng=None)
    values, labels = [], []
    for done, (clip, images) in enumerate(read_clips(clips, choose), start=1):
        values.append(reader.of_clip(images))
        labels.append(clip.label)
        progress(done, len(clips))
    return LabeledFeatures(torch.stack(values), torch.tensor(labels))


def step_labels(cues: Sequence[StreamCue], times_s: Sequence[float]) -> list[str | None]:
    """Return the right label at each step of a stream, or None where that is ambiguous.

    Args:
        cues: What is done in the stream, in order.
        times_s: Times of the steps, in seconds.
    """
    return [_label_at(cues, time_s) for time_s in times_s]


def _label_at(cues: Sequence[StreamCue], time_s: float) -> str | None:
    gestures = [cue for cue in cues if cue.kind is CueKind.GESTURE]
    for cue in gestures:
        if cue.end_s - EARLY_S <= time_s <= cue.end_s + LATE_S:
            return cue.label
    if any(cue.begin_s <= time_s <= cue.until_s + MEMORY_S for cue in gestures):
        return None
    others = (cue for cue in cues if cue.kind is not CueKind.GESTURE)
    busy = any(cue.begin_s + BEGIN_S <= time_s <= cue.until_s + END_S for cue in others)
    return OTHER_THINGS if busy else NO_GESTURE


def _label_index(label: str | None, reader: FeatureReader) -> int:
    """Return the index of a label; a gesture that the model does not know is "Doing other things".

    Raises:
        DataError: The model has no such label.
    """
    labels = reader.spec.labels
    wanted = label if label in labels else OTHER_THINGS
    if wanted not in labels:
        raise DataError(
            f"The model {reader.spec.name} has no label '{OTHER_THINGS}', which streams need."
        )
    return labels.index(wanted)

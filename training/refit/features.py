"""The features that a model's classifier sees, and their labels: of streams, and of clips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from training.data.errors import DataError
from training.data.index import open_dataset
from training.data.layouts import Layout
from training.data.unreadable import read_clips
from training.evaluation.clips import sampling_for
from training.labels import NO_GESTURE, OTHER_THINGS
from training.refit.reader import FeatureReader
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
        ModelError: The graph does not give features.
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
        ModelError: The graph does not give features.
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

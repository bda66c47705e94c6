"""The performer's clips and streams without pictures: joints alone, twenty times as fast."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.joint_reader.table import ClipJoints, Progress, StreamJoints, from_middle
from training.performer.clip import clip_hands
from training.performer.hand_truth import HandTruth
from training.performer.script import plan_scripted_stream
from training.performer.synthesize import PlannedClip, plan_clips
from training.performer.workers import run_tasks

FPS = 12.0
"""Frames a second of what is not drawn."""

_CLIP_S, _STREAM_S = 2.6, 60.0
_CLIPS_PER_TASK = 250
_HEIGHT = 120


@dataclass(frozen=True)
class _Clips:
    """Some clips for one worker.

    Attributes:
        number: Of the first one.
        planned: What they show.
        labels: All labels, in the order of the network's outputs.
    """

    number: int
    planned: tuple[PlannedClip, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class _Stream:
    """One stream of the set of a seed."""

    number: int
    seed: int


def undrawn_clips(
    count: int,
    seed: int,
    labels: Sequence[str],
    progress: Progress,
    *,
    workers: int | None = None,
) -> list[ClipJoints]:
    """Return the hands in clips as `synthesize` draws them, of another length and rate.

    Args:
        count: How many clips, at least 1.
        seed: Chooses all clips, whatever the number of workers.
        labels: All labels, in the order of the network's outputs; clips of others are left out.
        progress: Called as clips are done.
        workers: Processes; None for one per processor core.
    """
    planned = [clip for clip in plan_clips(count, seed) if clip.label in labels]
    begins = range(0, len(planned), _CLIPS_PER_TASK)
    tasks = [
        _Clips(begin, tuple(planned[begin : begin + _CLIPS_PER_TASK]), tuple(labels))
        for begin in begins
    ]
    done: dict[int, list[ClipJoints]] = {}
    for number, clips in run_tasks(_clips, tasks, workers):
        done[number] = clips
        progress(len(done) / len(tasks))
    return [clip for number in sorted(done) for clip in done[number]]


def undrawn_streams(
    minutes: int, seed: int, progress: Progress, *, workers: int | None = None
) -> list[StreamJoints]:
    """Return the hands in scripted streams of a minute each.

    Args:
        minutes: How many, at least 1.
        seed: Chooses all streams, whatever the number of workers.
        progress: Called as streams are done.
        workers: Processes; None for one per processor core.
    """
    tasks = [_Stream(number, seed) for number in range(minutes)]
    done: dict[int, StreamJoints] = {}
    for number, stream in run_tasks(_stream, tasks, workers):
        done[number] = stream
        progress(len(done) / minutes)
    return [done[number] for number in sorted(done)]


def _clips(task: _Clips) -> tuple[int, list[ClipJoints]]:
    made = []
    for clip in task.planned:
        hands, aspect = clip_hands(
            clip.label, clip.seed, fps=FPS, duration_s=_CLIP_S, still=clip.still
        )
        made.append(ClipJoints(task.labels.index(clip.label), _main_hand(hands, aspect), aspect))
    return task.number, made


def _stream(task: _Stream) -> tuple[int, StreamJoints]:
    stream = plan_scripted_stream(task.seed, task.number, _STREAM_S, _HEIGHT)
    aspect = stream.stage.framing.aspect
    joints = _main_hand(stream.hands(FPS), aspect)
    return task.number, StreamJoints(stream.cues, joints, aspect, FPS)


def _main_hand(hands: HandTruth, aspect: float) -> NDArray[np.float32]:
    """Return the joints of the hand that gestures, as in `ClipJoints`."""
    return from_middle(hands.joints[:, 0], aspect)

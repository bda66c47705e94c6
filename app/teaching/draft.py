"""A lesson on disk while it is going on, so that nothing that was taken is lost.

Features, not pictures, are written: a file of some hundred kilobytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from app.errors import AppError
from app.teaching.course import Course, ShownTake
from models.files import failure_reason, write_file

_DESCRIPTION = "adafuse_lesson"


class DraftError(AppError):
    """A lesson cannot be kept or continued; one sentence."""


class _Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    gestures: tuple[str, ...]
    model_digest: str
    interval_s: float
    frames: int
    takes: tuple[str, ...]
    name: str = ""


@dataclass(frozen=True)
class Draft:
    """A lesson that was broken off.

    Attributes:
        course: It, at the next take.
        model_digest: SHA-256 of the weights of the model that it was made with.
        name: Whose it is; empty of a lesson from before this was noted.
    """

    course: Course
    model_digest: str
    name: str = ""


def write_draft(path: Path, course: Course, model_digest: str, name: str) -> None:
    """Write what a lesson has so far; an older file is complete until the new one replaces it.

    Args:
        path: The file.
        course: The lesson.
        model_digest: SHA-256 of the weights of the model that it is made with.
        name: Whose it is.

    Raises:
        DraftError: It cannot be written.
    """
    counted = [take for take in course.takes if take.counts]
    about = _Description(
        gestures=course.gestures,
        model_digest=model_digest,
        interval_s=course.interval_s,
        frames=course.frames,
        takes=tuple(take.label for take in counted),
        name=name,
    )
    runs = [np.stack(run) for run in course.ordinary if run]
    tensors = {f"take/{index}": _half(take.features) for index, take in enumerate(counted)}
    tensors |= {f"ordinary/{index}": _half(run) for index, run in enumerate(runs)}
    content = save(tensors, {_DESCRIPTION: msgspec.json.encode(about).decode()})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        raise DraftError(
            f"The takes cannot be kept in {path.parent} ({failure_reason(error)}); "
            "they are lost if you stop before the end."
        ) from error


def read_draft(path: Path) -> Draft:
    """Read a lesson that was broken off.

    Raises:
        DraftError: It is damaged.
    """
    try:
        with safe_open(path, "numpy") as file:
            text = (file.metadata() or {})[_DESCRIPTION]
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        about = msgspec.json.decode(text, type=_Description)
        takes = [
            ShownTake(label, _checked(tensors[f"take/{index}"]))
            for index, label in enumerate(about.takes)
        ]
        count = sum(name.startswith("ordinary/") for name in tensors)
        ordinary = [list(_checked(tensors[f"ordinary/{index}"])) for index in range(count)]
        sizes = {take.features.shape[1] for take in takes}
        if len(sizes | {len(step) for run in ordinary for step in run}) > 1:
            raise ValueError("its features are of different models")
    except (
        OSError,
        SafetensorError,
        msgspec.MsgspecError,
        KeyError,
        ValueError,
        TypeError,
    ) as error:
        raise DraftError(
            f"The lesson that was begun ({path.name}) is damaged; begin a new one."
        ) from error
    course = Course(about.gestures, about.interval_s, about.frames, takes, ordinary)
    return Draft(course, about.model_digest, about.name)


def _half(features: NDArray[np.float32]) -> NDArray[np.float16]:
    return features.astype(np.float16)


def _checked(features: NDArray[np.generic]) -> NDArray[np.float32]:
    """Return stored features.

    Raises:
        ValueError: They are none.
    """
    found = np.asarray(features, np.float32)
    if found.ndim != 2 or not len(found) or not np.isfinite(found).all():
        raise ValueError("not the features of steps")
    return found

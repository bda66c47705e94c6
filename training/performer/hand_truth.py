"""What the renderer knows about the hands in its pictures: boxes, joints, and which side shows.

Targets for training a hand locator. All places are shares of the picture: x from 0 (left edge) to 1
(right edge), y from 0 (top) to 1 (bottom). Hand 0 is the one that makes the gesture, hand 1 the
other one.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.data.errors import DataError
from training.performer.arrays import Floats
from training.performer.framing import Framing
from training.performer.hand import HAND_CENTER_M, JOINTS, hand_joints, hand_primitives
from training.performer.motion import HandState
from training.performer.performance import Performance
from training.performer.primitives import CONE, KIND, POINT_A, POINT_B, RADIUS_A, RADIUS_B

CLIPS_FILE = "hands.npz"
STREAM_SUFFIX = ".hands.npz"

_HANDS = 2
_NEAREST_M = 0.05


@dataclass(frozen=True)
class HandTruth:
    """The hands in N frames.

    Attributes:
        boxes: Left, top, right and bottom of what is inside the picture, shape (N, 2, 4); NaN where
            no joint of the hand is.
        in_view: Share of the hand's joints that lie inside the picture, shape (N, 2), 0 to 1.
        joints: (x, y) of the 21 joints in MediaPipe's order, shape (N, 2, 21, 2), also outside the
            picture; NaN where the person does not use that hand.
        facing: How far the palm faces the camera, shape (N, 2), 1 (palm) to -1 (back of the hand);
            NaN like `joints`.
    """

    boxes: NDArray[np.float16]
    in_view: NDArray[np.float16]
    joints: NDArray[np.float16]
    facing: NDArray[np.float16]

    def flipped(self) -> HandTruth:
        """Return the same for the frames flipped from left to right."""
        boxes, joints = self.boxes.copy(), self.joints.copy()
        boxes[..., [0, 2]] = 1.0 - self.boxes[..., [2, 0]]
        joints[..., 0] = 1.0 - self.joints[..., 0]
        return HandTruth(boxes, self.in_view, joints, self.facing)

    def rows(self, chosen: Sequence[int]) -> HandTruth:
        """Return the hands in some of the frames."""
        return HandTruth(*(getattr(self, field.name)[list(chosen)] for field in fields(self)))


@dataclass(frozen=True)
class ClipHands:
    """The hands in the frames of a folder of clips, one row for each frame.

    Attributes:
        clip: The clip's id, shape (N,).
        frame: The frame's number in its file name, from 1, shape (N,).
        hands: What is in them.
    """

    clip: NDArray[np.int32]
    frame: NDArray[np.int32]
    hands: HandTruth


def hands_at(
    performance: Performance, framing: Framing, hand_scale: float, times_s: Floats, *, flipped: bool
) -> HandTruth:
    """Return where the hands are at some moments.

    Args:
        performance: What a right-handed person does.
        framing: The camera's view.
        hand_scale: Size of the person's hands.
        times_s: The moments, seconds, shape (N,).
        flipped: True if the picture is flipped in the end.
    """
    count = len(times_s)
    boxes = np.full((count, _HANDS, 4), np.nan)
    in_view = np.zeros((count, _HANDS))
    joints = np.full((count, _HANDS, JOINTS, 2), np.nan)
    facing = np.full((count, _HANDS), np.nan)
    for hand, track in enumerate((performance.main, performance.second)):
        if track is None:
            continue
        for index, time_s in enumerate(times_s):
            state = track.at(float(time_s))
            seen, points, radii = _projected(state, framing, hand_scale)
            if hand == 1:  # the other hand's track is laid out in a mirrored picture
                seen[:, 0], points[:, 0] = 1.0 - seen[:, 0], 1.0 - points[:, 0]
            inside = ((seen >= 0.0) & (seen <= 1.0)).all(1).mean()
            joints[index, hand], in_view[index, hand] = seen, inside
            facing[index, hand] = _facing(state, framing)
            if inside > 0.0:
                corners = [(points - radii).min(0), (points + radii).max(0)]
                boxes[index, hand] = np.clip(np.concatenate(corners), 0.0, 1.0)
    half = (array.astype(np.float16) for array in (boxes, in_view, joints, facing))
    truth = HandTruth(*half)
    return truth.flipped() if flipped else truth


def _projected(
    state: HandState, framing: Framing, hand_scale: float
) -> tuple[Floats, Floats, Floats]:
    """Return the joints, and the centers and radii of the balls that bound the hand's parts."""
    rotation = state.rotation
    center = framing.point_at(state.u, state.v, state.distance)
    wrist = center - rotation[:, 1] * (HAND_CENTER_M * hand_scale)
    rows = hand_primitives(state.pose, rotation, wrist, hand_scale)
    cones = rows[rows[:, KIND] == CONE]
    balls = np.concatenate([cones[:, POINT_A : POINT_A + 3], cones[:, POINT_B : POINT_B + 3]])
    radii = np.concatenate([cones[:, RADIUS_A], cones[:, RADIUS_B]])
    places, scale = _picture_shares(balls, framing)
    return _picture_shares(hand_joints(rows, wrist), framing)[0], places, radii[:, None] * scale


def _picture_shares(points: Floats, framing: Framing) -> tuple[Floats, Floats]:
    """Return (x, y) of camera-space points as shares, and shares a meter there; (N, 2) each."""
    reach = 2.0 * framing.tangent * np.maximum(-points[:, 2:], _NEAREST_M)
    scale = 1.0 / (reach * np.array([framing.aspect, 1.0]))
    return 0.5 + points[:, :2] * np.array([1.0, -1.0]) * scale, scale


def _facing(state: HandState, framing: Framing) -> float:
    """Return how far the palm faces the camera, along the line of sight."""
    center = framing.point_at(state.u, state.v, state.distance)
    return float(-state.rotation[:, 2] @ center / np.linalg.norm(center))


def write_clip_hands(path: Path, clips: Sequence[tuple[int, HandTruth]]) -> None:
    """Write the hands of a folder of clips, in the order of their ids.

    Args:
        path: The file, `hands.npz`.
        clips: Each clip's id and the hands in all of its frames.

    Raises:
        OSError: It cannot be written.
    """
    ordered = sorted(clips, key=lambda item: item[0])
    lengths = [len(hands.boxes) for _, hands in ordered]
    numbers = [np.arange(1, length + 1, dtype=np.int32) for length in lengths]
    table = {
        "clip": np.repeat(np.array([clip for clip, _ in ordered], np.int32), lengths),
        "frame": np.concatenate(numbers) if numbers else np.zeros(0, np.int32),
    }
    empty = _empty()
    for field in fields(HandTruth):
        parts = [getattr(hands, field.name) for _, hands in ordered]
        table[field.name] = np.concatenate([getattr(empty, field.name), *parts])
    np.savez_compressed(path, **table)  # type: ignore[arg-type]


def write_stream_hands(path: Path, hands: HandTruth) -> None:
    """Write the hands of one stream, a row for each frame.

    Raises:
        OSError: It cannot be written.
    """
    table = {field.name: getattr(hands, field.name) for field in fields(HandTruth)}
    np.savez_compressed(path, **table)


def read_clip_hands(folder: Path) -> ClipHands:
    """Read the hands of a folder of performer clips.

    Raises:
        DataError: They are missing or damaged.
    """
    table = _read(folder / CLIPS_FILE, ("clip", "frame"))
    clip, frame = (table[name].astype(np.int32) for name in ("clip", "frame"))
    return ClipHands(clip, frame, _hands(table))


def read_stream_hands(path: Path) -> HandTruth:
    """Read the hands of one stream: of `0001.mp4` they are in `0001.hands.npz`.

    Raises:
        DataError: They are missing or damaged.
    """
    return _hands(_read(path, ()))


def _empty() -> HandTruth:
    shapes = ((0, _HANDS, 4), (0, _HANDS), (0, _HANDS, JOINTS, 2), (0, _HANDS))
    return HandTruth(*(np.zeros(shape, np.float16) for shape in shapes))


def _hands(table: dict[str, NDArray[np.generic]]) -> HandTruth:
    return HandTruth(*(table[field.name] for field in fields(HandTruth)))  # type: ignore[arg-type]


def _read(path: Path, more: tuple[str, ...]) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of a file, each checked for its shape."""
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            names = (*more, *(field.name for field in fields(HandTruth)))
            table = {name: stored[name] for name in names}
    except OSError as error:
        raise DataError(f"The hands in {path} cannot be read ({error.strerror}).") from error
    except Exception as error:  # a damaged archive fails in many ways
        raise DataError(f"The hands in {path} are damaged; render the folder again.") from error
    empty, rows = _empty(), len(table["boxes"])
    wanted: dict[str, tuple[int, ...]] = dict.fromkeys(more, (rows,))
    wanted |= {field.name: (rows, *getattr(empty, field.name).shape[1:]) for field in fields(empty)}
    if any(table[name].shape != shape for name, shape in wanted.items()):
        raise DataError(f"The hands in {path} are damaged; render the folder again.")
    return table

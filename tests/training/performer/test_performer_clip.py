from itertools import pairwise

import numpy as np
import pytest

from training.labels import JESTER_LABELS
from training.performer.clip import render_clip
from training.performer.framing import sample_framing
from training.performer.motion import Keyframe, Track
from training.performer.performance import perform, sample_cue
from training.performer.primitives import Material, PrimitiveList, mirror_in_place, placed
from training.performer.raycast import cast_primitives, new_buffers
from training.performer.repertoire import compose
from training.performer.stream import plan_stream


@pytest.mark.parametrize("label", JESTER_LABELS)
def test_every_label_renders_and_its_stroke_lies_inside(label: str) -> None:
    clip = render_clip(label, 7, fps=6.0, duration_s=2.0, height=48)
    assert clip.label == label
    assert clip.frames.dtype == np.uint8
    count, height, width, channels = clip.frames.shape
    assert (count, height, channels) == (12, 48, 3)
    assert 1.3 <= width / height <= 1.8
    start_s, end_s = clip.stroke
    assert 0.0 < start_s < end_s < 2.0
    assert 0.3 <= end_s - start_s <= 1.8
    assert clip.frames.std() > 5.0


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    first = render_clip("Thumb Up", 3, fps=4.0, duration_s=1.5, height=48)
    again = render_clip("Thumb Up", 3, fps=4.0, duration_s=1.5, height=48)
    other = render_clip("Thumb Up", 4, fps=4.0, duration_s=1.5, height=48)
    assert first.stroke == again.stroke
    assert np.array_equal(first.frames, again.frames)
    assert first.frames.shape != other.frames.shape or (first.frames != other.frames).any()


def test_a_swipe_moves_its_changes_across_the_picture() -> None:
    """The drawn hand, not only the planned one, goes to the picture's right in a swipe left."""
    moved = []
    for seed in range(6):
        clip = render_clip("Swiping Left", seed, fps=12.0, duration_s=2.5, height=48)
        start, end = (clip.frames[round(time * 12)].astype(float) for time in clip.stroke)
        quiet = np.median(clip.frames.astype(float), axis=0)
        columns = np.arange(clip.frames.shape[2])
        weights = [np.abs(frame - quiet).sum((0, 2)) ** 2 for frame in (start, end)]
        moved.append(np.diff([columns @ weight / weight.sum() for weight in weights])[0])
    assert sum(shift > 4.0 for shift in moved) >= 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": "Waving"}, "not a Jester label"),
        ({"seed": -1}, "seed"),
        ({"fps": 0.0}, "frame rate"),
        ({"duration_s": 0.5}, "at least 1.2 seconds"),
        ({"height": 4}, "height"),
    ],
)
def test_bad_arguments_are_refused(changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"label": "Thumb Up", "seed": 0, **changes}
    label, seed = arguments.pop("label"), arguments.pop("seed")
    with pytest.raises(ValueError, match=message):
        render_clip(label, seed, **arguments)  # type: ignore[arg-type]


def test_a_stream_keeps_its_gestures_apart_and_ends_after_them() -> None:
    rng = np.random.default_rng(5)
    labels = ("Swiping Left", "No gesture", "Doing other things", "Rolling Hand Forward")
    stream = plan_stream(labels, rng, sample_framing(rng, 32), left_handed=True)
    assert tuple(cue.label for cue in stream.cues) == labels
    for earlier, later in pairwise(stream.cues):
        assert later.start_s > earlier.end_s + 0.8
    assert stream.cues[-1].end_s < stream.duration_s
    frames = list(stream.frames(2.0))
    assert len(frames) == round(stream.duration_s * 2.0)
    assert frames[0].shape == frames[-1].shape


def test_overlapping_gestures_are_refused() -> None:
    rng = np.random.default_rng(0)
    gesture, draw = compose("Stop Sign", rng, sample_framing(rng, 32))
    first = sample_cue(gesture, draw, 1.0, unhurried=True)
    second = sample_cue(gesture, draw, 1.2, unhurried=True)
    with pytest.raises(ValueError, match="overlap"):
        perform([first, second])


def test_a_track_passes_through_its_keys_and_rests_outside() -> None:
    rng = np.random.default_rng(1)
    gesture, _ = compose("Swiping Up", rng, sample_framing(rng, 32))
    first, last = gesture.keyframes[0].state, gesture.keyframes[-1].state
    track = Track([Keyframe(1.0, first), Keyframe(2.0, last)])
    assert track.at(0.0) is first
    assert track.at(3.0) is last
    assert track.at(1.5).v == pytest.approx((first.v + last.v) / 2)
    with pytest.raises(ValueError, match="order"):
        Track([Keyframe(2.0, first), Keyframe(1.0, last)])
    with pytest.raises(ValueError, match="at least one"):
        Track([])


def test_a_sphere_is_cast_where_perspective_puts_it() -> None:
    parts = PrimitiveList()
    parts.ellipsoid(Material.SKIN, (0.1, 0.2, -1.0), (0.05, 0.05, 0.05))
    parts.cone(Material.HAIR, (-0.2, -0.2, -1.0), (-0.2, -0.2, -1.0), 0.05, 0.05)
    buffers = new_buffers(100, 100)
    cast_primitives(parts.array(), 0.5, 0.0, 0.0, buffers)
    skin = np.argwhere(buffers.material == Material.SKIN)
    assert skin.mean(0) == pytest.approx([50 - 20, 50 + 10], abs=1.0)
    hair = np.argwhere(buffers.material == Material.HAIR)
    assert hair.mean(0) == pytest.approx([50 + 20, 50 - 20], abs=1.0)
    assert buffers.depth.min() == pytest.approx(0.97, abs=0.02)
    hit = buffers.material >= 0
    assert np.linalg.norm(buffers.normal[hit], axis=1) == pytest.approx(1.0, abs=1e-4)


def test_mirroring_a_table_twice_restores_it() -> None:
    parts = PrimitiveList()
    parts.cone(Material.HAND, (0.1, 0.0, -1.0), (0.2, 0.1, -1.0), 0.05, 0.04)
    parts.ellipsoid(Material.NAIL, (0.1, 0.2, -1.0), (0.05, 0.02, 0.03))
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    table = placed(parts.array(), turn, np.array([0.0, 0.0, -0.5]))
    mirrored = table.copy()
    mirror_in_place(mirrored)
    assert (mirrored[:, 2] == -table[:, 2]).all()
    mirror_in_place(mirrored)
    assert np.array_equal(mirrored, table)

"""What the reader of joints learns from streams, and from performances that are not drawn."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.joint_reader.joint_clips import (
    FRAMES,
    HISTORY,
    LABELS,
    LEFT,
    NOTHING,
    OTHER,
    PAIR,
    clip,
)
from training.joint_reader.moments import StreamChoice, StreamMoments
from training.joint_reader.table import StreamJoints
from training.joint_reader.undrawn import undrawn_clips, undrawn_streams
from training.labels import JESTER_LABELS
from training.performer.clip import clip_hands, render_clip
from training.streams.truth import CueKind, StreamCue

FPS = 6.0
WINDOW = HISTORY - 1 + PAIR.whole.frames


def stream() -> StreamJoints:
    """A quiet second, a swipe that ends after two more, a distraction, and quiet."""
    swipe = StreamCue(CueKind.GESTURE, "Swiping Left", 1.0, 1.5, 3.0, 3.2)
    other = StreamCue(CueKind.DISTRACTION, "scratch", 6.0, 6.2, 8.0, 8.2)
    quiet = np.full((int(12 * FPS), 21, 2), np.nan, np.float32)
    quiet[6 : 6 + FRAMES] = clip(LEFT).joints
    return StreamJoints((swipe, other), quiet, 4 / 3, FPS)


def labels_by_step(choice: StreamChoice, count: int = 300) -> dict[int, set[int]]:
    moments, rng = StreamMoments([stream()], PAIR, 1.0, choice), np.random.default_rng(0)
    seen: dict[int, set[int]] = {}
    for moment in (moments.draw(rng) for _ in range(count)):
        seen.setdefault(moment.label, set()).add(int(moment.frames[-1]))
        assert len(moment.frames) == WINDOW
        assert (np.diff(moment.frames) >= 0).all()
    return seen


def test_steps_show_what_is_done_and_nothing_that_is_open() -> None:
    seen = labels_by_step(StreamChoice())
    assert set(seen) == {LEFT, NOTHING, OTHER}
    assert all(2.85 <= frame / FPS <= 3.5 for frame in seen[LEFT])
    assert all(6.5 <= frame / FPS <= 9.0 for frame in seen[OTHER])
    assert not any(1.0 <= frame / FPS <= 4.4 for frame in seen[NOTHING])


@pytest.mark.parametrize(
    ("choice", "expected"),
    [(StreamChoice(1.0, 0.0), {NOTHING}), (StreamChoice(0.0, 1.0), {OTHER})],
)
def test_shares_choose_what_is_taken(choice: StreamChoice, expected: set[int]) -> None:
    assert set(labels_by_step(choice, 50)) == expected


def test_a_stream_has_not_begun_before_its_first_frame() -> None:
    moments = StreamMoments([stream()], PAIR, 1.0, StreamChoice(1.0, 0.0, pace=(0.0, 0.0)))
    rng = np.random.default_rng(0)
    first = min((moments.draw(rng) for _ in range(400)), key=lambda moment: moment.frames[-1])
    assert first.frames[-1] == 0
    assert first.begun.tolist() == [False] * (WINDOW - 1) + [True]


def test_hands_that_are_not_drawn_are_those_that_would_be() -> None:
    drawn = render_clip("Swiping Left", 5, fps=6.0, duration_s=1.4, height=120)
    hands, aspect = clip_hands("Swiping Left", 5, fps=6.0, duration_s=1.4)
    np.testing.assert_array_equal(hands.joints, drawn.hands.joints)
    assert aspect == pytest.approx(drawn.frames.shape[2] / drawn.frames.shape[1], abs=0.02)


def test_what_is_not_drawn_depends_on_the_seed_alone() -> None:
    done: list[float] = []
    alone, shared, other = (
        undrawn_clips(6, seed, JESTER_LABELS, done.append, workers=workers)
        for seed, workers in ((3, 1), (3, 2), (4, 1))
    )
    assert done[-1] == 1.0
    for one, two in zip(alone, shared, strict=True):
        assert one.label == two.label
        np.testing.assert_array_equal(one.joints, two.joints)
    assert [clip.joints.shape for clip in alone] == [(31, 21, 2)] * 6
    assert any(
        not np.array_equal(one.joints, two.joints) for one, two in zip(alone, other, strict=True)
    )


def test_clips_of_labels_that_the_model_lacks_are_left_out() -> None:
    known = undrawn_clips(27, 3, LABELS, lambda _: None, workers=1)
    assert 0 < len(known) < 27
    assert all(clip.label < len(LABELS) for clip in known)


def test_streams_that_are_not_drawn_know_what_is_done() -> None:
    streams = undrawn_streams(1, 3, lambda _: None, workers=1)
    (made,) = streams
    assert made.joints.shape == (720, 21, 2)
    assert any(cue.kind is CueKind.GESTURE for cue in made.cues)

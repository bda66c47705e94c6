from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from app.live.run import DARK_AFTER_S, STUCK_AFTER_S, PictureWatch, Trouble
from app.sources.base import Frame

FPS = 10

ROOM, COVERED, STILL = "room", "covered", "still"


def picture(kind: str, index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    noise = np.random.default_rng(0 if kind == STILL else index)
    levels = (0, 6) if kind == COVERED else (60, 90)
    return noise.integers(*levels, (48, 64, 3), np.uint8)


def watch(*script: tuple[str, float], segments: bool = False) -> list[Trouble]:
    """Return the trouble after every tenth of a second of a script of pictures and seconds."""
    found, watching, index = [], PictureWatch(), 0
    for number, (kind, seconds) in enumerate(script):
        for _ in range(round(seconds * FPS)):
            frame = Frame(picture(kind, index), index / FPS, index, 0.0, number * segments)
            watching.see(frame)
            found.append(watching.trouble)
            index += 1
    return found


def test_an_ordinary_camera_has_no_trouble() -> None:
    assert set(watch((ROOM, 20))) == {Trouble.NONE}


def test_a_covered_camera_is_told_within_two_seconds_and_recovers_at_once() -> None:
    found = watch((ROOM, 1), (COVERED, 3), (ROOM, 1))
    first = found.index(Trouble.DARK)
    assert DARK_AFTER_S <= first / FPS - 0.9 <= 2
    assert set(found[first:40]) == {Trouble.DARK}
    assert set(found[40:]) == {Trouble.NONE}


def test_the_same_picture_again_and_again_is_told_and_forgotten_with_the_next_new_one() -> None:
    found = watch((ROOM, 1), (STILL, 5), (ROOM, 1))
    first = found.index(Trouble.STUCK)
    assert STUCK_AFTER_S <= first / FPS - 1 <= STUCK_AFTER_S + 0.5
    assert set(found[60:]) == {Trouble.NONE}


def test_black_is_dark_and_not_stuck_even_without_noise() -> None:
    watching = PictureWatch()
    black = np.zeros((48, 64, 3), np.uint8)
    for index in range(100):
        watching.see(Frame(black, index / FPS, index, 0.0))
    assert watching.trouble is Trouble.DARK


def test_a_camera_that_is_back_starts_with_a_clean_slate() -> None:
    found = watch((STILL, 4), (STILL, 1), segments=True)
    assert found[39] is Trouble.STUCK
    assert set(found[40:]) == {Trouble.NONE}


def test_another_size_is_another_picture() -> None:
    watching = PictureWatch()
    for index in range(100):
        shape = (48, 64, 3) if index % 20 < 10 else (96, 128, 3)
        watching.see(Frame(np.full(shape, 99, np.uint8), index / FPS, index, 0.0))
    assert watching.trouble is Trouble.NONE


@example([STILL] * 7 + [COVERED])
@given(st.lists(st.sampled_from((ROOM, COVERED, STILL)), max_size=12))
def test_whatever_comes_trouble_is_what_has_lasted(kinds: list[str]) -> None:
    found = watch(*((kind, 0.5) for kind in kinds))
    for end in range(len(kinds)):
        trouble = found[5 * end + 4]
        if trouble is Trouble.DARK:
            assert set(kinds[max(0, end - 2) : end + 1]) == {COVERED}
        if trouble is Trouble.STUCK:
            assert kinds[end] == STILL
        if kinds[end] == ROOM:
            assert trouble is Trouble.NONE

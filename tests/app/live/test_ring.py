from __future__ import annotations

import numpy as np

from app.live.recognizer import RingBuffer


def test_the_ring_holds_the_newest_frames_oldest_first() -> None:
    ring = RingBuffer(8)
    for number in range(11):
        ring.push(np.full((2, 2, 3), number, np.uint8), number * 0.1)
    assert [int(image[0, 0, 0]) for image in ring.images()] == list(range(3, 11))
    assert ring.times_s() == tuple(number * 0.1 for number in range(3, 11))


def test_a_ring_that_is_not_full_yet_holds_what_there_is() -> None:
    ring = RingBuffer(8)
    assert ring.images() == ()
    ring.push(np.zeros((2, 2, 3), np.uint8), 0.0)
    assert len(ring) == 1


def test_clear_forgets_everything() -> None:
    ring = RingBuffer(2)
    ring.push(np.zeros((2, 2, 3), np.uint8), 0.0)
    ring.clear()
    assert len(ring) == 0

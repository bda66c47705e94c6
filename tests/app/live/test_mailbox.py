from __future__ import annotations

import threading
import time

from app.live.mailbox import LatestSlot


def test_the_newest_item_wins_and_the_others_are_counted() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for item in (1, 2, 3):
        slot.put(item)
    assert slot.take(0) == 3
    assert slot.dropped == 2


def test_an_item_that_was_taken_is_not_dropped() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.take(0)
    slot.put(2)
    assert slot.dropped == 0


def test_an_item_is_taken_once_but_can_be_looked_at_for_ever() -> None:
    slot: LatestSlot[str] = LatestSlot()
    slot.put("frame")
    assert slot.peek() == "frame"
    assert slot.take(0) == "frame"
    assert slot.take(0) is None
    assert slot.peek() == "frame"


def test_empty_gives_nothing_and_does_not_wait_longer_than_told() -> None:
    slot: LatestSlot[str] = LatestSlot()
    start_s = time.monotonic()
    assert slot.peek() is None
    assert slot.take(0.05) is None
    assert 0.04 < time.monotonic() - start_s < 1.0


def test_a_waiting_reader_gets_the_next_item() -> None:
    slot: LatestSlot[int] = LatestSlot()
    taken: list[int | None] = []
    reader = threading.Thread(target=lambda: taken.append(slot.take(5)))
    reader.start()
    slot.put(7)
    reader.join(5)
    assert taken == [7]


def test_close_wakes_a_waiting_reader() -> None:
    slot: LatestSlot[int] = LatestSlot()
    taken: list[int | None] = []
    reader = threading.Thread(target=lambda: taken.append(slot.take()))
    reader.start()
    slot.close()
    reader.join(5)
    assert taken == [None]


def test_what_was_left_before_close_can_still_be_taken() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.close()
    slot.close()
    slot.put(2)
    assert slot.closed
    assert slot.take() == 1
    assert slot.take() is None


def test_a_fast_writer_and_a_slow_reader_lose_nothing_but_the_middle() -> None:
    slot: LatestSlot[int] = LatestSlot()

    def write() -> None:
        for item in range(2000):
            slot.put(item)
        slot.close()

    writer = threading.Thread(target=write)
    writer.start()
    taken: list[int] = []
    while (item := slot.take()) is not None:
        taken.append(item)
    writer.join()
    assert taken == sorted(taken)
    assert taken[-1] == 1999
    assert len(taken) + slot.dropped == 2000

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from app.live.frame_rate import (
    ENOUGH_FOR_S,
    ENOUGH_SHARE,
    LOW_FOR_S,
    LOW_SHARE,
    FrameRateWatch,
)

NEEDED = 8.0
STEP_S = 0.1


def warned(rates: list[float | None], needed: float = NEEDED) -> list[bool]:
    """Return whether there is a warning at each of some rates, one every `STEP_S`."""
    watch = FrameRateWatch()
    times = (index * STEP_S for index in range(len(rates)))
    pairs = zip(rates, times, strict=True)
    return [watch.observe(rate, needed, time_s) is not None for rate, time_s in pairs]


def lasting(rate: float | None, seconds: float) -> list[float | None]:
    return [rate] * round(seconds / STEP_S)


def test_a_dim_room_is_told_after_a_while_and_called_off_when_it_is_bright() -> None:
    found = warned(lasting(30, 2) + lasting(5, 5) + lasting(30, 4))
    told, over = found.index(True), len(found) - found[::-1].index(True)
    assert 2 + LOW_FOR_S <= told * STEP_S + 1e-6 < 2.3 + LOW_FOR_S
    assert 7 + ENOUGH_FOR_S <= over * STEP_S + 1e-6 < 7.3 + ENOUGH_FOR_S
    assert all(found[told:over])


def test_a_hiccup_is_not_told() -> None:
    assert not any(warned((lasting(30, 1) + lasting(3, LOW_FOR_S - 0.2)) * 5))


def test_a_lost_camera_is_no_slow_camera() -> None:
    found = warned(lasting(5, 5) + lasting(None, 1) + lasting(5, 1))
    assert found[45]
    assert not any(found[50:])


def test_another_model_may_need_less() -> None:
    watch = FrameRateWatch()
    for index in range(60):
        warning = watch.observe(5, NEEDED, index * STEP_S)
    assert warning is not None
    assert warning.headline == "Too few frames: the model needs 8 a second"
    assert watch.observe(5, 4.0, 6.0) is None


@settings(max_examples=25)
@given(
    st.lists(
        st.floats(LOW_SHARE, ENOUGH_SHARE - 1e-9).map(lambda s: s * NEEDED),
        min_size=60,
        max_size=80,
    )
)
def test_a_rate_on_the_edge_does_not_flicker(rates: list[float]) -> None:
    for before in (lasting(30, 1), lasting(3, 4)):
        found = warned([*before, *rates])[len(before) :]
        assert len(set(found)) == 1


@given(st.lists(st.none() | st.floats(0, 60), max_size=200))
def test_between_two_changes_there_is_time_to_read(rates: list[float | None]) -> None:
    found = warned(rates)
    changes = [
        index
        for index, (before, now) in enumerate(pairwise([False, *found]))
        if before != now and rates[index] is not None
    ]
    for earlier, later in pairwise(changes):
        assert (later - earlier) * STEP_S >= ENOUGH_FOR_S - 1e-6

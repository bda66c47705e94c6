from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.control.arming import (
    ArmingState,
    Cause,
    Focus,
    FocusOwner,
    arm,
    disarm,
    note_sent,
    observe_focus,
    observe_hold,
)

SLIDES = Focus(FocusOwner.OTHER, "process 1")
MAIL = Focus(FocusOwner.OTHER, "process 2")
US = Focus(FocusOwner.US)
UNKNOWN = Focus()

NEEDED_S = 1.5
DISARMING = [cause for cause in Cause if cause not in (Cause.START, Cause.DRY_RUN)]


def hold(state: ArmingState, *observations: tuple[float, bool]) -> ArmingState:
    for time_s, held in observations:
        state = observe_hold(state, time_s, held=held, needed_s=NEEDED_S)
    return state


def test_it_is_disarmed_at_the_start() -> None:
    assert not ArmingState().armed


def test_a_gesture_that_is_held_long_enough_arms_and_only_once() -> None:
    state = hold(ArmingState(), (0.0, True), (1.0, True))
    assert not state.armed
    state = hold(state, (1.5, True))
    assert (state.armed, state.cause) == (True, Cause.GESTURE)
    assert hold(state, (9.0, True), (20.0, True)).armed


def test_held_again_it_disarms() -> None:
    state = hold(ArmingState(), (0, True), (2, True), (3, False), (4, True), (6, True))
    assert (state.armed, state.cause) == (False, Cause.GESTURE)


def test_a_break_begins_the_hold_anew() -> None:
    assert not hold(ArmingState(), (0, True), (1, True), (1.2, False), (1.4, True), (2, True)).armed


def test_esc_while_the_gesture_is_still_held_stays_disarmed_until_it_is_let_go() -> None:
    state = hold(ArmingState(), (0, True), (2, True))
    state = hold(disarm(state, Cause.ESCAPE), (4, True), (9, True))
    assert (state.armed, state.cause) == (False, Cause.ESCAPE)
    assert hold(state, (10, False), (11, True), (13, True)).armed


def test_the_keyboard_may_wander_before_the_first_key_and_not_after_it() -> None:
    state = arm(ArmingState(), Cause.BUTTON)
    for focus in (US, MAIL, SLIDES):
        state = observe_focus(state, focus, disarm_on_loss=True)
    assert state.armed
    state = note_sent(state, SLIDES)
    assert observe_focus(state, SLIDES, disarm_on_loss=True).armed
    assert observe_focus(state, UNKNOWN, disarm_on_loss=True).armed
    assert observe_focus(state, MAIL, disarm_on_loss=False).armed
    for focus in (MAIL, US):
        lost = observe_focus(state, focus, disarm_on_loss=True)
        assert (lost.armed, lost.cause) == (False, Cause.FOCUS_LOST)


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.booleans()), max_size=60))
def test_no_gesture_arms_without_having_been_held_for_the_whole_time(
    steps: list[tuple[float, bool]],
) -> None:
    state, time_s, held_since_s = ArmingState(), 0.0, None
    for step_s, held in steps:
        time_s += step_s
        held_since_s = (time_s if held_since_s is None else held_since_s) if held else None
        before = state
        state = hold(state, (time_s, held))
        if state.armed != before.armed:
            assert held_since_s is not None
            assert time_s - held_since_s >= NEEDED_S


class Arming(RuleBasedStateMachine):
    """Anything may happen in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ArmingState()
        self.time_s = 0.0
        self.asked = False

    @rule(cause=st.sampled_from([Cause.BUTTON, Cause.HOTKEY]))
    def somebody_arms(self, cause: Cause) -> None:
        self.state = arm(self.state, cause)
        self.asked = True
        assert self.state.armed

    @rule(cause=st.sampled_from(DISARMING))
    def something_disarms(self, cause: Cause) -> None:
        self.state = disarm(self.state, cause)
        self.asked = False
        assert not self.state.armed

    @rule(step_s=st.floats(0, 2), held=st.booleans())
    def a_sample(self, step_s: float, held: bool) -> None:
        self.time_s += step_s
        before = self.state
        self.state = hold(self.state, (self.time_s, held))
        if self.state.armed != before.armed:
            assert held
            assert self.state.cause is Cause.GESTURE
            self.asked = self.state.armed

    @rule(focus=st.sampled_from([SLIDES, MAIL, US, UNKNOWN]), wanted=st.booleans())
    def the_keyboard_is_somewhere(self, focus: Focus, wanted: bool) -> None:
        before = self.state
        self.state = observe_focus(self.state, focus, disarm_on_loss=wanted)
        assert self.state.armed <= before.armed
        if before.armed and not self.state.armed:
            assert wanted
            assert self.state.cause is Cause.FOCUS_LOST
            assert focus.program != before.target
            self.asked = False

    @rule(focus=st.sampled_from([SLIDES, MAIL]))
    def a_key_is_sent(self, focus: Focus) -> None:
        before = self.state
        self.state = note_sent(self.state, focus)
        assert self.state.armed == before.armed

    @invariant()
    def it_is_armed_only_if_it_was_asked_for_and_nothing_came_between(self) -> None:
        assert self.state.armed == self.asked
        if not self.state.armed:
            assert self.state.target == ""


TestArming = Arming.TestCase

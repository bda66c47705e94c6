"""Arming, bindings, thresholds and the live meter, as somebody at the window meets them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QKeySequence
from PyQt6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialogButtonBox,
    QLabel,
)
from pytestqt.qtbot import QtBot

from app.control.actions import ControlAction
from app.control.arming import Cause
from app.control.bindings import Binding
from app.control.keys import KEYS, KeyStroke
from app.control.senders.base import DryRun
from app.live.pipeline import PipelineState, PipelineStatus
from app.ui.cards import ElidedLabel
from app.ui.control import arming_card
from app.ui.control.arm_button import ArmButton
from app.ui.control.entry_fields import sequence_of, stroke_of
from app.ui.theme import Scheme, apply_scheme
from models.decision import DecisionSettings, GestureThresholds, Outcome, Verdict
from tests.app.control.fakes import MAIL, US, fired
from tests.ui.control.conftest import Stage, StageMaker
from tests.ui.scripted import a_frame, a_snapshot
from tests.ui.test_main_window import press


def arm_button(stage: Stage) -> ArmButton:
    found = stage.window.findChild(ArmButton)
    assert found is not None
    return found


def index_of(action: ControlAction) -> int:
    return list(ControlAction).index(action)


def choose(stage: Stage, gesture: str, action: ControlAction) -> None:
    choice = stage.page.bindings.choices[gesture]
    choice.setCurrentIndex(index_of(action))
    choice.activated.emit(index_of(action))


def test_disarmed_at_the_start_and_the_picture_says_so(stage: Stage) -> None:
    assert arm_button(stage).isVisible()
    assert "Disarmed" in arm_button(stage).text()
    assert not stage.controller.status.armed


@pytest.mark.parametrize("tab", [0, 1])
def test_the_button_arms_and_disarms_and_is_in_view_on_every_page(
    make_stage: StageMaker, tab: int
) -> None:
    stage = make_stage(tab=tab)
    stage.window.show_frame(a_frame())
    button = arm_button(stage)
    for armed, word in ((True, "Armed"), (False, "Disarmed")):
        button.click()
        assert stage.controller.status.armed is armed
        assert word in button.text()
        assert word.lower() in button.accessibleName()
        assert button.visibleRegion().boundingRect() == button.rect()
        assert stage.window.video.picture_rect().toRect().contains(button.geometry())


def test_the_hotkey_arms_and_esc_disarms(stage: Stage, qtbot: QtBot) -> None:
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    press(qtbot, stage.window, Qt.Key.Key_A, held)
    assert (stage.controller.status.armed, stage.controller.status.cause) == (True, Cause.HOTKEY)
    press(qtbot, stage.window, Qt.Key.Key_Escape)
    assert (stage.controller.status.armed, stage.controller.status.cause) == (False, Cause.ESCAPE)


def test_a_stray_space_does_not_arm(stage: Stage, qtbot: QtBot) -> None:
    stage.window.activateWindow()
    qtbot.waitUntil(stage.window.isActiveWindow)
    focused = QApplication.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key.Key_Space)  # type: ignore[no-untyped-call]
    assert not stage.controller.status.armed


def test_what_disarms_it_from_elsewhere_shows_at_once(stage: Stage, qtbot: QtBot) -> None:
    stage.control.toggle(Cause.BUTTON)
    stage.controller.disarm(Cause.SOURCE_LOST)
    qtbot.waitUntil(lambda: "Disarmed" in arm_button(stage).text(), timeout=1000)
    assert stage.page.arming.state.text() == "Disarmed: the picture was lost."


def test_a_dry_run_is_not_mistaken_for_keys(make_stage: StageMaker) -> None:
    stage = make_stage(sender=DryRun())
    arm_button(stage).click()
    assert "dry run" in arm_button(stage).text()
    assert "no keys are sent" in stage.page.arming.state.text()


def test_the_profile_changes_the_keys_that_are_shown_and_sent(stage: Stage) -> None:
    changed: list[str] = []
    stage.control.settings_changed.connect(lambda settings: changed.append(settings.profile))
    choose(stage, "Thumb Up", ControlAction.START)
    choice = stage.page.bindings.choices["Thumb Up"]
    assert choice.currentText() == "Start show (no key)"
    profile = stage.page.arming.profile
    profile.setCurrentIndex(profile.findData("impress"))
    profile.activated.emit(profile.currentIndex())
    assert choice.currentText() == "Start show (F5)"
    assert changed == ["clicker", "impress"]


def test_a_binding_holds_from_the_next_gesture_on(stage: Stage) -> None:
    stage.controller.arm(Cause.BUTTON)
    choose(stage, "Swiping Left", ControlAction.LAST)
    stage.sender.where = MAIL
    stage.controller.set_active(False)
    stage.controller.observe(fired("Swiping Left", 1.0))
    assert stage.sender.sent == ["End"]


def test_a_key_of_ones_own_is_chosen_by_pressing_it(stage: Stage, qtbot: QtBot) -> None:
    dialog = stage.page.bindings.open_gesture("Thumb Up", ControlAction.CUSTOM)
    dialog.accept()
    assert dialog.isVisible()  # there is no key yet
    assert "press the key" in dialog.complaint.text()
    dialog.key.setKeySequence(QKeySequence("Ctrl+PgDown"))
    dialog.accept()
    assert not dialog.isVisible()
    binding = stage.control.settings.binding_for("Thumb Up")
    assert binding == Binding(ControlAction.CUSTOM, "Ctrl+PageDown")
    assert "Ctrl+PageDown" in stage.page.bindings.choices["Thumb Up"].currentText()


def test_to_call_it_off_changes_nothing(stage: Stage) -> None:
    before = stage.control.settings
    dialog = stage.page.bindings.open_gesture("Thumb Up", ControlAction.CUSTOM)
    dialog.reject()
    assert stage.control.settings == before


def test_a_gesture_gets_thresholds_of_its_own_and_loses_them_again(stage: Stage) -> None:
    heard: list[dict[str, GestureThresholds]] = []
    stage.control.decision_changed.connect(lambda decision: heard.append(decision.gestures))
    dialog = stage.page.bindings.open_gesture("Thumb Up")
    assert (dialog.threshold.share, dialog.hold.seconds) == (None, None)
    dialog.threshold.setValue(85)
    dialog.hold.setValue(0.5)
    dialog.accept()
    dialog = stage.page.bindings.open_gesture("Thumb Up")
    assert (dialog.threshold.share, dialog.hold.seconds) == (0.85, 0.5)
    dialog.threshold.setValue(0)
    dialog.hold.setValue(dialog.hold.minimum())
    dialog.accept()
    assert heard == [{"Thumb Up": GestureThresholds(0.85, 0.5)}, {}]


def test_times_and_arming_are_edited_in_one_place(stage: Stage) -> None:
    dialog = stage.page.bindings.open_timing()
    dialog.lockout.setValue(1.25)
    dialog.cool_downs[ControlAction.BLACK].setValue(3)
    dialog.arm_gesture.setCurrentIndex(dialog.arm_gesture.findData("Thumb Up"))
    dialog.focus_loss.setChecked(False)
    dialog.fire.setValue(30)  # the release may not lie above it
    dialog.accept()
    decision, settings = stage.control.decision, stage.control.settings
    assert (decision.opposite_lockout_s, decision.fire_above) == (1.25, 0.3)
    assert decision.release_below <= 0.3
    assert settings.cool_down_s == {ControlAction.BLACK: 3.0}
    assert settings.arm_gesture == "Thumb Up"
    assert not settings.disarm_on_focus_loss


def test_the_defaults_are_those_of_the_model(stage: Stage) -> None:
    stage.control.usual_decision = DecisionSettings(fire_above=0.77, opposite_lockout_s=2.0)
    dialog = stage.page.bindings.open_timing()
    restore = dialog.buttons.button(QDialogButtonBox.StandardButton.RestoreDefaults)
    assert restore is not None
    restore.click()
    dialog.accept()
    assert stage.control.decision == stage.control.usual_decision


def test_the_test_key_waits_for_its_countdown(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = stage.page.arming
    card._countdown.setInterval(20)
    card.test.click()
    assert card.test.text() == f"Cancel ({arming_card.COUNTDOWN_S})"
    assert stage.sender.sent == []
    stage.sender.where = MAIL
    stage.controller.set_active(False)
    qtbot.waitUntil(lambda: stage.sender.sent == ["PageDown"], timeout=2000)
    assert card.result.text() == "Test → PageDown: sent."
    stage.sender.where = US
    card.test.click()
    qtbot.waitUntil(lambda: "this window has the keyboard" in card.result.text(), timeout=2000)
    card.test.click()
    card.test.click()
    qtbot.wait(120)
    assert card.result.text() == "The test key was canceled."
    assert stage.sender.sent == ["PageDown"]


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (Outcome.SILENT, "This label never fires."),
        (Outcome.LOW, "Not sure enough: needs 60%."),
        (Outcome.HOLDING, "Sure enough; must last another 0.10 s."),
        (Outcome.UNRELEASED, "Waiting for Swiping Left to end."),
        (Outcome.RETURNING, "Ignored as the way back from Swiping Left."),
        (Outcome.FIRED, "Fired."),
    ],
)
def test_the_meter_says_why(stage: Stage, outcome: Outcome, sentence: str) -> None:
    verdict = Verdict(outcome, "Swiping Right", 0.83, 0.6, 1.0, 0.1, "Swiping Left")
    stage.window.show_snapshot(replace(a_snapshot(), verdict=verdict))
    meter = stage.page.meter
    assert (meter.label.text(), meter.figure.text()) == ("Swiping Right", "83%")
    assert meter.reason.text() == sentence
    assert sentence in meter.bar.accessibleDescription()


def test_the_newest_gestures_are_listed_with_what_became_of_them(
    stage: Stage, qtbot: QtBot
) -> None:
    for time_s in range(6):
        stage.controller.observe(fired("Swiping Left", float(time_s)))
    stage.controller.observe(fired("Thumb Up", 7.0))
    qtbot.waitUntil(lambda: "Thumb Up" in stage.page.meter.lines[0].text(), timeout=1000)
    assert [line.text() for line in stage.page.meter.lines] == [
        "Thumb Up: does nothing",
        *["Swiping Left → PageDown: not sent, disarmed"] * 3,
    ]


@pytest.mark.parametrize("tab", [0, 1])
@pytest.mark.parametrize("size", [(960, 600), (1280, 800)])
@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
def test_no_text_is_cut(
    make_stage: StageMaker,
    qtbot: QtBot,
    qapp: QApplication,
    size: tuple[int, int],
    tab: int,
    scheme: Scheme,
) -> None:
    apply_scheme(qapp, scheme)
    stage = make_stage(size, tab=tab)
    stage.window.show_status(PipelineStatus(PipelineState.RUNNING, "", "Camera 0", 30.0))
    stage.window.show_snapshot(a_snapshot())
    qtbot.wait(20)
    assert (stage.window.width(), stage.window.height()) == size
    cut = [
        label.text()
        for label in stage.window.findChildren(QLabel)
        if label.isVisible()
        and label.text()
        and not isinstance(label, ElidedLabel)
        and (
            label.width() < label.minimumSizeHint().width()
            or label.height() < label.minimumSizeHint().height()
        )
    ]
    assert cut == []


def test_everything_has_a_name_and_can_be_reached_by_keyboard(stage: Stage) -> None:
    for kind in (QAbstractButton, QComboBox):
        for widget in stage.page.findChildren(kind):
            named = widget.accessibleName() or (
                isinstance(widget, QAbstractButton) and widget.text()
            )
            assert named, widget
            assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus, widget.accessibleName()


def test_every_key_survives_the_way_through_the_field() -> None:
    for name in KEYS:
        stroke = KeyStroke(name)
        assert stroke_of(sequence_of(stroke)) == stroke

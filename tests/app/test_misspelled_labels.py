from __future__ import annotations

import pytest

from app.control.actions import ControlAction
from app.control.bindings import Binding
from app.control.settings import ControlSettings
from app.misspelled_labels import warn_of_misspelled_labels
from app.settings import Settings
from models.decision import DecisionSettings, GestureThresholds

# Those of Jester that resemble each other most.
LABELS = (
    "Swiping Left",
    "Swiping Right",
    "Sliding Two Fingers Left",
    "Thumb Up",
    "Zooming In With Full Hand",
    "Zooming In With Two Fingers",
    "Turning Hand Clockwise",
)


def binding(label: str) -> Settings:
    return Settings(control=ControlSettings(bindings={label: Binding(ControlAction.BLACK)}))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("swiping left", "Swiping Left"),
        ("Swipping Left", "Swiping Left"),
        ("Swiping  Left ", "Swiping Left"),
        ("thumb up", "Thumb Up"),
        ("Zooming In With Ful Hand", "Zooming In With Full Hand"),
    ],
)
def test_a_binding_that_is_almost_a_label_is_told(
    caplog: pytest.LogCaptureFixture, written: str, meant: str
) -> None:
    warn_of_misspelled_labels(binding(written), LABELS)
    assert caplog.messages == [
        f"The settings name the gesture '{written}', which this model does not have; "
        f"write '{meant}' if that is meant."
    ]


@pytest.mark.parametrize(
    "written",
    [
        *LABELS,
        "Sliding Two Fingers Right",
        "Swiping Down",
        "Thumb Down",
        "Zooming Out With Full Hand",
        "Zooming Out With Two Fingers",
        "Turning Hand Counterclockwise",
        "Wave",
    ],
)
def test_a_label_of_this_model_or_of_another_is_not(
    caplog: pytest.LogCaptureFixture, written: str
) -> None:
    warn_of_misspelled_labels(binding(written), LABELS)
    assert caplog.messages == []


def test_what_arms_and_thresholds_count_as_well_and_each_label_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = Settings(
        control=ControlSettings(arm_gesture="thumb up"),
        decision=DecisionSettings(
            gestures={name: GestureThresholds(hold_s=1.0) for name in ("thumb up", "THUMB UP")}
        ),
    )
    warn_of_misspelled_labels(settings, LABELS)
    assert len(caplog.messages) == 2

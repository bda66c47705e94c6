import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.labels import JESTER_LABELS, mirrored_label

labels = st.sampled_from(JESTER_LABELS)


def test_there_are_27_different_labels() -> None:
    assert len(JESTER_LABELS) == len(set(JESTER_LABELS)) == 27


@given(labels)
def test_mirroring_twice_changes_nothing(label: str) -> None:
    assert mirrored_label(label) in JESTER_LABELS
    assert mirrored_label(mirrored_label(label)) == label


def test_only_sideways_motions_and_turns_are_swapped() -> None:
    swapped = {label for label in JESTER_LABELS if mirrored_label(label) != label}
    assert swapped == {
        "Swiping Left",
        "Swiping Right",
        "Sliding Two Fingers Left",
        "Sliding Two Fingers Right",
        "Turning Hand Clockwise",
        "Turning Hand Counterclockwise",
    }
    assert mirrored_label("Swiping Left") == "Swiping Right"
    assert mirrored_label("Turning Hand Clockwise") == "Turning Hand Counterclockwise"


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="not a Jester label"):
        mirrored_label("Swiping Sideways")

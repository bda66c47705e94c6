from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Xlib import XK

import app.control.senders.xtest  # noqa: F401  # loads the names of the volume keys
from app.control.actions import ControlAction
from app.control.keys import KEYS, KeyStroke, Modifier
from app.control.profiles import CLICKER, PROFILES

strokes = st.builds(
    lambda key, held: KeyStroke(key, tuple(m for m in Modifier if m in held)),
    st.sampled_from(sorted(KEYS)),
    st.sets(st.sampled_from(list(Modifier))),
)


@given(strokes)
def test_a_key_that_is_written_is_read_again(stroke: KeyStroke) -> None:
    assert KeyStroke.parse(str(stroke)) == stroke
    assert KeyStroke.parse(str(stroke).upper()) == stroke


@pytest.mark.parametrize(
    "wrong", ["", "+", "Ctrl+", "Hyper+B", "F99", "Ctrl", "PageDown+Ctrl", "ä"]
)
def test_what_is_no_key_is_refused_in_one_sentence(wrong: str) -> None:
    with pytest.raises(ValueError, match="is not a key; write one such as PageDown"):
        KeyStroke.parse(wrong)


def test_x11_knows_every_key() -> None:
    assert [name for name, key in KEYS.items() if not XK.string_to_keysym(key.x11)] == []


def test_every_profile_moves_as_a_hardware_clicker_does() -> None:
    for profile in PROFILES.values():
        assert str(profile.keys[ControlAction.NEXT]) == "PageDown"
        assert str(profile.keys[ControlAction.PREVIOUS]) == "PageUp"


def test_b_is_sent_only_where_it_blackens_the_screen() -> None:
    with_black = {name for name, each in PROFILES.items() if ControlAction.BLACK in each.keys}
    assert set(PROFILES) - with_black == {"qpdfview", "zathura", "mupdf", "xpdf", "chromium-pdf"}
    for name in with_black:
        assert str(PROFILES[name].keys[ControlAction.BLACK]) == "B"


def test_f5_and_esc_are_sent_only_where_a_profile_asks_for_them() -> None:
    sent = {
        name: {stroke.key for stroke in profile.keys.values()} for name, profile in PROFILES.items()
    }
    assert {name for name, keys in sent.items() if "Esc" in keys} == {
        *("impress", "powerpoint", "google-slides", "keynote", "pdf", "okular", "qpdfview")
    }
    assert {name for name, keys in sent.items() if "F5" in keys} == {
        *("impress", "powerpoint", "google-slides", "pdf", "zathura")
    }
    assert next(iter(PROFILES)) == CLICKER

"""The keys of each program for the actions.

PageDown, PageUp and B are what hardware clickers send, so every program that works with a clicker
accepts them. F5 and Esc do harm elsewhere (they reload and leave pages, or end the program), so
only the profiles of programs that need them contain them. B goes back a page in some PDF viewers,
whose profiles have no black screen.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from app.control.actions import ControlAction
from app.control.keys import KeyStroke


@dataclass(frozen=True)
class Profile:
    """The keys of one program.

    Attributes:
        name: Its name on the command line and in the settings.
        title: Its name for people.
        keys: The key for each action that the program supports.
    """

    name: str
    title: str
    keys: Mapping[ControlAction, KeyStroke]


CLICKER = "clicker"
"""The profile for every program that works with a hardware clicker."""

_COMMON = {
    ControlAction.NEXT: "PageDown",
    ControlAction.PREVIOUS: "PageUp",
    ControlAction.VOLUME_UP: "VolumeUp",
    ControlAction.VOLUME_DOWN: "VolumeDown",
}


def _profile(
    name: str,
    title: str,
    *,
    start: str = "",
    end: str = "",
    black: str = "B",
    first: str = "Home",
    last: str = "End",
) -> Profile:
    """Return a profile; a key that is empty does not exist in the program."""
    keys = _COMMON | {
        ControlAction.START: start,
        ControlAction.END: end,
        ControlAction.BLACK: black,
        ControlAction.FIRST: first,
        ControlAction.LAST: last,
    }
    strokes = {action: KeyStroke.parse(key) for action, key in keys.items() if key}
    return Profile(name, title, strokes)


def _on_mac(there: str, elsewhere: str) -> str:
    return there if sys.platform == "darwin" else elsewhere


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        _profile(CLICKER, "Like a clicker (any program)"),
        _profile("impress", "LibreOffice Impress", start="F5", end="Esc"),
        _profile(
            "powerpoint",
            "PowerPoint",
            start=_on_mac("Meta+Shift+Enter", "F5"),
            end="Esc",
        ),
        _profile(
            "google-slides",
            "Google Slides",
            # F5 alone would reload the page.
            start=_on_mac("Meta+Shift+Enter", "Ctrl+Shift+F5"),
            end="Esc",
        ),
        _profile("keynote", "Keynote", start="Alt+Meta+P", end="Esc"),
        _profile("pdf", "PDF viewer (Evince, Atril)", start="F5", end="Esc"),
        _profile("okular", "Okular", start="Ctrl+Shift+P", end="Esc"),
        _profile("qpdfview", "qpdfview", start="F12", end="Esc", black=""),
        # Esc does not leave the show; the key that starts it does.
        _profile("zathura", "Zathura", start="F5", end="F5", black=""),
        _profile("mupdf", "MuPDF", start="F", end="F", black="", first="G", last="Shift+G"),
        # Esc ends the program.
        _profile(
            "xpdf",
            "Xpdf",
            start="Alt+F",
            end="Alt+F",
            black="",
            first="Ctrl+Home",
            last="Ctrl+End",
        ),
        # These two are in their show from the start, and end the program with it.
        _profile("pdfpc", "pdfpc"),
        _profile("impressive", "Impressive"),
        # F5 would reload the page.
        _profile("chromium-pdf", "PDF in Chromium or Chrome", black=""),
        # Esc opens reveal.js's overview instead of ending anything; F fills the screen.
        _profile("reveal", "reveal.js", start="F"),
    )
}
"""Every profile by its name; the first is the default."""

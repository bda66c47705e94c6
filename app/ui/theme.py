"""The colors of the window, in a light and a dark theme that follow the system.

A widget that paints itself asks for `Theme.of(self)` while it paints. The answer comes from the
widget's own palette, so nothing has to be notified when the system turns dark: Qt repaints all
widgets.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor, QPalette
from PyQt6.QtWidgets import QApplication, QWidget

from app.inspection.channel_state import ChannelState

THEME_VARIABLE = "ADAFUSE_THEME"
"""Environment variable that overrides the system's choice: "light", "dark" or "system"."""


class Scheme(StrEnum):
    """Which theme to use."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Theme:
    """One set of colors, as "#rrggbb".

    The policy colors come from the Okabe-Ito palette, which color-blind people can distinguish;
    skip is the muted one, because a skipped channel is the absence of work.

    Attributes:
        dark: Whether the background is dark.
        window: Background of the window.
        card: Background of the cards.
        border: Hairlines around cards.
        text: Ordinary text; 4.5:1 or better on `window` and `card`.
        muted: Secondary text; 4.5:1 or better on `window` and `card`.
        accent: Marks what is newest and what has the keyboard focus.
        track: Empty part of a bar.
        keep: Channels computed from this frame.
        reuse_cached: Channels taken from the previous frame at no cost.
        reuse_late: Channels taken from the previous frame that had to be computed now.
        skip: Channels set to zero.
    """

    dark: bool
    window: str
    card: str
    border: str
    text: str
    muted: str
    accent: str
    track: str
    keep: str
    reuse_cached: str
    reuse_late: str
    skip: str

    @staticmethod
    def of(widget: QWidget) -> Theme:
        """Return the theme that `widget` is shown in."""
        window = widget.palette().color(QPalette.ColorRole.Window)
        return DARK if window.lightness() < 128 else LIGHT

    def state_color(self, state: ChannelState) -> QColor:
        """Return the color of a channel in `state`; before the first step it is transparent."""
        colors = {
            ChannelState.KEEP: self.keep,
            ChannelState.REUSE_CACHED: self.reuse_cached,
            ChannelState.REUSE_LATE: self.reuse_late,
            ChannelState.SKIP: self.skip,
            ChannelState.REUSE: self.reuse_cached,
            ChannelState.NOTHING: "#00000000",
        }
        return QColor(colors[state])

    def palette(self) -> QPalette:
        """Return the Qt palette for the standard widgets."""
        palette = QPalette()
        roles = {
            QPalette.ColorRole.Window: self.window,
            QPalette.ColorRole.WindowText: self.text,
            QPalette.ColorRole.Base: self.card,
            QPalette.ColorRole.AlternateBase: self.window,
            QPalette.ColorRole.Text: self.text,
            QPalette.ColorRole.PlaceholderText: self.muted,
            QPalette.ColorRole.Button: self.card,
            QPalette.ColorRole.ButtonText: self.text,
            QPalette.ColorRole.ToolTipBase: self.card,
            QPalette.ColorRole.ToolTipText: self.text,
            QPalette.ColorRole.Highlight: self.accent,
            QPalette.ColorRole.HighlightedText: self.window if self.dark else "#ffffff",
            QPalette.ColorRole.Link: self.accent,
            QPalette.ColorRole.Accent: self.accent,
        }
        for role, color in roles.items():
            palette.setColor(role, QColor(color))
        for role in (
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.Text,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(self.muted))
        return palette

    def style_sheet(self) -> str:
        """Return the rules that Qt's palette cannot express: cards and the roles of labels."""
        return f"""
            QFrame[role="card"] {{
                background: {self.card}; border: 1px solid {self.border}; border-radius: 10px;
            }}
            QLabel[role="title"] {{ color: {self.text}; font-weight: 600; }}
            QLabel[role="muted"] {{ color: {self.muted}; }}
            QStatusBar {{ background: {self.card}; border-top: 1px solid {self.border}; }}
            QStatusBar::item {{ border: none; }}
            QMenuBar {{ background: {self.card}; border-bottom: 1px solid {self.border}; }}
            QMenuBar::item {{ padding: 4px 10px; background: transparent; }}
            QMenuBar::item:selected {{ background: {self.track}; border-radius: 4px; }}
            QToolTip {{
                color: {self.text}; background: {self.card};
                border: 1px solid {self.border}; padding: 4px;
            }}
        """


LIGHT = Theme(
    dark=False,
    window="#f1f3f6",
    card="#ffffff",
    border="#dce0e6",
    text="#1a1f27",
    muted="#596373",
    accent="#0067a5",
    track="#e9ecf0",
    keep="#0072b2",
    reuse_cached="#56b4e9",
    reuse_late="#e69f00",
    skip="#d3d8df",
)

DARK = Theme(
    dark=True,
    window="#14171c",
    card="#1c2027",
    border="#2d333d",
    text="#e8ebf0",
    muted="#9aa4b3",
    accent="#6cc0f0",
    track="#272c35",
    keep="#2f8fd0",
    reuse_cached="#8fd3f7",
    reuse_late="#e9a820",
    skip="#3d4552",
)


def scheme_from_environment() -> Scheme:
    """Return the scheme that `THEME_VARIABLE` asks for; SYSTEM if it names none."""
    wanted = os.environ.get(THEME_VARIABLE, "").strip().lower()
    return Scheme(wanted) if wanted in list(Scheme) else Scheme.SYSTEM


def apply_scheme(application: QApplication, scheme: Scheme) -> Theme:
    """Apply a theme to the whole application.

    Args:
        application: The application.
        scheme: Which theme; SYSTEM asks the desktop, and is light if the desktop does not say.

    Returns:
        The theme that is in use now.
    """
    hints = application.styleHints()
    if scheme is Scheme.SYSTEM and hints is not None:
        dark = hints.colorScheme() == Qt.ColorScheme.Dark
    else:
        dark = scheme is Scheme.DARK
    theme = DARK if dark else LIGHT
    application.setPalette(theme.palette())
    application.setStyleSheet(theme.style_sheet())
    return theme


def follow_system(application: QApplication) -> None:
    """Use Fusion with our themes from now on, and switch them when the desktop does."""
    application.setStyle("Fusion")
    scheme = scheme_from_environment()
    apply_scheme(application, scheme)
    hints = application.styleHints()
    if scheme is Scheme.SYSTEM and hints is not None:
        hints.colorSchemeChanged.connect(lambda _: apply_scheme(application, Scheme.SYSTEM))

"""Text is readable, policies can be told apart by everybody, and the desktop's choice counts."""

from __future__ import annotations

from itertools import combinations

import cv2
import numpy as np
import pytest
from PyQt6.QtCore import Qt
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.ui.live.prediction_overlay import PLATE, QUIET_TEXT, TEXT
from app.ui.theme import (
    DARK,
    LIGHT,
    THEME_VARIABLE,
    Scheme,
    Theme,
    apply_scheme,
    follow_system,
    scheme_from_environment,
)

# How the three kinds of color blindness see linear RGB (Machado et al. 2009, severity 1).
COLOR_BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "deutan": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "tritan": np.array([[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]]),
}


def linear(color: QColor) -> np.ndarray:
    values = np.array([color.redF(), color.greenF(), color.blueF()])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(first: QColor, second: QColor) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    low, high = sorted(float(weights @ linear(color)) for color in (first, second))
    return (high + 0.05) / (low + 0.05)


def lab(rgb_linear: np.ndarray) -> np.ndarray:
    values = np.clip(rgb_linear, 0, 1)
    srgb = np.where(values <= 0.0031308, 12.92 * values, 1.055 * values ** (1 / 2.4) - 0.055)
    return np.asarray(
        cv2.cvtColor(srgb.astype(np.float32).reshape(1, 1, 3), cv2.COLOR_RGB2Lab)[0, 0]
    )


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["text", "muted", "accent"])
@pytest.mark.parametrize("behind", ["card", "window"])
def test_text_has_enough_contrast(theme: Theme, text: str, behind: str) -> None:
    assert contrast(QColor(getattr(theme, text)), QColor(getattr(theme, behind))) >= 4.5


@pytest.mark.parametrize("text", [TEXT, QUIET_TEXT])
def test_text_over_the_picture_has_enough_contrast_even_over_white(text: QColor) -> None:
    alpha = PLATE.alphaF()
    over_white = [
        round(255 * (1 - alpha) + channel * alpha)
        for channel in (PLATE.red(), PLATE.green(), PLATE.blue())
    ]

    assert contrast(text, QColor(*over_white)) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("kind", COLOR_BLINDNESS)
def test_policies_can_be_told_apart(theme: Theme, kind: str) -> None:
    colors = [
        lab(COLOR_BLINDNESS[kind] @ linear(QColor(color)))
        for color in (theme.keep, theme.reuse_cached, theme.reuse_late, theme.skip)
    ]

    for first, second in combinations(colors, 2):
        assert np.linalg.norm(first - second) >= 15


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("dark", Scheme.DARK),
        (" Light ", Scheme.LIGHT),
        ("system", Scheme.SYSTEM),
        ("", Scheme.SYSTEM),
        ("purple", Scheme.SYSTEM),
    ],
)
def test_an_environment_variable_overrides_the_desktop(
    value: str, scheme: Scheme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(THEME_VARIABLE, value)

    assert scheme_from_environment() is scheme


def test_widgets_change_with_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()

    apply_scheme(qapp, Scheme.DARK)
    assert Theme.of(widget) is DARK
    apply_scheme(qapp, Scheme.LIGHT)
    assert Theme.of(widget) is LIGHT


def test_the_window_follows_the_desktop_while_it_runs(
    qapp: QApplication, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(THEME_VARIABLE, raising=False)
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    hints = qapp.styleHints()
    assert hints is not None

    follow_system(qapp)
    try:
        for wanted, theme in ((Qt.ColorScheme.Dark, DARK), (Qt.ColorScheme.Light, LIGHT)):
            monkeypatch.setattr(type(hints), "colorScheme", lambda _, wanted=wanted: wanted)
            hints.colorSchemeChanged.emit(wanted)
            assert Theme.of(widget) is theme
    finally:
        hints.colorSchemeChanged.disconnect()

"""The cost of a step, in figures that are right and do not jump about."""

from __future__ import annotations

import pytest
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.formatting import gflops_digits, saving_text
from app.ui.network.flops_panel import FlopsPanel
from app.ui.network.flops_plot import WINDOW_S
from app.ui.theme import Scheme, apply_scheme
from models.trace import StepTrace
from tests.ui.scripted import a_dense_trace, a_snapshot


@pytest.fixture
def panel(qtbot: QtBot) -> FlopsPanel:
    panel = FlopsPanel(dense_model=False)
    qtbot.addWidget(panel)
    panel.resize(420, 260)
    panel.show()
    return panel


def costing(gflops: float, dense_gflops: float) -> StepTrace:
    return StepTrace((), round(gflops * 1e9), round(dense_gflops * 1e9))


def test_the_figures_are_those_of_the_step(panel: FlopsPanel) -> None:
    panel.show_snapshot(a_snapshot(trace=costing(0.4536, 1.8143)))

    assert panel.figure.text() == "0.45"
    assert panel.against.text() == "of 1.81 GFLOPs dense"
    assert panel.saving.text() == "75% saved"


def test_a_step_that_costs_more_than_dense_says_so(panel: FlopsPanel) -> None:
    panel.show_snapshot(a_snapshot(trace=costing(2.0, 1.6)))

    assert panel.saving.text() == "25% more than dense"


@pytest.mark.parametrize(
    ("dense", "digits"), [(14.6, 1), (1.82, 2), (0.45, 3), (0.045, 4), (0.0, 4)]
)
def test_three_digits_of_the_dense_figure_are_shown(dense: float, digits: int) -> None:
    assert gflops_digits(dense) == digits


@pytest.mark.parametrize(
    ("gflops", "dense", "text"),
    [(1.0, 1.0, "0% saved"), (0.0, 1.0, "100% saved"), (0.0, 0.0, ""), (1.001, 1.0, "0% saved")],
)
def test_the_saving_in_words(gflops: float, dense: float, text: str) -> None:
    assert saving_text(gflops, dense) == text


def test_a_dense_model_has_nothing_to_save(qtbot: QtBot) -> None:
    panel = FlopsPanel(dense_model=True)
    qtbot.addWidget(panel)
    panel.show_snapshot(a_snapshot(trace=a_dense_trace()))

    assert panel.figure.text() == "1.81"
    assert panel.saving.text() == "Nothing to save"


def test_the_plot_remembers_the_last_twenty_seconds(panel: FlopsPanel) -> None:
    for step in range(400):
        panel.show_snapshot(a_snapshot(trace=costing(1.0, 2.0), time_s=step / 8))
    times_s = [time_s for time_s, _ in panel.plot.points]

    assert times_s[-1] == 399 / 8
    assert times_s[0] == pytest.approx(399 / 8 - WINDOW_S)


def test_the_plot_starts_anew_when_time_jumps_back(panel: FlopsPanel) -> None:
    panel.show_snapshot(a_snapshot(trace=costing(1.0, 2.0), time_s=10))
    panel.show_snapshot(a_snapshot(trace=costing(1.5, 2.0), time_s=1))

    assert panel.plot.points == ((1, 1.5),)


def test_the_plot_can_be_drawn_in_both_themes(panel: FlopsPanel, qapp: QApplication) -> None:
    panel.show_snapshot(a_snapshot(trace=costing(0.0, 0.0)))
    light = panel.plot.grab().toImage()
    apply_scheme(qapp, Scheme.DARK)
    dark = panel.plot.grab().toImage()

    assert light.pixelColor(200, 5).lightness() > 200
    assert dark.pixelColor(200, 5).lightness() < 60

"""Keep, reuse and skip: right figures, and bars whose parts fill them exactly."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QColor
from PyQt6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.ui.network.policy_bars import block_tooltip
from app.ui.network.policy_panel import DENSE_TEXT, WAITING_TEXT, PolicyPanel
from app.ui.theme import LIGHT
from models.trace import StepTrace
from tests.ui.scripted import RESNET50, a_block, a_dense_trace, a_snapshot, a_trace

COLORS = tuple(
    QColor(color) for color in (LIGHT.keep, LIGHT.reuse_cached, LIGHT.reuse_late, LIGHT.skip)
)


@pytest.fixture
def panel(qtbot: QtBot) -> PolicyPanel:
    panel = PolicyPanel(dense_model=False)
    qtbot.addWidget(panel)
    panel.resize(430, 480)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def widths(widget: QWidget, bar: QRectF) -> list[int]:
    """Return how many pixels of each policy's color stand in the middle row of a bar."""
    image = widget.grab().toImage()
    row = round(bar.center().y())
    pixels = [image.pixelColor(x, row).name() for x in range(round(bar.left()), round(bar.right()))]
    return [pixels.count(color.name()) for color in COLORS]


def test_the_figures_are_shares_of_all_channels(panel: PolicyPanel) -> None:
    blocks = (a_block("layer1.0", 16, 8, 8, 32), a_block("layer2.0", 0, 0, 0, 128))
    panel.show_snapshot(a_snapshot(trace=StepTrace(blocks, 10, 20)))

    shown = {name: figure.value.text() for name, figure in panel.figures.items()}
    assert shown == {"Keep": "8%", "Reuse": "8%", "Skip": "83%"}
    assert panel.remark.text() == "192 in 2 blocks"


def test_a_bar_shows_the_parts_of_its_block(panel: PolicyPanel) -> None:
    panel.show_snapshot(
        a_snapshot(trace=StepTrace((a_block("layer1.0", 64, 32, 32, 128),), 10, 20))
    )
    bar = panel.bars.bar_rect(0)

    parts = widths(panel.bars, bar)
    shares = (0.25, 0.125, 0.125, 0.5)
    for part, share in zip(parts, shares, strict=True):
        assert part == pytest.approx(share * bar.width(), abs=2)


@pytest.mark.parametrize("phase", [0.0, 1.3, 2.9])
def test_the_parts_fill_every_bar(panel: PolicyPanel, phase: float) -> None:
    panel.show_snapshot(a_snapshot(trace=a_trace(RESNET50, phase)))

    for index in range(16):
        bar = panel.bars.bar_rect(index)
        # At most a pixel is blended where two parts meet, and at the ends.
        assert sum(widths(panel.bars, bar)) >= bar.width() - 6
    total = panel.total
    assert sum(widths(total, QRectF(total.rect()))) >= total.width() - 6


@pytest.mark.parametrize("only", range(4))
def test_a_part_that_has_everything_fills_the_bar_alone(panel: PolicyPanel, only: int) -> None:
    counts = [0, 0, 0, 0]
    counts[only] = 64
    panel.show_snapshot(a_snapshot(trace=StepTrace((a_block("layer1.0", *counts),), 10, 20)))
    bar = panel.bars.bar_rect(0)

    parts = widths(panel.bars, bar)
    assert parts[only] >= bar.width() - 3
    assert sum(parts) == parts[only]


def test_all_blocks_of_a_resnet50_are_in_view(panel: PolicyPanel) -> None:
    panel.show_snapshot(a_snapshot(trace=a_trace(RESNET50)))
    bars = panel.bars

    assert [block.name for block in bars.blocks] == list(RESNET50)
    assert bars.visibleRegion().boundingRect().contains(bars.bar_rect(15).toAlignedRect())


def test_more_blocks_than_fit_can_be_scrolled(panel: PolicyPanel, qtbot: QtBot) -> None:
    names = tuple(f"layer1.{index}" for index in range(60))
    panel.show_snapshot(a_snapshot(trace=a_trace(names)))
    bars = panel.bars
    viewport = bars.parentWidget()
    assert viewport is not None

    qtbot.waitUntil(lambda: bars.height() > viewport.height())
    assert bars.bar_rect(1).top() - bars.bar_rect(0).top() >= 13


def test_the_numbers_of_a_block_are_in_its_tooltip() -> None:
    text = block_tooltip(a_block("layer2.0", 64, 32, 0, 32))

    for part in ("layer2.0", "128 channels", "64", "50%", "32", "25%"):
        assert part in text


def test_a_dense_model_keeps_everything_and_says_why(qtbot: QtBot) -> None:
    panel = PolicyPanel(dense_model=True)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.note.isVisible()
    assert panel.note.text() == DENSE_TEXT

    panel.show_snapshot(a_snapshot(trace=a_dense_trace()))

    shown = [figure.value.text() for figure in panel.figures.values()]
    assert shown == ["100%", "0%", "0%"]
    assert panel.note.isVisible()
    assert sum(widths(panel.total, QRectF(panel.total.rect()))) >= panel.total.width() - 2


def test_before_the_first_prediction_the_panel_says_what_will_come(panel: PolicyPanel) -> None:
    assert panel.note.isVisible()
    assert panel.note.text() == WAITING_TEXT
    assert {figure.value.text() for figure in panel.figures.values()} == {"–"}

    panel.show_snapshot(a_snapshot())
    assert not panel.note.isVisible()

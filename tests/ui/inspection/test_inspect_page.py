"""The page shows what the traces told, costs nothing while hidden, and can be used by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt6.QtCore import QPointF, Qt
from PyQt6.QtGui import QColor, QImage
from PyQt6.QtWidgets import QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from app.inspection.channel_state import ChannelState
from app.live.snapshot import RunningModel
from app.ui.inspection.block_model import UNTIMED, Column
from app.ui.inspection.block_table import stacked
from app.ui.inspection.inspect_page import WIDE_PX, InspectPage
from app.ui.theme import LIGHT
from models.engines.dense_reference import DenseReference
from models.trace import StepTrace
from tests.app.inspection.scripted import a_prediction, predictions_of
from tests.ui.inspection.conftest import STREAMS, PageMaker, feed, snapshot_of
from tests.ui.scripted import a_spec


def cell_text(page: InspectPage, row: int, column: Column) -> str:
    return str(page.model.data(page.model.index(row, column)))


def press(qtbot: QtBot, widget: QWidget, key: Qt.Key) -> None:
    widget.setFocus()
    qtbot.keyClick(widget, key)  # type: ignore[no-untyped-call]


def center_of(page: InspectPage, line: int, step: int) -> QPointF:
    """Return the middle of a cell of the map."""
    shown = page.map_card.map
    content, rect = shown.content, shown.map_rect()
    assert content is not None
    width = rect.width() / (content.steps - shown.first_shown())
    return QPointF(
        rect.left() + width * (step - shown.first_shown() + 0.5),
        rect.top() + rect.height() / content.channels * (line + 0.5),
    )


def test_the_list_tells_cost_and_shares_of_every_block(page: InspectPage) -> None:
    block = page.history.blocks[0]

    assert page.model.rowCount() == 2
    assert cell_text(page, 0, Column.NAME) == "layer1.0"
    assert cell_text(page, 0, Column.FLOPS) == f"{block.multiply_adds[-1] / 1e6:.1f} / 0.0"
    counts = page.model.counts(page.model.index(0, Column.NOW))
    assert counts is not None
    assert counts.tolist() == [2, 0, 0, 2]
    said = page.model.data(page.model.index(0, Column.NOW), Qt.ItemDataRole.AccessibleTextRole)
    assert said == "keep 50%, reuse, cached 0%, reuse, late 0%, skip 50%"


def test_milliseconds_are_said_to_be_unknown_where_they_are(page: InspectPage) -> None:
    assert cell_text(page, 0, Column.TIME) == "–"
    assert page.cost.time.text() == UNTIMED
    assert not page.cost.time_plot.isVisible()


def test_milliseconds_stand_against_dense_ones(page: InspectPage) -> None:
    page.set_dense_reference(DenseReference(step_ms=10.0, block_ms=(0.5, 0.75)))
    for prediction in predictions_of(STREAMS, first=12):
        trace = prediction.trace
        spent_ms = np.array([[0.01, 0.2], [0.02, 0.4]], np.float32)
        timed = StepTrace(trace.blocks, trace.multiply_adds, trace.dense_multiply_adds, spent_ms)
        page.show_snapshot(snapshot_of(a_prediction(timed, prediction.index)))

    assert cell_text(page, 0, Column.TIME) == "0.21 / 0.50"
    assert cell_text(page, 1, Column.TIME) == "0.42 / 0.75"
    assert page.cost.time.text() == "0.210 ms now, 0.210 usually, of 0.500 dense"
    assert page.cost.time_plot.isVisible()


def test_the_totals_compare_operations_and_time(page: InspectPage) -> None:
    assert page.totals.text() == "So far 60.0 MFLOPs saved"
    page.set_dense_reference(DenseReference(step_ms=10.0))
    assert page.totals.text() == "So far 60.0 MFLOPs and 90 ms saved"
    page.set_dense_reference(DenseReference(step_ms=1.0))
    assert page.totals.text() == "So far 60.0 MFLOPs saved, 18 ms more than dense"
    assert "1.0 ms per step, measured once on this machine" in page.totals.toolTip()


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_no_time_is_saved_by_an_engine_that_computes_everything(
    page: InspectPage, engine: str
) -> None:
    running = RunningModel(a_spec(), engine, saves_time=False)
    prediction = next(iter(predictions_of(STREAMS, first=12)))
    page.set_dense_reference(DenseReference(step_ms=10.0))
    page.show_snapshot(replace(snapshot_of(prediction), model=running))

    assert page.totals.text() == "Policy: 60.0 MFLOPs saved, no time"
    assert f"The {engine} engine computes every channel" in page.totals.toolTip()


def test_arrow_keys_select_a_block(page: InspectPage, qtbot: QtBot) -> None:
    assert page.map_card.remark.text() == "layer1.0, 4 channels"
    press(qtbot, page.table, Qt.Key.Key_Down)

    assert page.map_card.remark.text() == "layer2.0, 24 channels"
    content = page.map_card.map.content
    assert content is not None
    np.testing.assert_array_equal(content.states, page.history.blocks[1].states)


def test_the_map_is_colored_by_what_became_of_each_channel(page: InspectPage) -> None:
    shown = page.map_card.map
    image = shown.grab().toImage()
    colors = {
        ChannelState.KEEP: LIGHT.keep,
        ChannelState.REUSE_CACHED: LIGHT.reuse_cached,
        ChannelState.REUSE_LATE: LIGHT.reuse_late,
        ChannelState.SKIP: LIGHT.skip,
    }
    states = page.history.blocks[0].states
    assert set(states.ravel().tolist()) == set(colors)
    for line in range(4):
        for step in range(12):
            point = center_of(page, line, step).toPoint()
            expected = QColor(colors[ChannelState(int(states[line, step]))])
            assert image.pixelColor(point) == expected, (line, step)


def test_pointing_at_a_cell_tells_channel_time_and_action(page: InspectPage, qtbot: QtBot) -> None:
    shown = page.map_card.map
    qtbot.mouseMove(shown, center_of(page, 2, 4).toPoint())  # type: ignore[no-untyped-call]
    qtbot.waitUntil(lambda: shown.cell == (2, 4))
    assert page.map_card.pointed.text() == "Channel 2, 0.88 s ago: reuse, cached"

    press(qtbot, shown, Qt.Key.Key_Right)
    assert page.map_card.pointed.text() == "Channel 2, 0.75 s ago: reuse, late"
    press(qtbot, shown, Qt.Key.Key_Down)
    assert page.map_card.pointed.text() == "Channel 3, 0.75 s ago: skip"
    assert shown.accessibleDescription() == page.map_card.pointed.text()


def test_the_cell_stays_on_its_step_while_time_goes_by(page: InspectPage, qtbot: QtBot) -> None:
    shown = page.map_card.map
    press(qtbot, shown, Qt.Key.Key_Up)
    assert page.map_card.pointed.text() == "Channel 0, 0.00 s ago: keep"
    feed(page, [actions[:, :2] for actions in STREAMS], first=12)

    assert page.map_card.pointed.text() == "Channel 0, 0.00 s ago: keep"


def test_channels_can_be_sorted_by_how_often_they_are_kept(page: InspectPage) -> None:
    page.map_card.order.setCurrentIndex(1)
    content = page.map_card.map.content

    assert content is not None
    assert content.order.tolist() == [0, 2, 3, 1]
    assert content.describe(1, 0).startswith("Channel 2,")


def test_how_long_actions_last_is_said_in_words(page: InspectPage) -> None:
    assert page.runs.medians.text() == "Median: keep 4 (0.5 s), reuse 1 (0.1 s), skip 1 (0.1 s)"
    assert page.runs.static.text() == (
        "50% of the channels never changed in 2 s\n(always keep 25%, reuse 0%, skip 25%)"
    )


def test_while_hidden_it_only_remembers(make_page: PageMaker) -> None:
    page = make_page()
    feed(page)
    page.hide()
    before = page.map_card.map.content
    feed(page, first=12)

    assert page.history.steps == 24
    assert page.map_card.map.content is before
    page.show()
    content = page.map_card.map.content
    assert content is not None
    assert content.steps == 24


def test_showing_it_asks_for_times(make_page: PageMaker, qtbot: QtBot) -> None:
    page = make_page()
    page.hide()
    with qtbot.waitSignal(page.opened, timeout=1000):
        page.show()


def test_a_dense_model_is_said_to_have_no_blocks(make_page: PageMaker) -> None:
    page = make_page(dense=True)
    page.show_snapshot(snapshot_of(a_prediction(StepTrace((), 10, 10), 0)))

    assert "no policy networks" in page.note.text()
    assert not page.note.isHidden()
    assert page.table.isHidden()
    assert not page.export.isEnabled()


def test_another_network_is_shown_at_once(page: InspectPage) -> None:
    page.table.selectRow(1)
    feed(page, [STREAMS[1]], first=50)

    assert page.model.rowCount() == 1
    assert page.map_card.remark.text() == "layer1.0, 24 channels"


@pytest.mark.parametrize("width", [380, 430, WIDE_PX, 1200])
def test_the_cards_use_the_width_and_nothing_is_cut(
    make_page: PageMaker, qtbot: QtBot, width: int
) -> None:
    page = make_page((width, 700))
    feed(page)
    qtbot.wait(20)
    cards: tuple[QWidget, ...] = (page.map_card, page.runs, page.cost)

    for card in cards:
        right = card.mapTo(page, card.rect().topRight()).x()
        assert right <= page.width()
        assert card.height() >= card.minimumSizeHint().height()
    beside = page.cost.mapTo(page, QPointF(0, 0)).x() != page.runs.mapTo(page, QPointF(0, 0)).x()
    assert beside == (width >= WIDE_PX)
    bar = page.horizontalScrollBar()
    assert bar is not None
    assert bar.maximum() == 0


def test_every_control_has_a_name(page: InspectPage) -> None:
    for widget in (page.table, page.map_card.map, page.map_card.order, page.export):
        assert widget.accessibleName()


@pytest.mark.parametrize(
    ("entry", "name"), [(0, "map.png"), (1, "map.csv"), (2, "blocks.csv"), (2, "without-suffix")]
)
def test_what_is_on_show_can_be_exported(
    page: InspectPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: int, name: str
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / name), ""))
    trigger(page, entry)

    (written,) = tmp_path.iterdir()
    if entry == 0:
        image = QImage(str(written))
        shades = {image.pixelColor(x, y).name() for x in range(70, 200) for y in range(60, 300, 5)}
        assert {LIGHT.keep, LIGHT.reuse_cached, LIGHT.reuse_late, LIGHT.skip} <= shades
    else:
        assert written.suffix == ".csv"
        lines = written.read_text(encoding="utf-8").splitlines()
        assert len(lines) == (5 if entry == 1 else 3)


def test_an_export_that_fails_is_told(
    page: InspectPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    nowhere = tmp_path / "missing" / "map.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(nowhere), ""))
    trigger(page, 0)

    (box,) = page.findChildren(QMessageBox)
    assert "cannot be written" in box.text()
    box.close()


def test_an_export_can_be_called_off(
    page: InspectPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    trigger(page, 1)
    assert list(tmp_path.glob("*.csv")) == []


def trigger(page: InspectPage, entry: int) -> None:
    """Choose an entry of the export menu."""
    menu = page.export.menu()
    assert menu is not None
    menu.actions()[entry].trigger()


@pytest.mark.parametrize("steps", [1, 7, 300])
@pytest.mark.parametrize("columns", [1, 60, 400])
def test_the_small_histories_keep_their_proportions(steps: int, columns: int) -> None:
    counts = np.tile(np.array([[4], [2], [2], [8]], np.int32), steps)
    cells = stacked(counts, 16, columns)

    assert cells.shape == (16, columns)
    newest: Callable[[ChannelState], int] = lambda state: int((cells[:, -1] == state).sum())  # noqa: E731
    assert [newest(state) for state in list(ChannelState)[:4]] == [4, 2, 2, 8]
    assert cells[-1, -1] == ChannelState.KEEP


def test_names_of_blocks_are_cut_at_their_beginning_which_they_share(page: InspectPage) -> None:
    assert page.table.textElideMode() is Qt.TextElideMode.ElideLeft

"""Exports hold what is on show, and leave nothing half-written."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from app.inspection.channel_state import ChannelState
from app.inspection.export import (
    TABLE_COLUMNS,
    ExportError,
    write_block_table,
    write_channel_map,
)
from app.inspection.figures import block_figures, times_at
from app.inspection.history import PolicyHistory
from app.inspection.ordering import ChannelOrder, channel_order
from app.inspection.totals import RunTotals
from models.trace import StepTrace
from tests.app.inspection.scripted import a_prediction, filled, predictions_of, random_streams


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_the_map_can_be_read_back(tmp_path: Path) -> None:
    history = filled()
    block = history.blocks[1]
    order = channel_order(block.states, ChannelOrder.KEEP)
    write_channel_map(tmp_path / "map.csv", history, block, order)

    (_, *times), *lines = read(tmp_path / "map.csv")
    by_words = {state.words: state for state in ChannelState}
    np.testing.assert_allclose([float(time) for time in times], history.times_s, atol=1e-3)
    assert [int(line[0]) for line in lines] == order.tolist()
    found = [[by_words[cell] for cell in line[1:]] for line in lines]
    np.testing.assert_array_equal(found, block.states[order])


def timed_history() -> PolicyHistory:
    """Return a history whose second half was timed: 0.1 ms for the policy, 0.4 for the rest."""
    history = PolicyHistory()
    for prediction in predictions_of(random_streams()):
        trace = prediction.trace
        if prediction.index >= 10:
            spent_ms = np.array([[0.1, 0.4], [0.2, 0.8]], np.float32)
            trace = StepTrace(
                trace.blocks, trace.multiply_adds, trace.dense_multiply_adds, spent_ms
            )
        history.add(a_prediction(trace, prediction.index))
    return history


def test_the_table_has_a_line_for_every_block(tmp_path: Path) -> None:
    history = timed_history()
    figures = [block_figures(history, block, 1.5) for block in history.blocks]
    write_block_table(tmp_path / "blocks.csv", figures)

    header, *lines = read(tmp_path / "blocks.csv")
    assert tuple(header) == TABLE_COLUMNS
    first = dict(zip(header, lines[0], strict=True))
    assert [line[0] for line in lines] == ["layer1.0", "layer2.0"]
    shares = [float(first[name]) for name in ("keep", "reuse_cached", "reuse_late", "skip")]
    assert sum(shares) == pytest.approx(1, abs=1e-3)
    assert float(first["keep"]) == pytest.approx(
        (history.blocks[0].states == ChannelState.KEEP).mean(), abs=1e-4
    )
    assert (first["convolutions_ms"], first["policy_ms"], first["dense_ms"]) == (
        "0.4000",
        "0.1000",
        "1.5000",
    )
    assert first["dense_multiply_adds"] == "6000"


def test_what_is_not_known_stays_empty(tmp_path: Path) -> None:
    history = filled([np.zeros((4, 5), np.int8)])
    write_block_table(tmp_path / "blocks.csv", [block_figures(history, history.blocks[0], None)])

    header, line = read(tmp_path / "blocks.csv")
    found = dict(zip(header, line, strict=True))
    assert found["convolutions_ms"] == found["dense_ms"] == ""
    assert found["median_skip_steps"] == ""
    assert found["median_keep_steps"] == "5"
    assert found["never_changes"] == found["always_keep"] == "1.0000"


def test_a_block_takes_its_policy_and_its_convolutions() -> None:
    times = times_at(timed_history().blocks[0], dense_ms=1.5)
    assert times is not None
    assert times.executed_ms == pytest.approx(0.5)
    assert times_at(filled().blocks[0], dense_ms=1.5) is None


def test_a_place_that_cannot_be_written_is_said_in_a_sentence(tmp_path: Path) -> None:
    history = filled()
    with pytest.raises(ExportError, match=r"cannot be written .*; choose another folder\."):
        write_block_table(
            tmp_path / "missing" / "blocks.csv",
            [block_figures(history, history.blocks[0], None)],
        )
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "blocks.csv"
    path.write_text("old\n" * 1000, encoding="utf-8")
    history = filled()
    write_block_table(path, [block_figures(history, history.blocks[0], None)])

    assert "old" not in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_totals_add_up() -> None:
    totals = RunTotals()
    for _ in range(4):
        totals = totals.plus(StepTrace((), 30, 100), step_ms=3.0)

    assert totals.steps == 4
    assert totals.saved_multiply_adds == 280
    assert totals.saved_ms(dense_step_ms=10.0) == pytest.approx(28.0)

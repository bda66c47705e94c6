"""Pages and windows over known histories, and a recording of a real run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from app.inspection.totals import RunTotals
from app.live.snapshot import Prediction, Snapshot
from app.ui.inspection.inspect_page import InspectPage
from models.spec import ModelSpec
from tests.app.inspection.fakes import FakeRecording
from tests.app.inspection.real_run import record
from tests.app.inspection.scripted import predictions_of
from tests.ui.scripted import a_spec

STREAMS = (
    np.array([[0] * 12, [2] * 12, [0, 0, 0, 0, 1, 1, 2, 2, 2, 0, 0, 0], [1, 2] * 6], np.int8),
    np.random.default_rng(0).integers(0, 3, (24, 12), np.int8),
)
"""Actions of two blocks: four channels that are easy to follow, and many."""


def snapshot_of(prediction: Prediction) -> Snapshot:
    totals = RunTotals(prediction.index + 1, 40_000_000, 100_000_000, 30.0)
    return Snapshot(prediction, (), None, prediction.index + 1, 0, 20.0, totals=totals)


def feed(page: InspectPage, streams: Sequence[NDArray[np.int8]] = STREAMS, first: int = 0) -> None:
    """Let a page see a stream, as from a running pipeline."""
    for prediction in predictions_of(streams, first):
        page.show_snapshot(snapshot_of(prediction))


PageMaker = Callable[..., InspectPage]


@pytest.fixture
def make_page(qtbot: QtBot) -> PageMaker:
    def make(size: tuple[int, int] = (430, 700), *, dense: bool = False) -> InspectPage:
        page = InspectPage(a_spec(dense=dense))
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        qtbot.waitExposed(page)
        return page

    return make


@pytest.fixture
def page(make_page: PageMaker) -> InspectPage:
    page = make_page()
    feed(page)
    return page


@pytest.fixture(scope="session")
def real_run(tiny_bundle: Path) -> tuple[FakeRecording, ModelSpec]:
    """A bundle over four seconds of the demo clip; not to be closed for good."""
    return record(tiny_bundle, frames=120)

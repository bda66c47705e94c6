"""The measurement in the background ends by itself or when told, and never breaks anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.inspection.dense_meter import DenseMeter
from models.engines import fastest
from models.engines.dense_reference import remembered_reference
from models.two_views.bundle import load_two_views
from tests.app.fakes import wait_until


@pytest.fixture(autouse=True)
def cache_of_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastest, "cache_folder", lambda: tmp_path)


def test_it_finds_the_time_of_a_dense_step(tiny_bundle: Path) -> None:
    meter = DenseMeter(1, delay_s=0)
    assert meter.reference is None
    meter.follow(tiny_bundle, with_blocks=False)
    wait_until(lambda: meter.reference is not None, timeout_s=60)
    meter.close()

    again = DenseMeter(1, delay_s=1000)
    again.follow(tiny_bundle, with_blocks=False)
    wait_until(lambda: again.reference is not None)
    assert again.reference == meter.reference
    again.follow(tiny_bundle, with_blocks=False)  # the same model, with another person
    assert again.reference == meter.reference
    again.close()


def test_of_a_model_of_two_views_it_finds_the_times_of_both(tiny_two_view_bundle: Path) -> None:
    bundle = load_two_views(tiny_two_view_bundle)
    meter = DenseMeter(1, delay_s=0)
    meter.follow(tiny_two_view_bundle, with_blocks=True)
    wait_until(lambda: meter.reference is not None, timeout_s=60)
    meter.close()
    both, crop = meter.reference, remembered_reference(bundle.crop, 1, with_blocks=True)
    assert both is not None
    assert crop is not None
    assert len(both.block_ms) == len(bundle.cost.sites)
    assert both.block_ms[-len(crop.block_ms) :] == crop.block_ms
    assert both.step_ms > crop.step_ms


def test_another_model_is_compared_with_nothing_until_it_is_measured(
    tiny_bundle: Path, tmp_path: Path
) -> None:
    meter = DenseMeter(1, delay_s=0)
    meter.follow(tiny_bundle, with_blocks=False)
    wait_until(lambda: meter.reference is not None, timeout_s=60)
    meter.follow(tmp_path / "nothing", with_blocks=False)
    meter.close()
    assert meter.reference is None


def test_it_can_be_stopped_before_it_measures(tiny_bundle: Path) -> None:
    meter = DenseMeter(1, delay_s=1000)
    meter.follow(tiny_bundle, with_blocks=False)
    meter.close()
    meter.close()
    assert meter.reference is None


def test_without_a_model_there_is_no_figure_and_no_error(tmp_path: Path) -> None:
    meter = DenseMeter(1, delay_s=0)
    meter.follow(tmp_path / "nothing", with_blocks=True)
    meter.close()
    assert meter.reference is None


def test_one_that_never_started_can_be_closed() -> None:
    DenseMeter(1).close()

"""A graph that chooses other actions than its network is refused, but not for one tie."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.engines.base import StreamingEngine
from models.network import export_check
from models.network.adafuse import AdaFuse
from models.network.export import export_bundle
from models.network.export_check import ActionMismatchError
from tests.models.networks import tiny_spec


def disagree(monkeypatch: pytest.MonkeyPatch, *noises: int) -> None:
    """Let the engines choose different actions under some seeds."""
    compare = export_check.largest_difference

    def pretend(first: StreamingEngine, second: StreamingEngine, seed: int) -> float:
        if seed in noises:
            raise ActionMismatchError("The engines choose different actions in layer1.0.")
        return compare(first, second, seed)

    monkeypatch.setattr(export_check, "largest_difference", pretend)


def test_a_tie_under_one_noise_is_no_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disagree(monkeypatch, 0, 1)
    bundle = export_bundle(AdaFuse(tiny_spec()).eval(), tmp_path / "bundle", "card")
    assert bundle.spec == tiny_spec()


def test_a_graph_that_always_decides_differently_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disagree(monkeypatch, *range(export_check.NOISES))
    with pytest.raises(ActionMismatchError, match=r"layer1\.0"):
        export_bundle(AdaFuse(tiny_spec()).eval(), tmp_path / "bundle", "card")
    assert not list(tmp_path.iterdir())

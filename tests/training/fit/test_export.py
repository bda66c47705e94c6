"""A checkpoint becomes a bundle, with the card that it was given or that was there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.cli import main
from training.fit.module import AdaFuseModule

FIELDS = {
    "name": "tiny",
    "backbone": "resnet18",
    "width": 0.125,
    "method": "tsm",
    "policy": {"hidden": 8},
    "frame_interval_s": 0.25,
    "input_height": 32,
    "input_width": 32,
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    module = AdaFuseModule(FIELDS)
    path = tmp_path_factory.mktemp("run") / "last.ckpt"
    content = {"state_dict": module.state_dict(), "hyper_parameters": dict(module.hparams)}
    torch.save(content, path)
    return path


def export(checkpoint: Path, out: Path, *options: str) -> int:
    return main(["export", "--checkpoint", str(checkpoint), "--out", str(out), *options])


def test_a_card_that_is_there_stays_unless_another_is_given(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, card = tmp_path / "bundle", tmp_path / "card.md"
    assert export(checkpoint, out) == 0
    assert (out / "README.md").read_text() == "# tiny\n"
    (out / "README.md").write_text("# My own\n")
    assert export(checkpoint, out) == 0
    assert "the existing card stays" in capsys.readouterr().out
    assert (out / "README.md").read_text() == "# My own\n"
    card.write_text("# Given\n")
    assert export(checkpoint, out, "--card", str(card)) == 0
    assert (out / "README.md").read_text() == "# Given\n"


def test_a_card_that_is_no_text_is_told_and_nothing_is_written(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "card.md"
    card.write_bytes("# Größe\n".encode("latin-1"))
    assert export(checkpoint, tmp_path / "bundle", "--card", str(card)) == 1
    assert capsys.readouterr().err == f"The card {card} cannot be read (it is not text in UTF-8).\n"
    assert not (tmp_path / "bundle").exists()

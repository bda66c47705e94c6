"""Several processes, started as torchrun starts them, learn one and the same network."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest
import torch

from tests.training.fit.fit_process import WEIGHTS, start, write_recipe
from tests.training.jester_folder import write_jester

PROCESSES = 2


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.skipif(sys.platform == "win32", reason="gloo there needs a network that CI lacks")
@pytest.mark.timeout(300)
def test_two_processes_end_with_equal_weights_and_one_set_of_files(tmp_path: Path) -> None:
    write_jester(tmp_path / "data" / "train", 16)
    write_jester(tmp_path / "data" / "val", 4)
    recipe = write_recipe(tmp_path / "run", tmp_path / "data")
    shared = {
        "WORLD_SIZE": str(PROCESSES),
        "LOCAL_WORLD_SIZE": str(PROCESSES),
        "GROUP_RANK": "0",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "TORCHELASTIC_RUN_ID": "test",
        WEIGHTS: str(tmp_path),
    }
    arguments = ["fit", "--config", str(recipe), "--trainer.strategy", "ddp"]
    arguments += ["--trainer.devices", str(PROCESSES), "--trainer.max_epochs", "1"]
    processes = [
        start(
            arguments,
            {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            tmp_path / f"errors{rank}.txt",
        )
        for rank in range(PROCESSES)
    ]
    for rank, process in enumerate(processes):
        process.join(200)
        assert process.exitcode == 0, (tmp_path / f"errors{rank}.txt").read_text()
    first, second = (
        torch.load(tmp_path / f"{rank}.pt", weights_only=True) for rank in range(PROCESSES)
    )
    for name, value in first["weights"].items():
        assert torch.equal(value, second["weights"][name]), name
    # Sixteen clips, each seen once, by one of the two.
    assert len({*first["seen"], *second["seen"]}) == len(first["seen"]) * 2 == 16
    logs = tmp_path / "run" / "lightning_logs"
    assert [folder.name for folder in logs.iterdir()] == ["version_0"]
    checkpoint = torch.load(logs / "version_0/checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["global_step"] == 2

"""The layers that read joints: they learn, and a run that is ended goes on bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from msgspec.structs import replace

from models.errors import ModelError
from models.two_views.bundle import place_shapes
from models.two_views.torch_stream import place_reader
from tests.models.two_views.networks import tiny_two_views
from tests.training.joint_reader.joint_clips import PAIR, clips, sampler
from training.joint_reader.fitting import FitOptions, ReaderFit, accuracy, place_tensors

OPTIONS = FitOptions(seed=3, steps=6, batch=8)


def run(options: FitOptions = OPTIONS, samplers: int = 1, data: str = "clips") -> ReaderFit:
    drawn_from = [sampler(clips())] * samplers
    return ReaderFit(PAIR, drawn_from, options, {"data": data})


class _EndedError(Exception):
    pass


def test_what_clips_show_is_learned() -> None:
    pair = replace(PAIR, place_hidden=32)
    drawn_from = sampler(clips(), pair)
    fit = ReaderFit(pair, [drawn_from], FitOptions(steps=150, batch=64, learning_rate=5e-3), {})
    before = accuracy(fit.reader, drawn_from)
    fit.run(lambda _: None)
    assert before < 0.45
    assert accuracy(fit.reader, drawn_from) > 0.6


def test_a_resumed_run_ends_bit_for_bit_where_an_undisturbed_one_ends(tmp_path: Path) -> None:
    undisturbed, ended, resumed = run(), run(), run()
    steps: list[int] = []
    undisturbed.run(steps.append)
    assert steps == [1, 2, 3, 4, 5, 6]

    def end(done: int) -> None:
        if done == 4:
            raise _EndedError

    with pytest.raises(_EndedError):
        ended.run(end)
    ended.save(tmp_path / "state")
    resumed.resume(tmp_path / "state")
    assert resumed.steps_done == 4
    resumed.run(lambda _: None)
    for name, value in undisturbed.reader.state_dict().items():
        assert torch.equal(value, resumed.reader.state_dict()[name]), name


def test_the_state_of_another_run_is_not_resumed(tmp_path: Path) -> None:
    run().save(tmp_path / "state")
    for other, named in (
        (run(FitOptions(seed=4, steps=6, batch=8)), "seed"),
        (run(data="others"), "data"),
    ):
        with pytest.raises(ModelError, match=f"differs in {named};"):
            other.resume(tmp_path / "state")
    (tmp_path / "state").write_bytes(b"something else")
    with pytest.raises(ModelError, match="remove it"):
        run().resume(tmp_path / "state")


def test_a_state_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="cannot be written to"):
        run().save(tmp_path / "file" / "state")


def test_the_layers_read_in_a_stream_what_they_learned() -> None:
    fit = run(samplers=2)
    fit.run(lambda _: None)
    tensors = place_tensors(fit.reader, PAIR)
    assert {name: tuple(value.shape) for name, value in tensors.items()} == place_shapes(PAIR)
    network = tiny_two_views(PAIR)
    network.place.load_state_dict(tensors)
    reader = place_reader(network)
    rng = np.random.default_rng(0)
    read = rng.normal(size=PAIR.read_values).astype(np.float32)
    joints = torch.from_numpy(read[4 * PAIR.history :])
    with torch.inference_mode():
        expected = fit.reader(joints).numpy()
    np.testing.assert_allclose(reader.logits(reader.features(read)), expected, atol=1e-5)

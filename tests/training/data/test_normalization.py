from __future__ import annotations

import numpy as np
import pytest
import torch

from models.preprocess import normalize
from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data import normalization
from training.data.normalization import RecycledMemory, normalize_batch


@pytest.mark.parametrize("flipped", [False, True])
def test_a_batch_is_normalized_exactly_as_the_app_does_it(flipped: bool) -> None:
    clips = np.random.default_rng(0).integers(0, 256, (2, 3, 10, 14, 3), np.uint8)
    given = torch.from_numpy(clips)
    if flipped:  # not in one piece
        given, clips = (
            given.flip(3).transpose(0, 1).contiguous().transpose(0, 1),
            clips[:, :, :, ::-1],
        )
    result = normalize_batch(given, IMAGENET_MEAN, IMAGENET_STD)
    assert result.shape == (2, 3, 3, 10, 14)
    assert result.dtype == torch.float32
    expected = normalize(clips[..., ::-1], IMAGENET_MEAN, IMAGENET_STD)
    np.testing.assert_array_equal(result.numpy(), expected)


def test_frames_lie_in_memory_as_convolutions_want_them() -> None:
    clips = torch.zeros((2, 8, 16, 16, 3), dtype=torch.uint8)
    frames = normalize_batch(clips, IMAGENET_MEAN, IMAGENET_STD).flatten(0, 1)
    assert frames.is_contiguous(memory_format=torch.channels_last)


def test_accelerators_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = torch.randint(0, 256, (2, 3, 10, 14, 3), dtype=torch.uint8)
    expected = normalize_batch(clips, IMAGENET_MEAN, IMAGENET_STD)
    # There is none here; what it runs is run on the processor.
    monkeypatch.setattr(normalization, "_on_processor", normalization._on_accelerator)
    assert torch.equal(normalize_batch(clips, IMAGENET_MEAN, IMAGENET_STD), expected)


def test_memory_is_used_again_only_when_nobody_holds_any_part_of_it() -> None:
    memory = RecycledMemory()
    first = memory.take(1000)
    address = first.data_ptr()
    assert memory.take(1000).data_ptr() != address
    part = first.view(10, 100)[3]
    del first
    assert memory.take(1000).data_ptr() != address
    part.fill_(7)
    memory.take(1000).fill_(0)
    assert torch.all(part == 7)
    as_array = part.numpy()
    del part
    assert memory.take(1000).data_ptr() != address
    del as_array
    assert memory.take(1000).data_ptr() == address


def test_batches_that_are_kept_stay_as_they_were() -> None:
    given = [torch.full((1, 8, 16, 16, 3), level, dtype=torch.uint8) for level in range(6)]
    kept = [normalize_batch(clips, (0, 0, 0), (1, 1, 1)) for clips in given]
    assert [round(float(batch.mean()) * 255) for batch in kept] == list(range(6))


def test_a_backward_pass_finds_its_inputs_as_they_were() -> None:
    memory = RecycledMemory()
    weight = torch.ones(1000, requires_grad=True)
    loss = (weight * memory.take(1000).fill_(3)).sum()
    for _ in range(3):
        memory.take(1000).fill_(0)
    loss.backward()  # type: ignore[no-untyped-call] # torch's
    assert weight.grad is not None
    assert torch.all(weight.grad == 3)

from __future__ import annotations

import numpy as np
import pytest
import torch

from models.preprocess import normalise
from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data import normalisation
from training.data.normalisation import normalise_batch


@pytest.mark.parametrize("flipped", [False, True])
def test_a_batch_is_normalised_exactly_as_the_app_does_it(flipped: bool) -> None:
    clips = np.random.default_rng(0).integers(0, 256, (2, 3, 10, 14, 3), np.uint8)
    given = torch.from_numpy(clips)
    if flipped:  # not in one piece
        given, clips = (
            given.flip(3).transpose(0, 1).contiguous().transpose(0, 1),
            clips[:, :, :, ::-1],
        )
    result = normalise_batch(given, IMAGENET_MEAN, IMAGENET_STD)
    assert result.shape == (2, 3, 3, 10, 14)
    assert result.dtype == torch.float32
    expected = normalise(clips[..., ::-1], IMAGENET_MEAN, IMAGENET_STD)
    np.testing.assert_array_equal(result.numpy(), expected)


def test_frames_lie_in_memory_as_convolutions_want_them() -> None:
    clips = torch.zeros((2, 8, 16, 16, 3), dtype=torch.uint8)
    frames = normalise_batch(clips, IMAGENET_MEAN, IMAGENET_STD).flatten(0, 1)
    assert frames.is_contiguous(memory_format=torch.channels_last)


def test_accelerators_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    clips = torch.randint(0, 256, (2, 3, 10, 14, 3), dtype=torch.uint8)
    expected = normalise_batch(clips, IMAGENET_MEAN, IMAGENET_STD)
    # There is none here; what it runs is run on the processor.
    monkeypatch.setattr(normalisation, "_on_processor", normalisation._on_accelerator)
    assert torch.equal(normalise_batch(clips, IMAGENET_MEAN, IMAGENET_STD), expected)

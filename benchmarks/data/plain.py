"""The baseline: clips as PyTorch code for action recognition usually reads them.

Pillow decodes; every frame is cropped, resized and flipped on its own; the clip is stacked, turned
into floats and normalized frame by frame, in the process that read it. Frames and crops are
drawn exactly as by `TrainingClips`, so that both make the same clip.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from models.spec import IMAGENET_MEAN, IMAGENET_STD
from training.data.clip import Clip, Size
from training.data.frames import FrameFolder
from training.data.sampling import Sampling
from training.data.transforms import MultiScaleCrop
from training.labels import mirrored_indices


class PlainClips(Dataset[tuple[Tensor, int]]):
    """Augmented clips, the plain way.

    Args:
        clips: Folders of frames.
        labels: Names of all labels.
        sampling: Which frames of a video to take.
        size: The network's input.
        crop: Random crop and flip.
    """

    def __init__(
        self,
        clips: Sequence[Clip],
        labels: Sequence[str],
        sampling: Sampling,
        size: Size,
        crop: MultiScaleCrop,
    ) -> None:
        self._clips = [clip for clip in clips if isinstance(clip, FrameFolder)]
        self._mirrored = mirrored_indices(labels)
        self._sampling = sampling
        self._size = size
        self._crop = crop

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self._clips)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return one clip, float32 of shape (T, 3, H, W), and its label."""
        clip = self._clips[index]
        rng = np.random.default_rng((0, 0, index))
        chosen = self._sampling.indices(clip.length(), rng)
        images = [
            Image.open(clip.path / clip.pattern.name(index + 1)).convert("RGB") for index in chosen
        ]
        region = self._crop.region(Size(images[0].height, images[0].width), self._size, rng)
        box = (
            region.left,
            region.top,
            region.left + region.width,
            region.top + region.height,
        )
        images = [
            image.crop(box).resize((self._size.width, self._size.height), Image.Resampling.BILINEAR)
            for image in images
        ]
        label = clip.label
        opposite = self._mirrored[label]
        if rng.random() < self._crop.flip_probability and opposite is not None:
            images = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in images]
            label = opposite
        stacked = np.concatenate([np.array(image) for image in images], axis=2)
        tensor = torch.from_numpy(stacked).permute(2, 0, 1).contiguous().float().div(255)
        for channel, plane in enumerate(tensor):
            plane.sub_(IMAGENET_MEAN[channel % 3]).div_(IMAGENET_STD[channel % 3])
        return tensor.view(len(images), 3, self._size.height, self._size.width), label

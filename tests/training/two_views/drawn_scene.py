"""A drawn scene: a white hand of 21 dots on gray that moves to the right."""

from __future__ import annotations

import numpy as np

from tests.models.two_views.networks import tiny_pair
from training.two_views.box_noise import EXACT, BoxNoise
from training.two_views.sample import TwoViewSample, sample_views
from training.two_views.scene import Scene

FRAMES = 4
SPEC = tiny_pair()


def scene(label: int = 0) -> Scene:
    shape = np.random.default_rng(0).uniform(-14.0, 14.0, (21, 2))
    joints = np.full((FRAMES, 2, 21, 2), np.nan)
    images = []
    for index in range(FRAMES):
        joints[index, 0] = shape + np.array([60.0 + 15 * index, 50.0])
        image = np.full((100, 150, 3), 60, np.uint8)
        for x, y in joints[index, 0]:
            image[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 255
        images.append(image)
    return Scene(images, joints, label)


def drawn(seed: int, noise: BoxNoise = EXACT) -> TwoViewSample:
    return sample_views(np.random.default_rng(seed), scene(), SPEC, noise=noise)

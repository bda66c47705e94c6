"""Draws the light of a room."""

import numpy as np

from training.performer.rotation import unit
from training.performer.shading import Light


def sample_light(rng: np.random.Generator) -> Light:
    """Draw a room's light: soft to hard, warm to cool, now and then against the light."""
    tint = np.array([1.0, rng.uniform(0.93, 1.04), rng.uniform(0.82, 1.12)])
    ambient = rng.uniform(0.25, 0.9)
    direction = unit([rng.normal(0.0, 0.7), rng.uniform(-0.1, 1.0), rng.uniform(-0.2, 1.0)])
    key_tint = np.array([1.0, rng.uniform(0.88, 1.04), rng.uniform(0.72, 1.12)])
    against = 0.35 if rng.random() < 0.05 else 1.0
    return Light(
        sky=ambient * tint * against,
        ground=ambient * rng.uniform(0.35, 0.85) * tint * against,
        key_direction=direction,
        key=rng.uniform(0.25, 1.2) * key_tint * against,
        screen=rng.uniform(0.0, 0.4) * np.array([rng.uniform(0.85, 1.0), 0.95, 1.05]),
        wrap=float(rng.uniform(0.0, 0.45)),
        edge_shade=float(rng.uniform(0.35, 0.75)),
        occlusion=float(rng.uniform(0.45, 0.85)),
    )

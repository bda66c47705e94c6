"""Cut-outs of the performer's own hand, for shapes and folders that lack photographs."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np

from training.performer.actor import sample_actor
from training.performer.arrays import Floats
from training.performer.collage.cutout import CutOut, Pixels, cut_out
from training.performer.collage.shapes import HandShape
from training.performer.hand import HAND_LENGTH_M, hand_primitives
from training.performer.handshapes import (
    bunched_hand,
    fist,
    odd_sign,
    open_hand,
    pinch,
    pointing_hand,
    thumb_fist,
    two_fingers,
)
from training.performer.lighting import sample_light
from training.performer.primitives import Material, PrimitiveList
from training.performer.raycast import cast_primitives, new_buffers
from training.performer.rotation import hand_basis
from training.performer.shading import shade_box

_VARIANTS = 20
_SEED = 20210503
_SIZE_PX = 224
_TANGENT = 0.3
_DISTANCE_M = 0.55
_STUB_M = 0.02
_HAND_PX = 0.5 * _SIZE_PX * HAND_LENGTH_M / (_TANGENT * _DISTANCE_M)
_Poser = Callable[[np.random.Generator], Floats]

_POSERS: dict[HandShape, _Poser] = {
    HandShape.OPEN_PALM: open_hand,
    HandShape.TWO_FINGERS: two_fingers,
    HandShape.THUMB: thumb_fist,
    HandShape.FIST: fist,
    HandShape.BUNCH: bunched_hand,
    HandShape.PINCH_OPEN: lambda rng: pinch(rng, closed=False, others_folded=True),
    HandShape.PINCH_CLOSED: lambda rng: pinch(rng, closed=True, others_folded=True),
    HandShape.POINTING: pointing_hand,
    HandShape.OTHER_SIGN: odd_sign,
}


@lru_cache(maxsize=1)
def rendered_cut_outs() -> dict[HandShape, tuple[CutOut, ...]]:
    """Render some cut-outs of every shape; always the same ones."""
    hands = {}
    for number, (shape, poser) in enumerate(_POSERS.items()):
        chosen = []
        for variant in range(_VARIANTS):
            rng = np.random.default_rng([_SEED, number, variant])
            pixels = _rendered(rng, poser(rng), _orientation(rng, shape))
            hand = cut_out(pixels, shape, turns=0, known_hand_px=_HAND_PX)
            if hand is not None:
                chosen.append(hand)
        hands[shape] = tuple(chosen)
    return hands


def _orientation(rng: np.random.Generator, shape: HandShape) -> Floats:
    """Turn the hand as photographs show it, a little off; shape (3, 3)."""
    if shape is HandShape.THUMB:
        # Seen half from the knuckles, half from the back of the hand, the thumb to the left.
        yaw = np.radians(rng.uniform(20.0, 55.0))
        fingers = np.array([rng.uniform(-0.1, 0.1), np.sin(yaw), np.cos(yaw)])
        side = np.array([-1.0, rng.uniform(-0.1, 0.1), 0.0])
        return hand_basis(fingers, np.cross(side, fingers))
    palm = (rng.uniform(-0.2, 0.4), rng.uniform(-0.15, 0.1), 1.0)
    return hand_basis((rng.uniform(-0.06, 0.06), 1.0, rng.uniform(0.0, 0.25)), palm)


def _rendered(rng: np.random.Generator, pose: Floats, rotation: Floats) -> Pixels:
    """Draw one hand on transparent ground; RGBA of shape (`_SIZE_PX`, `_SIZE_PX`, 4)."""
    actor, light = sample_actor(rng), sample_light(rng)
    wrist = np.array([0.0, -0.5 * HAND_LENGTH_M, -_DISTANCE_M])
    parts = PrimitiveList()
    up = np.array([0.0, 1.0, 0.0])
    parts.cone(Material.HAND, wrist + 0.01 * up, wrist - _STUB_M * up, 0.021, 0.022)
    table = np.concatenate([parts.array(), hand_primitives(pose, rotation, wrist, 1.0)])
    buffers = new_buffers(_SIZE_PX, _SIZE_PX)
    color = np.zeros((_SIZE_PX, _SIZE_PX, 3), np.float32)
    box = cast_primitives(table, _TANGENT, 0.0, 0.0, buffers)
    palms = np.zeros((2, 3))
    palms[0] = rotation[:, 2]
    shade_box(buffers, box, _TANGENT, light, actor.materials, wrist, palms, color)
    hit = buffers.material >= 0
    # Exposed for the hand, whatever the light: collages give it a light of their own.
    level = float(np.median(color[hit].mean(-1))) + 1e-6
    exposed = np.clip(color * (0.35 / level), 0.0, 1.0) ** (1.0 / 2.2)
    rgba = np.dstack([exposed, hit.astype(np.float32)])
    return (255.0 * rgba).astype(np.uint8)

"""One person: looks drawn once, geometry of head and body posed for each frame."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from training.performer.arrays import Floats
from training.performer.color import linear, random_color
from training.performer.primitives import Material, PrimitiveList
from training.performer.shading import MATERIAL_COLUMNS, Pattern

# sRGB, from very light to very dark.
SKIN_TONES = (
    (240, 204, 184),
    (236, 188, 160),
    (224, 172, 140),
    (205, 150, 118),
    (180, 122, 90),
    (141, 90, 62),
    (110, 70, 50),
    (86, 54, 40),
)
_HAIR_COLORS = (
    (25, 20, 18),
    (50, 35, 25),
    (90, 60, 35),
    (150, 110, 60),
    (190, 180, 170),
    (110, 50, 30),
)
_SHIRT_PATTERNS = (
    Pattern.PLAIN,
    Pattern.PLAIN,
    Pattern.PLAIN,
    Pattern.STRIPES,
    Pattern.CHECKS,
    Pattern.MOTTLED,
    Pattern.PRINT,
    Pattern.UPRIGHT_STRIPES,
)
_BALD = 0
_LONG_HAIR = (1, 2)
_CURLS = 3


@dataclass(frozen=True)
class Actor:
    """A person's looks.

    Attributes:
        materials: Material table, shape (count, `MATERIAL_COLUMNS`).
        head_scale: Size of the head; 1 is 0.21 m high.
        hand_scale: Size of the hands; 1 is 0.19 m long.
        shoulder_m: Half the distance between the shoulders.
        sleeve: How much of the forearm is covered, 0 to 1.
        face_width: Width of the face relative to the usual.
        hair: Hair style; 0 is bald.
        beard: Wears one.
        glasses: Wears them.
        headphones: Wears them.
        watch: Wears one on the main hand.
        chair_m: Half width of the chair's back; 0 for none.
    """

    materials: Floats
    head_scale: float
    hand_scale: float
    shoulder_m: float
    sleeve: float
    face_width: float
    hair: int
    beard: bool
    glasses: bool
    headphones: bool
    watch: bool
    chair_m: float


def sample_actor(rng: np.random.Generator) -> Actor:
    """Draw a person."""
    return Actor(
        materials=_materials(rng),
        head_scale=rng.uniform(0.92, 1.08),
        hand_scale=rng.uniform(0.92, 1.08),
        shoulder_m=0.17 * rng.uniform(0.9, 1.2),
        sleeve=float(rng.choice([0.0, 0.0, 0.35, 0.9, 0.95])),
        face_width=rng.uniform(0.92, 1.1),
        hair=int(rng.integers(0, 6)),
        beard=bool(rng.random() < 0.22),
        glasses=bool(rng.random() < 0.3),
        headphones=bool(rng.random() < 0.07),
        watch=bool(rng.random() < 0.12),
        chair_m=float(rng.uniform(0.16, 0.28)) if rng.random() < 0.4 else 0.0,
    )


def _materials(rng: np.random.Generator) -> Floats:
    """Draw the material table: skin and hands share a tone, sleeves mostly match the shirt."""
    table = np.zeros((len(Material), MATERIAL_COLUMNS))

    def put(
        material: Material,
        color: Floats,
        second: Floats | None = None,
        pattern: Pattern = Pattern.PLAIN,
        scale: float = 1.0,
        gloss: tuple[float, float] = (0.0, 20.0),
    ) -> None:
        other = color if second is None else second
        table[material] = [*color, *other, float(pattern), scale, *gloss]

    tint = np.array([1.0, rng.uniform(0.94, 1.05), rng.uniform(0.9, 1.08)])
    tone = linear(SKIN_TONES[rng.integers(len(SKIN_TONES))])
    skin = tone * rng.uniform(0.85, 1.12) * tint
    sheen = (rng.uniform(0.0, 0.08), 14.0)
    put(Material.SKIN, skin, skin * [0.85, 0.75, 0.72], Pattern.MOTTLED, 25.0, sheen)
    palm = np.clip(0.75 * skin + np.array([0.25, 0.16, 0.13]) * rng.uniform(0.5, 1.0), 0.0, 1.0)
    put(Material.HAND, skin, palm, Pattern.PALM, gloss=sheen)
    put(Material.SECOND_HAND, skin, palm, Pattern.PALM, gloss=sheen)
    put(Material.NAIL, np.clip(skin * 1.05 + [0.10, 0.06, 0.06], 0.0, 1.0), gloss=(0.12, 30.0))
    hair = linear(_HAIR_COLORS[rng.integers(len(_HAIR_COLORS))])
    put(Material.HAIR, hair, hair * 1.8, Pattern.STRANDS, 160.0, (0.05, 20.0))
    put(Material.BEARD, hair * 0.7 + skin * 0.25)
    put(Material.LIPS, skin * [0.9, 0.6, 0.6])
    put(Material.EYE, np.array([0.7, 0.7, 0.68]))
    put(Material.DARK, np.array([0.02, 0.015, 0.012]), gloss=(0.3, 40.0))
    shirt = random_color(rng, 0.05, 0.95)
    if rng.random() < 0.4:
        shirt = np.full(3, rng.uniform(0.008, 0.08))
    pattern = _SHIRT_PATTERNS[int(rng.integers(len(_SHIRT_PATTERNS)))]
    scale = rng.uniform(30.0, 200.0)
    put(Material.CLOTH, shirt, random_color(rng, 0.05, 1.0), pattern, scale)
    sleeve_pattern = Pattern.PLAIN if pattern == Pattern.PRINT else pattern
    put(Material.SLEEVE, shirt, table[Material.CLOTH, 3:6].copy(), sleeve_pattern, scale)
    put(Material.CHAIR, np.full(3, rng.uniform(0.005, 0.06)))
    put(Material.PROP, random_color(rng, 0.1, 1.0), gloss=(0.2, 30.0))
    return table


def head_primitives(actor: Actor) -> Floats:
    """Return the head about its own center, looking along z; shape (count, columns)."""
    parts = PrimitiveList()
    parts.ellipsoid(Material.SKIN, (0, 0.01, 0), (0.079 * actor.face_width, 0.105, 0.09))
    parts.ellipsoid(Material.SKIN, (0, -0.055, 0.02), (0.062 * actor.face_width, 0.062, 0.065))
    parts.cone(Material.SKIN, (0, 0.005, 0.085), (0, -0.022, 0.098), 0.008, 0.013)
    parts.cone(Material.LIPS, (-0.02, -0.056, 0.083), (0.02, -0.056, 0.083), 0.0055, 0.0055)
    for side in (-1.0, 1.0):
        _add_side_of_face(parts, actor, side)
    _add_hair(parts, actor)
    primitives = parts.array()
    primitives[:, 2:10] *= actor.head_scale
    return primitives


def _add_side_of_face(parts: PrimitiveList, actor: Actor, side: float) -> None:
    """Add eye, brow, ear and what is worn there; `side` is -1 or 1."""
    parts.ellipsoid(Material.EYE, (0.031 * side, 0.012, 0.078), (0.014, 0.008, 0.008))
    parts.ellipsoid(Material.DARK, (0.031 * side, 0.012, 0.083), (0.007, 0.0075, 0.006))
    brow = Material.DARK if actor.hair == _BALD else Material.HAIR
    parts.cone(brow, (0.018 * side, 0.033, 0.087), (0.046 * side, 0.034, 0.074), 0.0045, 0.003)
    parts.ellipsoid(Material.SKIN, (0.076 * side, 0, -0.01), (0.012, 0.028, 0.018))
    if actor.headphones:
        parts.ellipsoid(Material.CHAIR, (0.085 * side, 0, 0), (0.02, 0.038, 0.034))
    if actor.glasses:
        ring = [
            (
                (0.034 + 0.027 * math.cos(a)) * side,
                0.01 + 0.02 * math.sin(a),
                0.094 - 0.006 * abs(math.cos(a)),
            )
            for a in np.linspace(0.0, 2.0 * math.pi, 9)
        ]
        for start, end in pairwise(ring):
            parts.cone(Material.DARK, start, end, 0.0026, 0.0026)
        temple = ((0.06 * side, 0.014, 0.085), (0.078 * side, 0.01, 0.0))
        parts.cone(Material.DARK, *temple, 0.0022, 0.0022)


def _add_hair(parts: PrimitiveList, actor: Actor) -> None:
    """Add hair and beard."""
    if actor.beard:
        parts.ellipsoid(Material.BEARD, (0, -0.072, 0.022), (0.056, 0.05, 0.064))
        parts.cone(Material.BEARD, (-0.022, -0.042, 0.084), (0.022, -0.042, 0.084), 0.005, 0.005)
    if actor.hair == _BALD:
        return
    parts.ellipsoid(Material.HAIR, (0, 0.035, -0.018), (0.087, 0.098, 0.093))
    parts.ellipsoid(Material.HAIR, (0, 0.085, 0.022), (0.072, 0.036, 0.066))
    if actor.hair in _LONG_HAIR:
        length = -0.12 if actor.hair == _LONG_HAIR[0] else -0.24
        for side in (-1.0, 1.0):
            top, bottom = (0.07 * side, 0.04, -0.01), (0.085 * side, length, 0.0)
            parts.cone(Material.HAIR, top, bottom, 0.03, 0.035)
        parts.ellipsoid(Material.HAIR, (0, -0.05, -0.05), (0.085, 0.14, 0.05))
    if actor.hair == _CURLS:
        parts.ellipsoid(Material.HAIR, (0, 0.04, -0.03), (0.12, 0.125, 0.11))


def body_primitives(actor: Actor) -> Floats:
    """Return neck, shoulders, chest and chair about the head's center; shape (count, columns)."""
    parts = PrimitiveList()
    chest_y, wide = -0.22 * actor.head_scale, actor.shoulder_m
    parts.cone(Material.SKIN, (0, -0.06, -0.01), (0, chest_y + 0.02, -0.02), 0.048, 0.056)
    for side in (-1.0, 1.0):
        shoulder = (wide * side, chest_y - 0.02, -0.02)
        parts.cone(Material.CLOTH, (0.05 * side, chest_y + 0.035, -0.02), shoulder, 0.05, 0.062)
    breadth = wide / 0.17
    parts.ellipsoid(Material.CLOTH, (0, chest_y - 0.19, -0.02), (0.19 * breadth, 0.24, 0.105))
    parts.ellipsoid(Material.CLOTH, (0, chest_y - 0.45, -0.02), (0.18 * breadth, 0.35, 0.11))
    for side in (-1.0, 1.0):  # hips and legs, for those who stand far off
        hip = (0.09 * breadth * side, chest_y - 0.7, -0.02)
        parts.cone(Material.CHAIR, hip, (0.1 * side, chest_y - 1.5, 0.0), 0.095, 0.06)
    # The other arm hangs down; the main one is posed with its hand.
    shoulder = (wide, chest_y - 0.02, -0.02)
    elbow = (wide + 0.05, chest_y - 0.29, 0.0)
    parts.cone(Material.CLOTH, shoulder, elbow, 0.055, 0.045)
    if actor.chair_m > 0.0:
        height = 0.22 + 0.3 * actor.chair_m
        parts.ellipsoid(Material.CHAIR, (0, chest_y + 0.02, -0.18), (actor.chair_m, height, 0.05))
    return parts.array()

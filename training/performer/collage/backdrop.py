"""What is behind the hand: a room, a person in it, and how both look in this clip's light."""

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from training.performer.actor import SKIN_TONES, sample_actor
from training.performer.arrays import Floats, Picture
from training.performer.collage.texture_library import Library, Scene
from training.performer.color import LINEAR_LEVELS, linear, random_color
from training.performer.framing import Framing, sample_seat
from training.performer.lighting import sample_light
from training.performer.performance import Performance
from training.performer.primitives import Material
from training.performer.room import sample_room
from training.performer.shading import COLOR, SECOND_COLOR
from training.performer.stage import Stage, Sway

# Seeds of the rendered people and painted rooms that are kept in memory and used again.
_PEOPLE, _ROOMS = 400, 150
_SEED = 20210504
# What a clip shows behind the hand; shares without photographs of people leave out the first.
_STILL_SHARE, _EMPTY_ROOM_SHARE, _REMOVED_SHARE = 0.3, 0.1, 0.15
_PHOTOGRAPHED_ROOM_SHARE = 0.85


@dataclass(frozen=True)
class Person:
    """Someone before the camera.

    Attributes:
        picture: Linear RGB times opacity, shape (H, W, 3).
        opacity: Shape (H, W, 1).
        framing: The camera's view.
        skin: Linear RGB of a hand in this light, shape (3,).
        sleeve: The same for the clothes.
        shoulder: The right shoulder in camera space, shape (3,), meters.
        arm_root: Where the upper arm is drawn from; below the picture where nobody knows.
        sleeve_from: Where the sleeve begins, 0 at the wrist, 1 at the elbow.
    """

    picture: Picture
    opacity: Picture
    framing: Framing
    skin: Floats
    sleeve: Floats
    shoulder: Floats
    arm_root: Floats
    sleeve_from: float


@dataclass(frozen=True)
class Backdrop:
    """Everything but the hands.

    Attributes:
        picture: Linear RGB, shape (H, W, 3).
        person: Whose hands they are.
        sway: How the person sways.
        weight: How strongly each pixel follows the person, shape (H, W).
    """

    picture: Picture
    person: Person
    sway: Sway
    weight: Picture

    def at(self, time_s: float, unrest: float) -> Picture:
        """Return the picture at a time.

        Args:
            time_s: The time.
            unrest: How lively the person is; 1 is someone sitting still.
        """
        height, width = self.weight.shape
        framing = self.person.framing
        pixel_m = -2.0 * float(framing.head[2]) * framing.tangent / height
        shift = unrest * self.sway.at(time_s)[:2] * (0.006 / pixel_m, 0.003 / pixel_m)
        if max(abs(float(shift[0])), abs(float(shift[1]))) < 0.05:
            return self.picture
        x = _grid(height, width)[0] - np.float32(shift[0]) * self.weight
        y = _grid(height, width)[1] - np.float32(shift[1]) * self.weight
        moved = cv2.remap(self.picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.float32)


def sample_backdrop(
    rng: np.random.Generator, library: Library, height: int, width: int, *, quiet: bool
) -> Backdrop:
    """Draw a person in a room.

    Args:
        rng: Source of chance.
        library: Where rooms and people come from.
        height: Pixels.
        width: Pixels.
        quiet: True to show nobody who holds up a hand as a gesture would.
    """
    person = _rendered_person(int(rng.integers(_PEOPLE)), height, width)
    kind = rng.random()
    still = library.person(rng, quiet=quiet) if kind < _STILL_SHARE else None
    if still is not None:
        picture = _photographed(rng, still, height, width)
        person = _in_the_light_of(picture, person, rng)
    else:
        room = _sample_ground(rng, library, height, width)
        if kind > 1.0 - _EMPTY_ROOM_SHARE:
            picture = room
            person = _in_the_light_of(picture, person, rng)
        else:
            picture = room * (1.0 - person.opacity) + person.picture
    sway = Sway(rng.uniform(0.1, 0.6, 6), rng.uniform(0.0, 6.3, 6))
    return Backdrop(picture, person, sway, _weight(person.framing))


def _sample_ground(rng: np.random.Generator, library: Library, height: int, width: int) -> Picture:
    """Return a room, or what a camera shows that removes it."""
    if rng.random() < _REMOVED_SHARE:
        shade = random_color(rng) if rng.random() < 0.25 else np.zeros(3)
        return np.ones((height, width, 3), np.float32) * shade.astype(np.float32)
    if library.rooms and rng.random() < _PHOTOGRAPHED_ROOM_SHARE:
        scene = library.rooms[int(rng.integers(len(library.rooms)))]
        room = _cropped(rng, scene, height, width, smallest=0.6)
    else:
        room = _painted_room(int(rng.integers(_ROOMS)), height, width)
    if rng.random() < 0.5:
        room = np.ascontiguousarray(room[:, ::-1])
    if rng.random() < 0.3:
        room = np.asarray(cv2.GaussianBlur(room, (0, 0), rng.uniform(0.3, 1.5)), np.float32)
    return room * np.float32(rng.uniform(0.45, 1.15))


def _photographed(rng: np.random.Generator, still: Scene, height: int, width: int) -> Picture:
    """Return a photograph of a person, mirrored or not."""
    picture = _cropped(rng, still, height, width, smallest=0.8)
    return np.ascontiguousarray(picture[:, ::-1]) if rng.random() < 0.5 else picture


def _cropped(
    rng: np.random.Generator, scene: Scene, height: int, width: int, smallest: float
) -> Picture:
    """Cut a part out of a photograph; `smallest` is its least share of the picture's height."""
    full_height, full_width = scene.shape[:2]
    crop_height = min(full_height * rng.uniform(smallest, 1.0), full_width * height / width)
    crop_width = min(float(full_width), crop_height * width / height)
    top = int(rng.uniform(0.0, full_height - crop_height))
    left = int(rng.uniform(0.0, full_width - crop_width))
    crop = scene[top : top + max(1, int(crop_height)), left : left + max(1, int(crop_width))]
    small = cv2.resize(crop, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.LUT(small, LINEAR_LEVELS), np.float32)


@lru_cache(maxsize=_ROOMS)
def _painted_room(number: int, height: int, width: int) -> Picture:
    return sample_room(np.random.default_rng([_SEED, 1, number]), height, width)


@lru_cache(maxsize=_PEOPLE)
def _rendered_person(number: int, height: int, width: int) -> Person:
    """Render one of the performer's people without a room.

    What a black room and a white one differ by is how much of the room shows through.
    """
    rng = np.random.default_rng([_SEED, 0, number])
    framing = sample_seat(rng, height, width)
    actor, light = sample_actor(rng), sample_light(rng)
    sway = Sway(np.zeros(6), rng.uniform(0.0, 6.3, 6))
    gaze = float(rng.uniform(-0.3, 0.3))
    black, white = (
        Stage(
            framing, actor, light, np.full((height, width, 3), level, np.float32), sway, gaze
        ).draw(Performance((), None, None), 0.0, 0.01)
        for level in (0.0, 1.0)
    )
    opacity = 1.0 - (white - black).mean(-1, keepdims=True)
    level = 0.5 * (light.sky + light.ground) + 0.45 * light.key + light.screen
    hand, cloth = actor.materials[Material.HAND], actor.materials[Material.SLEEVE]
    tone = 0.5 * (hand[COLOR : COLOR + 3] + hand[SECOND_COLOR : SECOND_COLOR + 3])
    shoulder = framing.head + np.array([-actor.shoulder_m, -0.24 * actor.head_scale, -0.02])
    return Person(
        black,
        np.clip(opacity, 0.0, 1.0).astype(np.float32),
        framing,
        tone * level,
        cloth[COLOR : COLOR + 3] * level,
        shoulder,
        shoulder,
        1.0 - 0.92 * actor.sleeve if actor.sleeve > 0.1 else 1.0,
    )


def _in_the_light_of(picture: Picture, person: Person, rng: np.random.Generator) -> Person:
    """Return the person's arm in the light of a photograph: its brightness and its cast."""
    mean = picture.mean((0, 1)).astype(np.float64) + 0.01
    brightness = float(np.clip((mean.mean() / 0.25) ** 0.7, 0.25, 1.8)) * rng.uniform(0.7, 1.3)
    cast = np.clip(mean / mean.mean(), 0.6, 1.6) ** 0.5
    tone = linear(SKIN_TONES[int(rng.integers(len(SKIN_TONES)))])
    clothes = picture[int(0.8 * len(picture)) :].mean((0, 1)).astype(np.float64)
    if clothes.max() < 0.01 or rng.random() < 0.4:
        clothes = random_color(rng, 0.05, 0.9) * brightness
    root = person.shoulder.copy()
    root[1] = min(root[1], 1.4 * person.framing.tangent * root[2])
    return replace(person, skin=tone * brightness * cast, sleeve=clothes, arm_root=root)


@lru_cache(maxsize=8)
def _grid(height: int, width: int) -> tuple[Picture, Picture]:
    """Return each pixel's own x and y."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return x.astype(np.float32), y.astype(np.float32)


def _weight(framing: Framing) -> Picture:
    """Return how strongly pixels follow the head: less beside it, not at all far away."""
    head_u, head_v = framing.picture_position(framing.head)
    x, y = _grid(framing.height, framing.width)
    across = (x - 0.5 * (head_u + 1.0) * framing.width) / (0.45 * framing.height)
    above = np.minimum(0.0, y - 0.5 * (1.0 - head_v) * framing.height) / (0.4 * framing.height)
    return np.asarray(np.exp(-(across**2) - above**2), np.float32)

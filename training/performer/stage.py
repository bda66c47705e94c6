"""One person, one room, one camera: draws the picture of a moment."""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from training.performer.actor import Actor, body_primitives, head_primitives, sample_actor
from training.performer.arm import arm_and_hand, mirrored_arm_and_hand
from training.performer.arrays import Floats, Picture
from training.performer.background_motion import BackgroundMotion, sample_background_motion
from training.performer.framing import Framing
from training.performer.lighting import sample_light
from training.performer.performance import Performance
from training.performer.primitives import placed
from training.performer.raycast import GeometryBuffers, cast_primitives, new_buffers
from training.performer.room import sample_room
from training.performer.rotation import axis_rotation
from training.performer.shading import Light, shade_box

# Who sits before a second screen looks past the camera.
_LOOKING_ASIDE_SHARE = 0.25
# Sample offsets within a pixel; hand samples alternate between the two of the body.
_BODY_JITTERS = ((-0.25, -0.2), (0.25, 0.2))


@dataclass(frozen=True)
class Sway:
    """The small movements of someone sitting: a sum of slow sines for each of six quantities."""

    frequencies_hz: Floats
    phases: Floats

    def at(self, time_s: float) -> Floats:
        """Return six values between -1 and 1."""
        angles = 2.0 * math.pi * self.frequencies_hz * time_s + self.phases
        return np.sin(angles)


@dataclass(frozen=True)
class Stage:
    """Everything that stays the same throughout a recording.

    Attributes:
        framing: Camera and seat.
        actor: The person's looks.
        light: The room's light.
        room: Linear RGB, shape (H, W, 3).
        sway: How the person sways.
        gaze: Which way the head is turned, radians.
        motion: What moves in the room; None for nothing.
    """

    framing: Framing
    actor: Actor
    light: Light
    room: Picture
    sway: Sway
    gaze: float
    motion: BackgroundMotion | None = None

    def draw(
        self, performance: Performance, time_s: float, exposure_s: float, samples: int = 4
    ) -> Picture:
        """Draw one frame.

        Head and body are sampled twice, moving hands `samples` times over the exposure.

        Args:
            performance: What is done, and when.
            time_s: Middle of the exposure.
            exposure_s: How long the shutter is open: what moves meanwhile is blurred.
            samples: Sub-frames of the hands; at least 2.

        Returns:
            Linear RGB, shape (H, W, 3).
        """
        head, parts = self._body_at(time_s, performance.unrest_at(time_s))
        room = self.room if self.motion is None else self.motion.drawn(self.room, time_s)
        layers = [self._body_layer(room, parts, head, jitter) for jitter in _BODY_JITTERS]
        if performance.main is None:
            return (0.5 * (layers[0][1] + layers[1][1])).astype(np.float32)
        # Half a pixel shows no more than the sway of the head.
        unseen = 0.5 / self.framing.height
        if performance.still_around(time_s, exposure_s, unseen):
            samples = min(samples, len(layers))
        total = np.zeros_like(self.room)
        for index in range(samples):
            moment = time_s + exposure_s * ((index + 0.5) / samples - 0.5)
            buffers, color = layers[index % 2]
            jitter = _BODY_JITTERS[index % 2]
            total += self._with_hands(performance, moment, head, buffers, color, jitter)
        return total / np.float32(samples)

    @cached_property
    def _head_parts(self) -> Floats:
        return head_primitives(self.actor)

    @cached_property
    def _body_parts(self) -> Floats:
        return body_primitives(self.actor)

    def _body_at(self, time_s: float, unrest: float) -> tuple[Floats, Floats]:
        """Return the head's center and the primitives of head and body at a time."""
        sway = unrest * self.sway.at(time_s)
        head = self.framing.head + np.array([0.006, 0.003, 0.005]) * sway[:3]
        tilt = axis_rotation((1.0, 0.0, 0.0), self.framing.pitch)
        turn = axis_rotation((0.0, 1.0, 0.0), self.gaze + 0.07 * sway[4])
        nod = axis_rotation((1.0, 0.0, 0.0), 0.6 * self.framing.pitch - 0.05 + 0.04 * sway[3])
        roll = axis_rotation((0.0, 0.0, 1.0), 0.03 * sway[5])
        face = placed(self._head_parts, nod @ turn @ roll, head)
        body = placed(self._body_parts, tilt, head)
        return head, np.concatenate([face, body])

    def _body_layer(
        self, room: Picture, parts: Floats, head: Floats, jitter: tuple[float, float]
    ) -> tuple[GeometryBuffers, Picture]:
        """Draw room, head and body."""
        framing = self.framing
        buffers, color = new_buffers(framing.height, framing.width), room.copy()
        box = cast_primitives(parts, framing.tangent, *jitter, buffers)
        self._shade(buffers, box, head, np.zeros((2, 3)), color)
        return buffers, color

    def _with_hands(
        self,
        performance: Performance,
        time_s: float,
        head: Floats,
        body: GeometryBuffers,
        color: Picture,
        jitter: tuple[float, float],
    ) -> Picture:
        """Draw the hands over a finished body layer."""
        assert performance.main is not None  # draw() has seen to it
        framing, actor = self.framing, self.actor
        shoulder = head + np.array([-actor.shoulder_m, -0.24 * actor.head_scale, -0.02])
        state = performance.main.at(time_s)
        parts = arm_and_hand(state, shoulder, actor, framing, held=performance.held_at(time_s))
        palms = np.zeros((2, 3))
        palms[0] = state.rotation[:, 2]
        if performance.second is not None:
            other = performance.second.at(time_s)
            mirrored_shoulder = np.array([-(head[0] + actor.shoulder_m), *shoulder[1:]])
            arm = mirrored_arm_and_hand(other, mirrored_shoulder, actor, framing)
            parts = np.concatenate([parts, arm])
            palms[1] = other.rotation[:, 2] * [-1.0, 1.0, 1.0]
        buffers = GeometryBuffers(
            body.depth.copy(), body.normal.copy(), np.full_like(body.material, -1)
        )
        result = color.copy()
        box = cast_primitives(parts, framing.tangent, *jitter, buffers)
        self._shade(buffers, box, head, palms, result)
        return result

    def _shade(
        self,
        buffers: GeometryBuffers,
        box: tuple[int, int, int, int],
        head: Floats,
        palms: Floats,
        color: Picture,
    ) -> None:
        """Color a box of pixels in place."""
        shade_box(
            buffers,
            box,
            self.framing.tangent,
            self.light,
            self.actor.materials,
            head,
            palms,
            color,
        )


def sample_stage(
    rng: np.random.Generator, framing: Framing, backgrounds: Path | None = None
) -> Stage:
    """Draw a person in a room.

    Args:
        rng: Source of chance.
        framing: Camera and seat.
        backgrounds: Folder of pictures for rooms; None for painted rooms.
    """
    sway = Sway(rng.uniform(0.1, 0.6, 6), rng.uniform(0.0, 6.3, 6))
    room = sample_room(rng, framing.height, framing.width, backgrounds)
    actor, light = sample_actor(rng), sample_light(rng)
    turned = 0.9 if rng.random() < _LOOKING_ASIDE_SHARE else 0.3
    gaze = float(rng.uniform(-turned, turned))
    motion = sample_background_motion(rng, framing.height, framing.width)
    return Stage(framing, actor, light, room, sway, gaze, motion)

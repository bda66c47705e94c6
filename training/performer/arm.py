"""The arm that carries a hand: elbow, sleeve and watch."""

import numpy as np

from training.performer.actor import Actor
from training.performer.arrays import Floats
from training.performer.framing import Framing
from training.performer.hand import HAND_CENTER_M, hand_primitives
from training.performer.held_thing import HeldThing, add_held_thing
from training.performer.motion import HandState
from training.performer.primitives import Material, PrimitiveList, mirror_in_place
from training.performer.rotation import unit

_FOREARM_M = 0.25
_ELBOW_FROM_SHOULDER = np.array([-0.06, -0.25, 0.1])
# How far a forearm follows its hand: keeps wrists from bending more than people can.
_WRIST_STIFFNESS = 0.8


def arm_joints(
    state: HandState, shoulder: Floats, framing: Framing, hand_scale: float
) -> tuple[Floats, Floats, Floats]:
    """Return a right arm's wrist and elbow, meters, and the unit vector along it; shape (3,) each.

    Args:
        state: The hand's state.
        shoulder: Camera-space point, shape (3,), meters.
        framing: The camera's view.
        hand_scale: Size of the hand.
    """
    fingers = state.rotation[:, 1]
    center = framing.point_at(state.u, state.v, state.distance)
    wrist = center - fingers * (HAND_CENTER_M * hand_scale)
    natural = shoulder + _ELBOW_FROM_SHOULDER + state.elbow
    along = unit(unit(wrist - natural) + _WRIST_STIFFNESS * fingers)
    elbow = wrist - along * _FOREARM_M
    # An elbow behind the camera cannot be drawn.
    elbow[2] = min(elbow[2], -0.14)
    return wrist, elbow, along


def arm_and_hand(
    state: HandState,
    shoulder: Floats,
    actor: Actor,
    framing: Framing,
    *,
    held: HeldThing | None = None,
) -> Floats:
    """Build a right arm with its hand in camera space.

    Args:
        state: The hand's state.
        shoulder: Camera-space point, shape (3,), meters.
        actor: Whose arm it is.
        framing: The camera's view.
        held: What the hand carries, if anything.

    Returns:
        Primitive table, shape (count, columns).
    """
    rotation, scale = state.rotation, actor.hand_scale
    wrist, elbow, along = arm_joints(state, shoulder, framing, scale)
    parts = PrimitiveList()
    middle = wrist - along * 0.05
    parts.cone(Material.HAND, wrist + along * 0.012, middle, 0.0205 * scale, 0.024 * scale)
    parts.cone(Material.HAND, middle, elbow, 0.024 * scale, 0.036 * scale)
    if actor.watch:
        band = (wrist - along * 0.025, wrist - along * 0.043)
        parts.cone(Material.DARK, *band, 0.027 * scale, 0.028 * scale)
    if actor.sleeve > 0.1:
        cuff = elbow + (wrist - elbow) * (0.92 * actor.sleeve)
        parts.cone(Material.SLEEVE, cuff, elbow, 0.03 * scale + 0.007, 0.045 * scale)
    parts.cone(Material.SLEEVE, elbow, shoulder, 0.043, 0.055)
    if held is not None:
        add_held_thing(parts, held, wrist, rotation)
    hand = hand_primitives(state.pose, rotation, wrist, scale)
    return np.concatenate([parts.array(), hand])


def mirrored_arm_and_hand(
    state: HandState, shoulder: Floats, actor: Actor, framing: Framing
) -> Floats:
    """Build a left arm: `state` and `shoulder` are given as a mirror would show them."""
    primitives = arm_and_hand(state, shoulder, actor, framing)
    mirror_in_place(primitives)
    hand = primitives[:, 1] == Material.HAND
    primitives[hand, 1] = Material.SECOND_HAND
    return primitives

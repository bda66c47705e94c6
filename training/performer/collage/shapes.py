"""The hand shapes that cut-outs show, and what the texture folder calls them."""

from enum import Enum


class HandShape(Enum):
    """What a hand in a cut-out does; the arm comes from below.

    A thumb that is stretched away from its fist points to the picture's left.
    """

    OPEN_PALM = "open palm"
    TWO_FINGERS = "two fingers"
    THUMB = "thumb"
    FIST = "fist"
    BUNCH = "bunch"
    PINCH_OPEN = "pinch open"
    PINCH_CLOSED = "pinch closed"
    POINTING = "pointing"
    OTHER_SIGN = "other sign"


_POSES: dict[HandShape, tuple[str, ...]] = {
    HandShape.OPEN_PALM: ("open_palm", "flat_palm_fingers_closed", "four_fingers_up"),
    HandShape.TWO_FINGERS: ("v_two_fingers", "two_fingers_up_closed", "two_fingers_side"),
    HandShape.THUMB: ("thumb_up", "thumb_down"),
    HandShape.FIST: ("fist", "fist_curled", "fist_thumb_side"),
    HandShape.BUNCH: ("o_ring",),
    HandShape.PINCH_OPEN: ("thumb_index_L",),
    HandShape.PINCH_CLOSED: ("hooked_index",),
    HandShape.POINTING: ("index_up", "index_point_side", "point_down"),
    HandShape.OTHER_SIGN: (
        "c_curve",
        "ok_thumb_touches_index",
        "pinky_up",
        "three_fingers_up",
        "three_up_thumb_touches_pinky",
        "thumb_and_pinky",
        "thumb_index_middle",
        "thumb_touches_middle",
        "thumb_touches_ring",
        "two_fingers_crossed",
    ),
}
SHAPE_OF_POSE: dict[str, HandShape] = {
    pose: shape for shape, poses in _POSES.items() for pose in poses
}
"""What each pose of a texture folder's manifest is used as; poses that are missing here are not."""

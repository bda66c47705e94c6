"""Gestures that break off: a hand that begins a stroke and thinks better of it."""

from dataclasses import replace

from training.performer.gesture import Draw, Gesture
from training.performer.motion import Keyframe, Track

# Those whose first third does not yet show what they are. A thumb or an open palm is a sign as
# soon as it is seen, and a few turns of a rolling hand are rolling.
_BEGINNINGS = ("Swiping", "Sliding", "Pushing", "Pulling", "Zooming")
_SHARE = (0.2, 0.38)


def can_break_off(label: str) -> bool:
    """Return True for a gesture that is nothing yet after the first third of its stroke."""
    return label.startswith(_BEGINNINGS)


def broken_off(gesture: Gesture, draw: Draw) -> Gesture:
    """Return the first part of a gesture's stroke.

    Strokes are slow at their ends, so that the hand has made less than a quarter of its way.

    Args:
        gesture: One that `can_break_off`, of the main hand alone.
        draw: The choices that it was built from.
    """
    cut_s = gesture.duration_s * draw.between(*_SHARE)
    kept = [key for key in gesture.keyframes if key.time_s < cut_s]
    stopped = Keyframe(cut_s, Track(gesture.keyframes).at(cut_s))
    movements = tuple(
        replace(movement, end_s=min(movement.end_s, cut_s)) for movement in gesture.oscillations
    )
    return replace(gesture, keyframes=(*kept, stopped), duration_s=cut_s, oscillations=movements)

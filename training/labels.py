"""The 27 Jester labels in this project's order, and what a mirror does to them.

Every data set, model and tool that speaks of Jester classes takes the order from here, so that a
class index means the same thing everywhere.
"""

from training.data.mirroring import mirrored_name

JESTER_LABELS: tuple[str, ...] = (
    "Swiping Left",
    "Swiping Right",
    "Swiping Down",
    "Swiping Up",
    "Pushing Hand Away",
    "Pulling Hand In",
    "Sliding Two Fingers Left",
    "Sliding Two Fingers Right",
    "Sliding Two Fingers Down",
    "Sliding Two Fingers Up",
    "Pushing Two Fingers Away",
    "Pulling Two Fingers In",
    "Rolling Hand Forward",
    "Rolling Hand Backward",
    "Turning Hand Clockwise",
    "Turning Hand Counterclockwise",
    "Zooming In With Full Hand",
    "Zooming Out With Full Hand",
    "Zooming In With Two Fingers",
    "Zooming Out With Two Fingers",
    "Thumb Up",
    "Thumb Down",
    "Shaking Hand",
    "Stop Sign",
    "Drumming Fingers",
    "No gesture",
    "Doing other things",
)


def mirrored_label(label: str) -> str:
    """Name the gesture that a horizontally flipped clip shows.

    A flip swaps left and right of swipes and slides, and the sense of a turning hand; every other
    gesture keeps its name.

    Args:
        label: A label of `JESTER_LABELS`.

    Returns:
        The label of the flipped clip, itself one of `JESTER_LABELS`.

    Raises:
        ValueError: If `label` is not a Jester label.
    """
    if label not in JESTER_LABELS:
        raise ValueError(f"'{label}' is not a Jester label.")
    return mirrored_name(label)


NO_GESTURE, OTHER_THINGS = "No gesture", "Doing other things"
SILENT_LABELS: tuple[str, ...] = (NO_GESTURE, OTHER_THINGS)
"""Labels that say that nothing was asked for; an app never acts on them."""

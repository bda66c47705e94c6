"""Finds labels in the settings that were probably meant to be those of the model."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from difflib import get_close_matches

from app.settings import Settings

log = logging.getLogger(__name__)

_SIMILAR = 0.92
"""Of `difflib`; labels of one data set that differ in their direction only, such as "Zooming In
With Full Hand" and "Zooming Out With Full Hand", are less similar."""


def warn_of_misspelled_labels(settings: Settings, labels: Sequence[str]) -> None:
    """Log one sentence for each label in the settings that is almost one of a model's.

    Any other label belongs to another model; settings hold for all of them.

    Args:
        settings: The settings.
        labels: The labels of the model that runs.
    """
    decision = settings.decision
    named = [*settings.control.bindings, settings.control.arm_gesture]
    named += [] if decision is None else decision.gestures
    by_lower_case = {" ".join(label.casefold().split()): label for label in labels}
    for name in dict.fromkeys(named):
        if not name or name in labels:
            continue
        lower_case = " ".join(name.casefold().split())
        for match in get_close_matches(lower_case, by_lower_case, n=1, cutoff=_SIMILAR):
            log.warning(
                "The settings name the gesture '%s', which this model does not have; "
                "write '%s' if that is meant.",
                name,
                by_lower_case[match],
            )

"""Sets of gestures that nobody has taught: quick to make, and as good as any to be kept."""

from __future__ import annotations

import numpy as np

from models.decision import DecisionSettings
from models.linear_head import LinearHead
from models.personal.personal_set import PersonalSet, SetDescription

DIGEST = "digest of the model"
GESTURES = ("Swiping Left", "Heart")
SILENT = ("No gesture", "Doing other things")
DECISION = DecisionSettings(fire_above=0.77)


def a_set(name: str = "Mina", *, digest: str = DIGEST, features: int = 12) -> PersonalSet:
    """Return a set of two gestures for a model with so many features."""
    labels = (*GESTURES, *SILENT)
    about = SetDescription(
        name=name,
        labels=labels,
        silent_labels=SILENT,
        decision=DECISION,
        model="tiny",
        model_digest=digest,
        figure=("Heart: 4 of 5.", "Swiping Left: 5 of 5."),
    )
    weight = np.random.default_rng(len(name)).normal(size=(len(labels), 2 * features))
    return PersonalSet(about, LinearHead(weight.astype(np.float32), np.zeros(len(labels))), {})

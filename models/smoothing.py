"""From the scores of single frames to probabilities over the newest clip, frame after frame."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.spec import ModelSpec


class ScoreWindow:
    """The scores of the newest T frames of a stream: their mean is what training optimises."""

    def __init__(self, spec: ModelSpec) -> None:
        """Start empty.

        Args:
            spec: The model whose scores these are.
        """
        self._name = spec.name
        self._logits: deque[NDArray[np.float32]] = deque(maxlen=spec.frames)

    def push(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Take in one frame's scores of shape (K,); return each label's probability, 0 to 1.

        Raises:
            ModelError: The scores are not numbers.
        """
        if not np.isfinite(logits).all():
            raise ModelError(
                f"The model {self._name} gave scores that are not numbers; "
                "its weights are damaged, use another model with --model."
            )
        self._logits.append(logits)
        mean = np.mean(np.stack(self._logits), axis=0, dtype=np.float64)
        exponentials = np.exp(mean - mean.max())
        return np.asarray(exponentials / exponentials.sum(), np.float64)

    def clear(self) -> None:
        """Forget the stream."""
        self._logits.clear()

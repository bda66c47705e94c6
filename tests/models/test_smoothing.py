from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from models.smoothing import ScoreWindow
from tests.models.networks import tiny_spec

SPEC = tiny_spec()
scores = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=4, max_size=4)


@given(st.lists(scores, min_size=1, max_size=20))
def test_any_scores_become_probabilities(logits: list[list[float]]) -> None:
    window = ScoreWindow(SPEC)
    for row in logits:
        probabilities = window.push(np.asarray(row, np.float32))
        assert probabilities.min() >= 0
        assert probabilities.sum() == pytest.approx(1)


def test_only_the_newest_clip_counts_and_nothing_after_a_clear() -> None:
    window, rng = ScoreWindow(SPEC), np.random.default_rng(0)
    logits = rng.normal(size=(30, 4)).astype(np.float32)
    for row in logits:
        last = window.push(row)
    fresh = ScoreWindow(SPEC)
    for row in logits[-SPEC.frames :]:
        again = fresh.push(row)
    np.testing.assert_array_equal(last, again)
    window.clear()
    np.testing.assert_array_equal(window.push(logits[0]), ScoreWindow(SPEC).push(logits[0]))


def test_scores_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(ModelError, match="not numbers"):
        ScoreWindow(SPEC).push(np.full(4, np.inf, np.float32))

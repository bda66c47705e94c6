from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.engines.base import StepResult
from models.errors import ModelError
from models.live import Frame, LiveModel, Step
from models.trace import StepTrace
from tests.models.networks import tiny_spec

SPEC = tiny_spec()
PICTURE = np.zeros((SPEC.input_height, SPEC.input_width, 3), np.uint8)
ROOT = Path(__file__).parents[2]
scores = st.lists(st.floats(-(2.0**100), 2.0**100, width=32), min_size=4, max_size=4)


class ScriptedEngine:
    """Gives the scores that it was made with; its state counts the steps since the beginning."""

    name = "scripted"
    spec = SPEC

    def __init__(self, logits: Iterable[Iterable[float]]) -> None:
        self._logits = iter(logits)
        self.states: list[int] = []

    def init_state(self) -> int:
        return 0

    def step(self, frame: NDArray[np.float32], state: int) -> StepResult:
        self.states.append(state)
        logits = np.asarray(next(self._logits), np.float32)
        return StepResult(logits, state + 1, StepTrace((), 1, 1))


def steps_over(logits: Iterable[Iterable[float]]) -> list[Step]:
    model = LiveModel(ScriptedEngine(logits))
    return [model.step(PICTURE, index * 0.1, run=0) for index, _ in enumerate(logits)]


def frame(time_s: float, segment: int = 0) -> Frame:
    return Frame(np.zeros((60, 80, 3), np.uint8), time_s, segment)


@given(st.lists(scores, min_size=1, max_size=20))
def test_any_scores_become_probabilities(logits: list[list[float]]) -> None:
    for step in steps_over(logits):
        assert step.probabilities.min() >= 0
        assert step.probabilities.sum() == pytest.approx(1)
        assert step.by_label[step.label] == step.confidence == step.probabilities.max()


def test_only_the_newest_clip_counts_and_nothing_after_a_restart() -> None:
    logits = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
    model = LiveModel(ScriptedEngine([*logits, logits[0]]))
    for row in logits:
        last = model.step(PICTURE, 0.0, run=0)
        np.testing.assert_array_equal(last.logits, row)
    fresh = steps_over(logits[-SPEC.frames :])[-1]
    np.testing.assert_array_equal(last.probabilities, fresh.probabilities)
    model.restart()
    again = model.step(PICTURE, 0.0, run=0)
    np.testing.assert_array_equal(again.scores, steps_over(logits[:1])[0].scores)


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ModelError, match="not finite"):
        steps_over([[np.inf, 0, 0, 0]])


def test_the_model_looks_at_its_own_cadence_and_starts_afresh_after_a_gap() -> None:
    engine = ScriptedEngine([[0, 0, 0, 0]] * 100)
    model = LiveModel(engine)
    interval_s = SPEC.frame_interval_s
    times_s = [number * interval_s / 4 for number in range(9)]
    late_s = times_s[-1] + 10
    frames = [*map(frame, times_s), frame(late_s), frame(late_s + interval_s, segment=1)]
    steps = list(model.over(frames))
    assert engine.states == [0, 1, 2, 0, 0]
    assert [step.run for step in steps] == [0, 0, 0, 1, 2]
    assert steps[0].picture.shape == (SPEC.input_height, SPEC.input_width, 3)


def test_the_example_of_the_readme_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines that embed the model, as they stand there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    monkeypatch.chdir(ROOT)
    exec(compile(example, "README.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 20
    assert any("Swiping" in line for line in lines)

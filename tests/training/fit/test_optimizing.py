from __future__ import annotations

import pytest
from torch.nn import Linear

from training.fit.optimizing import (
    Cosine,
    OneCycle,
    OptimizerKind,
    Schedule,
    StepDecay,
    build_optimizer,
)

EPOCH_STEPS = 10


def rates(schedule: Schedule, epochs: int) -> list[float]:
    """Return the learning rate of each step of a run, for a rate of 1 at its highest."""
    optimizer = build_optimizer(OptimizerKind.SGD, Linear(2, 2).parameters(), 1.0, 0.0, 0.9)
    scheduler = schedule.build(optimizer, 1.0, epochs * EPOCH_STEPS, EPOCH_STEPS)
    found = []
    for _ in range(epochs * EPOCH_STEPS):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_the_papers_schedule_divides_by_ten_at_epochs_20_and_40() -> None:
    found = rates(StepDecay(), 50)
    assert found[0] == found[199] == 1.0
    assert found[200] == found[399] == pytest.approx(0.1)
    assert found[400] == found[499] == pytest.approx(0.01)


@pytest.mark.parametrize(
    "schedule", [StepDecay(epochs=(4,), warm_up_epochs=2), Cosine(warm_up_epochs=2)]
)
def test_a_warm_up_rises_evenly_to_what_follows(schedule: Schedule) -> None:
    found = rates(schedule, 10)
    assert found[0] == pytest.approx(1 / 20, rel=0.01)
    assert found[:19] == sorted(found[:19])
    assert max(found) == pytest.approx(1, rel=0.1)


@pytest.mark.parametrize("schedule", [OneCycle(), Cosine()])
def test_a_schedule_over_the_whole_run_ends_near_zero(schedule: Schedule) -> None:
    found = rates(schedule, 10)
    assert max(found) == pytest.approx(1, rel=0.05)
    assert found[-1] < 0.01


@pytest.mark.parametrize("kind", list(OptimizerKind))
def test_only_matrices_decay_and_only_what_learns_is_optimized(kind: OptimizerKind) -> None:
    layer, frozen = Linear(2, 2), Linear(2, 2).requires_grad_(False)
    parameters = [*layer.parameters(), *frozen.parameters()]
    optimizer = build_optimizer(kind, parameters, 0.1, 0.5, 0.9)
    decay = {
        id(parameter): group["weight_decay"]
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    assert decay == {id(layer.weight): 0.5, id(layer.bias): 0.0}

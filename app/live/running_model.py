"""Which model runs, on what: all that the window has to know to show it."""

from __future__ import annotations

from dataclasses import dataclass

from models.spec import ModelSpec


@dataclass(frozen=True)
class RunningModel:
    """A model on its engine. A switch makes another one, even to the same model again.

    Attributes:
        spec: The model.
        engine_name: The engine that runs it.
        engine_reason: Why this engine, as the end of a sentence; empty if nobody asked.
        times_blocks: Whether the engine can tell how long each fused block takes.
        saves_time: Whether the engine leaves out what the policy does not ask for; False where it
            computes every channel all the same.
    """

    spec: ModelSpec
    engine_name: str
    engine_reason: str = ""
    times_blocks: bool = False
    saves_time: bool = True

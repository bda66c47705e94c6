"""The ways through the sources that CONTRIBUTING.md describes lead somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
STEPS = re.findall(
    r"`((?:app|models|training|tests)/[\w/]+\.py)(?:: ([\w.]+))?`",
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
)


def names_in(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Return what a module or a class defines, by name."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found[node.name] = node
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def test_there_are_ways_to_follow() -> None:
    assert len(STEPS) > 30


@pytest.mark.parametrize(("file", "name"), STEPS)
def test_every_step_exists(file: str, name: str) -> None:
    body = ast.parse((ROOT / file).read_text(encoding="utf-8")).body
    for part in filter(None, name.split(".")):
        names = names_in(body)
        assert part in names, f"{file} has no {name}"
        body = getattr(names[part], "body", [])

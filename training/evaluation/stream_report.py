"""Writes every gesture and every event of an evaluation over streams, for people to look into."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from models.files import staged_folder
from training.evaluation.csv_file import write_csv
from training.evaluation.stream_metrics import StreamMetrics, StreamOutcome


def write_report(
    out: Path, model: str, metrics: StreamMetrics, outcomes: Sequence[StreamOutcome]
) -> None:
    """Write a new folder, whole or not at all.

    Args:
        out: The folder; new or empty.
        model: Name of the model.
        metrics: The sums.
        outcomes: The streams.

    Raises:
        OSError: The folder is not empty or cannot be written.
    """
    with staged_folder(out) as folder:
        facts = {"model": model, **metrics.as_dict()}
        text = json.dumps(facts, indent=2) + "\n"
        (folder / "evaluation.json").write_text(text, encoding="utf-8")
        write_csv(folder / "gestures.csv", _gesture_rows(outcomes))
        write_csv(folder / "false_activations.csv", _false_rows(outcomes))
        write_csv(folder / "per_class.csv", _class_rows(outcomes))


def _gesture_rows(outcomes: Sequence[StreamOutcome]) -> list[Sequence[object]]:
    """Return a line for each gesture: where it is, and when it fired, if it did."""
    rows: list[Sequence[object]] = [("stream", "label", "start_s", "end_s", "fired_s", "delay_ms")]
    for item in outcomes:
        found = {id(detection.cue): detection for detection in item.detections}
        for cue in item.gestures:
            detection = found.get(id(cue))
            fired: tuple[object, object] = ("", "")
            if detection is not None:
                fired = round(detection.event.time_s, 3), round(1000 * detection.delay_s)
            rows.append((item.name, cue.label, cue.start_s, cue.end_s, *fired))
    return rows


def _false_rows(outcomes: Sequence[StreamOutcome]) -> list[Sequence[object]]:
    """Return a line for each event that belongs to no gesture."""
    rows: list[Sequence[object]] = [("stream", "time_s", "label", "confidence", "kind", "during")]
    for item in outcomes:
        for wrong in item.false:
            event = wrong.event
            numbers = round(event.time_s, 3), event.label, round(event.confidence, 4)
            rows.append((item.name, *numbers, wrong.kind.value, wrong.during))
    return rows


def _class_rows(outcomes: Sequence[StreamOutcome]) -> list[Sequence[object]]:
    """Return a line for each label: how often it was made, detected, and fired falsely."""
    counts: dict[str, list[int]] = {}
    for item in outcomes:
        labels = (
            [cue.label for cue in item.gestures],
            [detection.cue.label for detection in item.detections],
            [wrong.event.label for wrong in item.false],
        )
        for column, named in enumerate(labels):
            for label in named:
                counts.setdefault(label, [0, 0, 0])[column] += 1
    rows: list[Sequence[object]] = [("label", "gestures", "detected", "false_activations")]
    rows += [(label, *counts[label]) for label in sorted(counts)]
    return rows

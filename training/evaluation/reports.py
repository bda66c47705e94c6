"""Writes what an evaluation found: figures as JSON, tables as CSV, pictures as PNG."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from models.files import staged_folder
from training.data.errors import DataError
from training.evaluation.clip_metrics import DECIMALS, ClipEvaluation
from training.evaluation.policy_mix import BlockMix, DataSetMix, Mix
from training.evaluation.stream_metrics import StreamMetrics, StreamOutcome

EVALUATION_FILE = "evaluation.json"


def write_clip_report(
    out: Path, evaluation: ClipEvaluation, model: str, data: str, beside: Sequence[DataSetMix] = ()
) -> None:
    """Write the report of an evaluation over clips: a new folder, whole or not at all.

    Args:
        out: The folder; new or empty.
        evaluation: Its results.
        model: Name of the model.
        data: Name of the data set, as the pictures call it.
        beside: Policy mixes of other data sets, drawn in the same picture.

    Raises:
        OSError: The folder is not empty or cannot be written.
    """
    # Matplotlib takes a second to load, which only pictures need.
    from training.evaluation.figures import (
        confusion_figure,
        policy_blocks_figure,
        policy_mix_figure,
    )

    metrics = evaluation.metrics
    facts = {"model": model, "data": data, **metrics.as_dict()}
    mine = DataSetMix(data, Mix(metrics.keep, metrics.reuse, metrics.skip))
    with staged_folder(out) as folder:
        _write_json(folder / EVALUATION_FILE, facts)
        _write_csv(folder / "per_class.csv", _class_rows(evaluation))
        _write_csv(folder / "confusion.csv", _confusion_rows(evaluation))
        _write_csv(folder / "policy_blocks.csv", _block_rows(evaluation.blocks))
        confusion_figure(evaluation, data).savefig(folder / "confusion.png")
        policy_mix_figure([*beside, mine]).savefig(folder / "policy_mix.png")
        if evaluation.blocks:
            policy_blocks_figure(evaluation.blocks, data).savefig(folder / "policy_blocks.png")


def write_stream_report(
    out: Path, model: str, metrics: StreamMetrics, outcomes: Sequence[StreamOutcome]
) -> None:
    """Write the report of an evaluation over streams: a new folder, whole or not at all.

    Args:
        out: The folder; new or empty.
        model: Name of the model.
        metrics: Over all streams.
        outcomes: Of each stream.

    Raises:
        OSError: The folder is not empty or cannot be written.
    """
    with staged_folder(out) as folder:
        facts = {"model": model, **metrics.as_dict()}
        _write_json(folder / EVALUATION_FILE, facts)
        _write_csv(folder / "gestures.csv", _gesture_rows(outcomes))
        _write_csv(folder / "false_activations.csv", _false_rows(outcomes))
        _write_csv(folder / "per_class.csv", _gesture_class_rows(outcomes))


def read_mix(folder: Path) -> DataSetMix:
    """Read the policy mix that an earlier evaluation wrote.

    Raises:
        DataError: The folder holds no evaluation.
    """
    path = folder / EVALUATION_FILE
    try:
        saved = msgspec.json.decode(path.read_bytes(), type=_SavedMix)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(
            f"{path} is missing or is not an evaluation; --beside takes folders that "
            "'evaluate --out' wrote."
        ) from error
    return DataSetMix(saved.data, Mix(saved.keep, saved.reuse, saved.skip))


class _SavedMix(msgspec.Struct, frozen=True):
    """The fields of an earlier evaluation that are read back."""

    data: str
    keep: float
    reuse: float
    skip: float


def _class_rows(evaluation: ClipEvaluation) -> list[Sequence[object]]:
    """Return label, clips, accuracy (share of its clips) and precision (share of its answers)."""
    rows: list[Sequence[object]] = [("label", "clips", "accuracy", "precision")]
    taken = evaluation.confusion.sum(axis=0)
    for index, label in enumerate(evaluation.labels):
        right, seen = int(evaluation.confusion[index, index]), int(evaluation.seen[index])
        accuracy = round(right / seen, DECIMALS) if seen else ""
        precision = round(right / int(taken[index]), DECIMALS) if taken[index] else ""
        rows.append((label, seen, accuracy, precision))
    return rows


def _confusion_rows(evaluation: ClipEvaluation) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = [("label \\ taken for", *evaluation.labels)]
    for label, counts in zip(evaluation.labels, evaluation.confusion.tolist(), strict=True):
        rows.append((label, *counts))
    return rows


def _block_rows(blocks: Sequence[BlockMix]) -> list[Sequence[object]]:
    rows: list[Sequence[object]] = [
        (
            "block",
            "channels",
            "keep",
            "reuse",
            "skip",
            "always_keep",
            "always_reuse",
            "always_skip",
            "never_changes",
        )
    ]
    for block in blocks:
        shares = (
            *(block.mix.keep, block.mix.reuse, block.mix.skip),
            *(block.constant.keep, block.constant.reuse, block.constant.skip),
            block.constant.total,
        )
        rows.append((block.name, block.channels, *(round(share, DECIMALS) for share in shares)))
    return rows


def _gesture_rows(outcomes: Sequence[StreamOutcome]) -> list[Sequence[object]]:
    """Return a line for each gesture: when it was made, and when it fired, if it did."""
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


def _gesture_class_rows(outcomes: Sequence[StreamOutcome]) -> list[Sequence[object]]:
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


def _write_json(path: Path, facts: dict[str, object]) -> None:
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def _write_csv(path: Path, rows: Sequence[Sequence[object]]) -> None:
    """Write a table whose first row is its header."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)

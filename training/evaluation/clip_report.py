"""Writes what an evaluation over clips found: numbers as JSON and CSV, pictures as PNG."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from models.files import staged_folder
from training.data.errors import DataError
from training.evaluation.clip_metrics import DECIMALS, ClipEvaluation
from training.evaluation.csv_file import write_csv
from training.evaluation.figures import (
    DataSetMix,
    confusion_figure,
    policy_blocks_figure,
    policy_mix_figure,
)
from training.evaluation.policy_mix import BlockMix, Mix

EVALUATION_FILE = "evaluation.json"


class _SavedMix(msgspec.Struct, frozen=True):
    """What is read back of an earlier evaluation; other fields do not matter here."""

    data: str
    keep: float
    reuse: float
    skip: float


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


def write_report(
    out: Path, evaluation: ClipEvaluation, model: str, data: str, beside: Sequence[DataSetMix] = ()
) -> None:
    """Write a new folder, whole or not at all.

    Args:
        out: The folder; new or empty.
        evaluation: What was found.
        model: Name of the model.
        data: Name of the data set, as the pictures call it.
        beside: Policy mixes of other data sets, drawn in the same picture.

    Raises:
        OSError: The folder is not empty or cannot be written.
    """
    metrics = evaluation.metrics
    facts = {"model": model, "data": data, **metrics.as_dict()}
    mine = DataSetMix(data, Mix(metrics.keep, metrics.reuse, metrics.skip))
    with staged_folder(out) as folder:
        text = json.dumps(facts, indent=2) + "\n"
        (folder / EVALUATION_FILE).write_text(text, encoding="utf-8")
        write_csv(folder / "per_class.csv", _class_rows(evaluation))
        write_csv(folder / "confusion.csv", _confusion_rows(evaluation))
        write_csv(folder / "policy_blocks.csv", _block_rows(evaluation.blocks))
        confusion_figure(evaluation, data).savefig(folder / "confusion.png")
        policy_mix_figure([*beside, mine]).savefig(folder / "policy_mix.png")
        if evaluation.blocks:
            policy_blocks_figure(evaluation.blocks, data).savefig(folder / "policy_blocks.png")


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

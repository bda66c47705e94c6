"""The data as a training run meets it: through Lightning, with processes that read."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from jsonargparse import ArgumentParser
from lightning import LightningModule, Trainer
from torch import Tensor

from tests.training.data_sets import SOMETHING, write_something_v2
from tests.training.jester_folder import write_jester
from training.data.clip import Size
from training.data.datamodule import ClipData
from training.data.errors import DataError
from training.data.layouts import Layout, LayoutName
from training.data.sampling import UniformSegments
from training.data.transforms import Augmentation, CenterCrop, MultiScaleCrop
from training.fit.command import USUAL_CLASSES

QUIET: dict[str, Any] = {
    "accelerator": "cpu",
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
    "max_epochs": 1,
    "num_sanity_val_steps": 0,
}

# What Lightning and its libraries say of themselves, of processes and of logging every step.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{text}")
    for text in (
        "The '.*_dataloader' does not have many workers",
        "The number of training batches",
        "`isinstance.treespec, LeafSpec.` is deprecated",
        "This DataLoader will create",
        r"\s*By default only one Jsonargparse",
        r"\s*``instantiate_classes`` was deprecated",
    )
]


class Watcher(LightningModule):
    """A model that remembers what it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.batches: dict[str, list[tuple[Tensor, Tensor]]] = {"training": [], "validation": []}

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        self.batches["training"].append(batch)
        return self.weight.sum() * batch[0].mean()

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        self.batches["validation"].append(batch)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(data: ClipData) -> Watcher:
    watcher = Watcher()
    Trainer(**QUIET).fit(watcher, data)
    return watcher


def jester(folder: Path, clips: int = 12) -> dict[str, Any]:
    write_jester(folder / "train", clips)
    write_jester(folder / "val", clips)
    return {
        "root": folder / "train",
        "val_root": folder / "val",
        "height": 16,
        "width": 24,
        "batch_size": 4,
    }


def damage(folder: Path, clips: Sequence[int]) -> None:
    for clip in clips:
        shutil.rmtree(folder / str(100 + clip))


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_are_floats_on_their_way_to_the_model(tmp_path: Path, workers: int) -> None:
    watcher = fit(ClipData(**jester(tmp_path), workers=workers))
    for batches in watcher.batches.values():
        assert len(batches) == 3
        for clips, labels in batches:
            assert clips.shape == (4, 8, 3, 16, 24)
            assert clips.dtype == torch.float32
            assert clips.min() < 0 < clips.max()
            assert set(labels.tolist()) <= {0, 1}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_few_unreadable_clips_are_counted_named_and_kept_out_of_validation(
    tmp_path: Path, workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    options = jester(tmp_path)
    damage(tmp_path / "train", [3])
    damage(tmp_path / "val", [5, 6])
    data = ClipData(**options, workers=workers, unreadable_share=0.2)
    with caplog.at_level(logging.WARNING):
        watcher = fit(data)
    assert sum(len(labels) for _, labels in watcher.batches["training"]) == 12
    assert sum(len(labels) for _, labels in watcher.batches["validation"]) == 10
    told = caplog.text
    for name in ("train/103", "val/105", "val/106"):
        assert name in told
    assert "1 of 12 clips (8.33%) could not be read and were replaced by another clip" in told
    assert "2 of 12 clips (16.67%) could not be read and were left out of validation" in told


@pytest.mark.parametrize(("part", "workers"), [("train", 0), ("train", 2), ("val", 0)])
def test_too_many_unreadable_clips_end_the_run_with_one_sentence(
    tmp_path: Path, part: str, workers: int
) -> None:
    options = jester(tmp_path)
    damage(tmp_path / part, [4, 7])
    with pytest.raises(DataError) as caught:
        fit(ClipData(**options, workers=workers, unreadable_share=0.1))
    message = str(caught.value)
    assert "2 of 12 clips (16.67%) cannot be read, more than the allowed 10.00%" in message
    assert f"{part}/104" in message
    assert f"{part}/107" in message
    assert "\n" not in message
    assert "Traceback" not in message


def test_one_per_cent_is_allowed_unless_told_otherwise(tmp_path: Path) -> None:
    options = jester(tmp_path)
    damage(tmp_path / "val", [0])
    with pytest.raises(DataError, match=r"1 of 12 clips .* more than the allowed 1\.00%"):
        fit(ClipData(**options, workers=0))


def test_a_validation_batch_of_nothing_is_left_out(tmp_path: Path) -> None:
    options = jester(tmp_path) | {"batch_size": 1}
    damage(tmp_path / "val", [0])
    watcher = fit(ClipData(**options, workers=0, unreadable_share=0.5))
    sizes = [len(labels) for _, labels in watcher.batches["validation"]]
    assert sorted(sizes) == [0, *[1] * 11]


def test_further_folders_are_learnt_from_and_not_validated_on(tmp_path: Path) -> None:
    options = jester(tmp_path)
    more = write_jester(tmp_path / "more", 8)
    watcher = fit(ClipData(**options, workers=0, more_roots=[more]))
    counts = [sum(len(y) for _, y in batches) for batches in watcher.batches.values()]
    assert counts == [20, 12]


def test_too_few_clips_for_a_step_are_told(tmp_path: Path) -> None:
    options = jester(tmp_path) | {"batch_size": 13}
    with pytest.raises(DataError, match="one step needs 13"):
        fit(ClipData(**options, workers=0))


def test_training_and_validation_must_differ(tmp_path: Path) -> None:
    root = write_jester(tmp_path, 2)
    with pytest.raises(DataError, match="same clips"):
        ClipData(root).setup("fit")


def test_a_clip_that_is_learnt_from_is_not_validated_on(tmp_path: Path) -> None:
    options = jester(tmp_path)
    lists = [tmp_path / "train.csv", tmp_path / "val.csv"]
    lines = (tmp_path / "train" / "labels.csv").read_text().splitlines(keepends=True)
    for path, chosen in zip(lists, (lines[:8], lines[7:]), strict=True):
        path.write_text("".join(chosen))
    (tmp_path / "link").symlink_to(tmp_path / "train")
    for val_root in (tmp_path / "val" / ".." / "train", tmp_path / "link"):
        again = options | {"val_root": val_root}
        with pytest.raises(DataError, match="1 of the validation clips are among the training"):
            ClipData(**again, annotations=lists[0], val_annotations=lists[1]).setup("fit")


def test_a_folder_is_learnt_from_once(tmp_path: Path) -> None:
    options = jester(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "train")
    for again in (tmp_path / "train", tmp_path / "link"):
        with pytest.raises(DataError, match="which is a training folder already"):
            ClipData(**options, more_roots=[again]).setup("fit")


def test_where_no_validation_clip_can_be_read_the_run_says_so(tmp_path: Path) -> None:
    options = jester(tmp_path)
    for frame in (tmp_path / "val").glob("*/*.jpg"):
        frame.write_bytes(b"")
    with pytest.raises(DataError, match="None of the 12 clips can be read"):
        fit(ClipData(**options, workers=0, unreadable_share=1))


def test_labels_that_nobody_knows_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give its label file"):
        ClipData(tmp_path, layout="something_v1").setup("validate")


def test_a_video_data_set_with_the_papers_options_reads_well_in_yaml(tmp_path: Path) -> None:
    annotations, labels = write_something_v2(tmp_path)
    val_root = tmp_path / "val"
    shutil.copytree(tmp_path / "20bn-something-something-v2", val_root)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"""
data:
  layout: something_v2
  root: {tmp_path / "20bn-something-something-v2"}
  annotations: {annotations}
  val_root: {val_root}
  val_annotations: {shutil.copy(annotations, tmp_path / "val.json")}
  labels: {labels}
  sampling:
    class_path: training.data.sampling.UniformSegments
  augmentation:
    class_path: training.data.transforms.MultiScaleCrop
    init_args:
      scales: [1, 0.875]
  evaluation_crop:
    share: 0.875
  height: 32
  width: 32
  batch_size: 2
  workers: 0
""")
    parser = ArgumentParser()
    parser.add_argument("--config", action="config")
    parser.add_class_arguments(ClipData, "data")
    data = parser.instantiate_classes(parser.parse_args(["--config", str(recipe)])).data
    assert data._layout is Layout.SOMETHING_V2
    assert data._sampling == UniformSegments()
    assert data._augmentation == MultiScaleCrop(scales=(1, 0.875))
    assert data._evaluation_crop == CenterCrop(0.875)
    assert data._size == Size(32, 32)
    watcher = fit(data)
    ((clips, seen),) = watcher.batches["validation"]
    assert clips.shape == (2, 8, 3, 32, 32)
    assert [SOMETHING[label] for label in seen.tolist()] == [SOMETHING[4], SOMETHING[1]]


def test_recipes_know_every_layout() -> None:
    assert get_args(LayoutName) == tuple(layout.value for layout in Layout)


def test_the_strength_of_the_performers_changes_needs_no_class(tmp_path: Path) -> None:
    parser = ArgumentParser()
    parser.add_class_arguments(ClipData, "data")
    key = "data.augmentation"
    parser.set_defaults({key: USUAL_CLASSES[key]})
    arguments = ["--data.root", str(tmp_path), f"--{key}", '{"min_scale": 0.95}']
    data = parser.instantiate_classes(parser.parse_args(arguments)).data
    assert data._augmentation == Augmentation(min_scale=0.95)

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from tests.training.performer.collage.textures import write_textures
from training.cli import main
from training.labels import JESTER_LABELS
from training.performer.collage.act import COLLAGE_LABELS
from training.performer.collage.clip import render_collage
from training.performer.collage.contact_sheet import collage_sheet
from training.performer.collage.dataset import CollageDataset, CollageItem
from training.performer.collage.texture_library import open_library


def small(textures: Path | None = None, **changes: object) -> CollageDataset:
    options = {"height": 48, "width": 64} | changes
    return CollageDataset(textures, 12, 4, **options)  # type: ignore[arg-type]


def test_clips_come_as_tensors_that_stack(tmp_path: Path) -> None:
    data = small(write_textures(tmp_path), frames=9)
    assert len(data) == 12
    batch = CollageItem(*next(iter(DataLoader(data, batch_size=4))))
    assert batch.frames.shape == (4, 9, 48, 64, 3)
    assert batch.frames.dtype == torch.uint8
    assert batch.label.shape == (4,)
    assert batch.stroke_s.shape == (4, 2)
    assert batch.times_s.shape == batch.phases.shape == (4, 9)
    assert all(JESTER_LABELS[int(label)] in COLLAGE_LABELS for label in batch.label)


def test_a_clip_is_the_same_whoever_makes_it_and_when() -> None:
    one, other = small(), small()
    _ = one[0], one[5]
    for first, second in zip(one[7], other[7], strict=True):
        assert torch.equal(first, second)
    assert not torch.equal(one[7].frames, one[8].frames)
    reseeded = CollageDataset(None, 12, 5, height=48, width=64)
    assert not torch.equal(one[7].frames, reseeded[7].frames)


def test_the_end_of_the_data_is_told() -> None:
    with pytest.raises(IndexError, match="12 clips"):
        small()[12]


def test_weights_choose_the_labels() -> None:
    data = CollageDataset(
        None, 24, 1, height=32, width=40, weights={"Thumb Up": 3.0, "No gesture": 1.0}
    )
    counts = Counter(JESTER_LABELS[int(data[index].label)] for index in range(24))
    assert set(counts) == {"Thumb Up", "No gesture"}
    assert counts["Thumb Up"] > counts["No gesture"]


@pytest.mark.parametrize(
    "weights", [{"Rolling Hand Forward": 1.0}, {"Thumb Up": 0.0}, {"Thumb Up": -1.0}]
)
def test_weights_that_cannot_be_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"cannot show|weights must not"):
        small(weights=weights)


def test_a_label_beyond_collages_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot show 'Turning Hand Clockwise'"):
        render_collage("Turning Hand Clockwise", (1,), open_library(None))


def test_a_clip_without_time_for_a_gesture_is_refused() -> None:
    with pytest.raises(ValueError, match=r"at least 1\.2 seconds"):
        render_collage("Thumb Up", (1,), open_library(None), frames=4)


def test_no_gesture_hardly_moves_and_a_swipe_does() -> None:
    def motion(label: str) -> float:
        frames = [
            render_collage(label, (seed,), open_library(None), height=48, width=64).frames
            for seed in range(5)
        ]
        steps = [np.abs(np.diff(clip.astype(np.float64), axis=0)) for clip in frames]
        # Grain is everywhere and weak; a moving hand is somewhere and strong.
        return float(np.mean([np.percentile(step, 97.0) for step in steps]))

    assert motion("Swiping Left") > 2.5 * motion("No gesture")


def test_times_stay_in_order() -> None:
    data = small()
    for index in range(12):
        item = data[index]
        assert (torch.diff(item.times_s) > 0).all()


def test_a_sheet_shows_every_label(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    collage_sheet(path, seed=1)
    assert path.stat().st_size > 10_000


def test_synthesize_mixes_collages_in(tmp_path: Path) -> None:
    textures = write_textures(tmp_path / "textures")
    command = ["synthesize", "--clips", "27", "--seed", "3", "--fps", "3", "--height", "24"]
    command += ["--duration", "1.4", "--workers", "1", "--still-share", "0"]
    assert main([*command, "--out", str(tmp_path / "plain")]) == 0
    mixed = ["--collage", str(textures), "--collage-share", "1"]
    assert main([*command, *mixed, "--out", str(tmp_path / "mixed")]) == 0
    lines = (tmp_path / "mixed" / "labels.csv").read_text(encoding="utf-8").splitlines()
    assert lines == (tmp_path / "plain" / "labels.csv").read_text(encoding="utf-8").splitlines()
    facts = json.loads((tmp_path / "mixed" / "performer.json").read_text(encoding="utf-8"))
    assert facts["collage_share"] == 1.0
    for line in lines:
        clip, label = line.split(";")
        first, second = (tmp_path / name / clip / "00001.jpg" for name in ("plain", "mixed"))
        same = first.read_bytes() == second.read_bytes()
        assert same == (label not in COLLAGE_LABELS), label


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (["--collage", "nowhere"], 1, "manifest.csv cannot be read"),
        (["--collage-share", "0.5"], 2, "needs --collage"),
        (
            ["--collage", "here", "--collage-share", "0.01", "--fps", "1", "--duration", "1.4"],
            2,
            "A collage must last at least 1.2 seconds, not 1.00",
        ),
    ],
)
def test_bad_options_end_with_a_sentence_and_leave_nothing(
    options: list[str],
    code: int,
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    write_textures(tmp_path / "here")
    assert main(["synthesize", "--out", "out", "--clips", "2", *options]) == code
    assert told in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["here"]

import json
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import pytest

from training.cli import main
from training.data.errors import DataError
from training.labels import JESTER_LABELS
from training.performer import synthesize as module
from training.performer.backgrounds import read_background
from training.performer.contact_sheet import contact_sheet
from training.performer.synthesize import synthesize


def small(out: Path, clips: int, seed: int = 1, workers: int = 1) -> None:
    synthesize(out, clips, seed, fps=3.0, duration_s=1.3, height=24, workers=workers)


def test_the_folder_is_jesters(tmp_path: Path) -> None:
    out = tmp_path / "made" / "clips"
    told: list[tuple[int, int]] = []
    synthesize(
        out,
        54,
        1,
        fps=3.0,
        duration_s=1.3,
        height=24,
        workers=1,
        still_share=0.0,
        progress=lambda done, total: told.append((done, total)),
    )
    lines = (out / "labels.csv").read_text(encoding="utf-8").splitlines()
    pairs = [line.split(";") for line in lines]
    assert [int(clip_id) for clip_id, _ in pairs] == list(range(1, 55))
    assert Counter(label for _, label in pairs) == dict.fromkeys(JESTER_LABELS, 2)
    for clip_id, _ in pairs:
        names = sorted(path.name for path in (out / clip_id).iterdir())
        assert names == [f"{number:05d}.jpg" for number in range(1, 5)]
    picture = cv2.imread(str(out / "1" / "00001.jpg"))
    assert picture is not None
    assert picture.shape[0] == 24
    facts = json.loads((out / "performer.json").read_text(encoding="utf-8"))
    assert facts["seed"] == 1
    assert (facts["fps"], facts["duration_s"]) == (3.0, 1.3)
    assert told[-1] == (54, 54)
    assert [path.name for path in out.parent.iterdir()] == ["clips"]


def test_a_share_of_the_clips_are_hands_held_still_half_of_them_signs(tmp_path: Path) -> None:
    def counted(still_share: float) -> Counter[str]:
        out = tmp_path / str(still_share)
        arguments = {"fps": 2.0, "duration_s": 1.3, "height": 16, "workers": 1}
        synthesize(out, 145, 1, still_share=still_share, **arguments)  # type: ignore[arg-type]
        return Counter(line.split(";")[1] for line in (out / "labels.csv").read_text().splitlines())

    counts = counted(0.2)
    assert counts["Swiping Left"] == 4
    # Four of each label, twelve of "Doing other things", and 29 hands held still, a fifth of all.
    assert counts["Thumb Up"] + counts["Thumb Down"] + counts["Stop Sign"] == 3 * 4 + 15
    assert counts["Doing other things"] == 12 + 14
    with pytest.raises(ValueError, match="share of still hands"):
        counted(1.0)


def test_workers_do_not_change_the_result(tmp_path: Path) -> None:
    small(tmp_path / "alone", 9)
    small(tmp_path / "together", 9, workers=2)
    files = sorted(path for path in (tmp_path / "alone").rglob("*") if path.is_file())
    assert len(files) == 9 * 4 + 3
    for path in files:
        twin = tmp_path / "together" / path.relative_to(tmp_path / "alone")
        assert path.read_bytes() == twin.read_bytes()


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me", encoding="utf-8")
    with pytest.raises(OSError, match="not empty"):
        small(tmp_path, 1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    with pytest.raises(OSError, match="is a file"):
        small(tmp_path / "mine.txt", 1)


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    out = tmp_path / "empty"
    out.mkdir()
    small(out, 1)
    assert (out / "labels.csv").exists()


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        synthesize(
            tmp_path / "out", 9, 1, fps=3.0, duration_s=1.3, height=24, workers=1, progress=stop
        )
    assert list(tmp_path.iterdir()) == []

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr(module, "_write_index", fail)
    with pytest.raises(OSError, match="disk is full"):
        small(tmp_path / "out", 1)
    assert list(tmp_path.iterdir()) == []


def test_bad_arguments_are_refused_before_anything_is_made(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="number of clips"):
        small(out, 0)
    with pytest.raises(ValueError, match="seed"):
        small(out, 1, seed=-1)
    with pytest.raises(ValueError, match="workers"):
        small(out, 1, workers=0)
    with pytest.raises(DataError, match="backgrounds"):
        synthesize(out, 1, 1, workers=1, backgrounds=tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "key", "value", "limits"),
    [
        ("synthesize", "--duration", "1e9", "1.2 to 60"),
        ("synthesize", "--duration", "0.1", "1.2 to 60"),
        ("synthesize", "--duration", "nan", "1.2 to 60"),
        ("synthesize", "--fps", "1e9", "1 to 240"),
        ("synthesize", "--clips", "10000000000", "1 to 10000000"),
        ("synthesize-streams", "--fps", "0.5", "1 to 240"),
        ("synthesize-streams", "--minutes", "1e12", "above 0, at most 10000"),
    ],
)
def test_lengths_and_rates_that_fit_no_memory_are_wrong_usage(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    command: str,
    key: str,
    value: str,
    limits: str,
) -> None:
    amount = ["--clips", "1"] if command == "synthesize" else ["--minutes", "1"]
    with pytest.raises(SystemExit) as caught:
        main([command, "--out", str(tmp_path / "out"), *amount, key, value])
    assert caught.value.code == 2
    assert f"{key}: must be {limits}, not {value}" in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_rooms_may_come_from_pictures(tmp_path: Path) -> None:
    rooms = tmp_path / "rooms"
    (rooms / "deep").mkdir(parents=True)
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    cv2.imwrite(str(rooms / "deep" / "room.png"), picture)
    arguments = {"fps": 3.0, "duration_s": 1.3, "height": 24, "workers": 1}
    synthesize(tmp_path / "with", 3, 1, backgrounds=rooms, **arguments)  # type: ignore[arg-type]
    assert len(list((tmp_path / "with").glob("*/*.jpg"))) == 12
    (tmp_path / "bare").mkdir()
    with pytest.raises(DataError, match="no pictures"):
        synthesize(
            tmp_path / "without",
            9,
            1,
            backgrounds=tmp_path / "bare",
            **arguments,  # type: ignore[arg-type]
        )
    assert not (tmp_path / "without").exists()


def test_a_photograph_of_a_turned_telephone_is_upright(tmp_path: Path) -> None:
    picture = np.zeros((32, 64, 3), np.uint8)
    picture[:, :32] = 255
    turned = PIL.Image.Exif()
    turned[0x0112] = 6  # orientation: to be turned by a quarter, clockwise
    PIL.Image.fromarray(picture).save(tmp_path / "room.jpg", exif=turned)
    upright = read_background(tmp_path / "room.jpg")
    assert upright.shape == (64, 32, 3)
    assert upright[:24].min() > 200
    assert upright[-24:].max() < 50


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("shown", [0, 200], ids=["no picture", "cut off"])
def test_a_damaged_picture_of_a_room_is_named_and_not_painted_over(
    shown: int, suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rooms = tmp_path / "rooms"
    rooms.mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    content = cv2.imencode(suffix, picture)[1].tobytes()[:shown] or b"nothing of the kind"
    (rooms / f"room{suffix}").write_bytes(content)
    command = ["synthesize", "--out", str(tmp_path / "out"), "--clips", "9", "--fps", "3"]
    command += ["--duration", "1.3", "--height", "24", "--workers", "1", "--seed", "1"]
    assert main([*command, "--backgrounds", str(rooms)]) == 1
    told = capsys.readouterr().err
    assert told.endswith(f"room{suffix} is damaged or no picture; repair or remove it.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["rooms"]


def test_the_contact_sheet_shows_every_gesture(tmp_path: Path) -> None:
    path = tmp_path / "sheet.jpg"
    contact_sheet(path, 2, height=32)
    sheet = cv2.imread(str(path))
    assert sheet is not None
    assert sheet.shape[0] == 27 * 96

"""`compare-performer`: what it measures, what it prints, and what it says about unusable input."""

import json
from pathlib import Path

import numpy as np
import pytest

from training.cli import main
from training.performer.kinematics.comparison import compare
from training.performer.kinematics.measured import ARMS_FILES, HANDS_FILE
from training.performer.kinematics.measures import measure_arm, measure_hand

HAND_NAMES = ["swipe_left", "natural"]
POINTS = ["nose", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow"]
POINTS += ["left_wrist", "right_wrist"]


def upright_hand() -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """A hand with straight fingers, a palm of one unit, the wrist at the origin, y down."""
    joints = np.zeros((21, 2))
    for finger in range(4):
        x = 0.3 - 0.2 * finger
        joints[5 + 4 * finger : 9 + 4 * finger] = [[x, -1.0 - 0.3 * bone] for bone in range(4)]
    joints[1:5] = [[0.2 + 0.15 * bone, -0.2 - 0.2 * bone] for bone in range(4)]
    joints[9, 0] = 0.0
    return joints


def write_kinematics(folder: Path, travel: float = 3.0) -> Path:
    """Write ten swipes of a hand, `travel` palms wide, and ten of an arm in each set."""
    folder.mkdir(exist_ok=True)
    way = np.linspace(0.0, travel, 10)[:, None, None] * np.array([1.0, 0.0])
    points = np.zeros((12, 10, 21, 3))
    points[:, :, :, :2] = upright_hand() + way
    truth = np.array([0] * 10 + [1] * 2)
    np.savez(folder / HANDS_FILE, points=points, truth=truth, truth_names=np.array(HAND_NAMES))
    for name in ARMS_FILES:
        frames, strokes = 20, 10
        body = np.zeros((frames * strokes, len(POINTS), 4))
        body[:, 1, 0], body[:, 2, 0] = 0.55, 0.45
        body[:, 6, :2] = np.tile(np.linspace([0.3, 0.6], [0.6, 0.5], frames), (strokes, 1))
        np.savez(
            folder / name,
            time=np.arange(frames * strokes) * 30.0,
            points=body,
            truth=np.zeros(frames * strokes, int),
            truth_names=np.array(["swipe_left"]),
            recording=np.repeat(np.arange(strokes), frames),
            point_names=np.array(POINTS),
        )
    return folder


def test_a_hand_is_measured_in_its_own_palms() -> None:
    way = np.linspace([0.0, 0.0], [2.0, -1.0], 5)[:, None]
    for size in (1.0, 7.0):
        measured = measure_hand(size * (upright_hand() + way))
        assert measured["right"] == pytest.approx(2.0)
        assert measured["up"] == pytest.approx(1.0)
        assert measured["path"] == pytest.approx(np.sqrt(5.0))
        assert measured["turn"] == pytest.approx(0.0)
        assert measured["tilt"] == pytest.approx(1.0)
        assert measured["index"] == pytest.approx(1.0)


def test_a_turn_is_counted_counterclockwise_as_the_picture_shows_it() -> None:
    angles = np.radians(np.linspace(0.0, 90.0, 5))
    x, y = upright_hand().T
    turned = [
        np.stack([x * np.cos(a) + y * np.sin(a), y * np.cos(a) - x * np.sin(a)], axis=1)
        for a in angles
    ]
    assert measure_hand(np.stack(turned))["turn"] == pytest.approx(90.0)


def test_an_arm_is_measured_in_shoulder_widths_and_seconds() -> None:
    times_s = np.linspace(0.0, 0.5, 6)
    wrist = np.linspace([0.0, 0.4], [1.0, 0.4], 6)
    wrist[3] += [9.0, 0.0]  # a landmark that jumps for one frame
    shoulders = np.tile([[0.7, 0.2], [0.5, 0.2]], (6, 1, 1))
    measured = measure_arm(times_s, wrist, np.zeros((6, 2)), shoulders)
    assert measured["duration"] == pytest.approx(0.5)
    assert measured["elbow"] == pytest.approx(0.0)
    assert measured["entry right"] == pytest.approx(-3.0)
    assert measured["entry up"] == pytest.approx(-1.0)
    straight = measure_arm(times_s, np.linspace([0, 0], [1, 0], 6), np.zeros((6, 2)), shoulders)
    assert straight["speed"] == pytest.approx(10.0)


def test_movements_that_nobody_makes_like_the_performer_are_outside(tmp_path: Path) -> None:
    usual, strange = (
        {
            (row.label, row.measure): row
            for row in compare(write_kinematics(tmp_path / str(travel), travel), 30, 1)
        }
        for travel in (3.0, 300.0)
    )
    key = ("Swiping Left", "right")
    assert not usual[key].outside
    assert usual[key].people == pytest.approx((3.0, 3.0, 3.0), abs=0.01)
    assert strange[key].outside
    assert strange[key].covered == 0.0
    # The second set's "left" is Jester's right.
    assert ("Swiping Right", "duration") in usual


def test_the_command_prints_a_table_or_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_kinematics(tmp_path / "kinematics", 300.0)
    command = ["compare-performer", "--kinematics", str(folder), "--clips", "20"]
    assert main(command) == 0
    table = capsys.readouterr().out
    assert "Swiping Left (hand)" in table
    assert "OUTSIDE" in table
    assert main([*command, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["outside"] == sum(row["outside"] for row in facts["measures"]) > 0
    assert facts["of"] == len(facts["measures"])
    assert 0.0 <= facts["covered"] <= 1.0


@pytest.mark.parametrize("name", [HANDS_FILE, *ARMS_FILES])
@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 cut off"])
def test_files_of_no_use_are_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes | None
) -> None:
    folder = write_kinematics(tmp_path / "kinematics")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    assert main(["compare-performer", "--kinematics", str(folder)]) == 1
    (told,) = capsys.readouterr().err.splitlines()[-1:]
    assert told.startswith(f"The measured movements {folder / name} ")
    assert told.endswith(".")


def test_arrays_of_the_wrong_shape_are_damaged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_kinematics(tmp_path / "kinematics")
    names = np.array(HAND_NAMES)
    for points in (np.zeros(3), np.zeros((4, 10, 21, 3)), np.zeros((3, 10, 5, 3))):
        np.savez(folder / HANDS_FILE, points=points, truth=np.zeros(3, int), truth_names=names)
        assert main(["compare-performer", "--kinematics", str(folder)]) == 1
        assert "damaged" in capsys.readouterr().err


def test_a_range_that_makes_no_sense_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["compare-performer", "--kinematics", ".", "--clips", "1"])
    assert caught.value.code == 2

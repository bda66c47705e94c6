"""Files that are no recordings, or no whole ones: one sentence each, and nothing else."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from app.errors import AppError, UsageError
from app.recording.reader import Recording, load_recording
from app.recording.replay import Replay
from app.recording.target import check_recordable
from app.sources.base import SourceError, UnusableSourceError
from app.sources.factory import open_file
from models.decision import DecisionSettings, DecisionState
from tests.app.fakes import make_frame, make_spec
from tests.app.recording.test_round_trip import open_writer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A whole recording of thirty frames."""
    path = tmp_path / "recording.adafuse"
    writer = open_writer(path)
    for index in range(30):
        frame = make_frame(index / 8, index)
        writer.add_frame(frame)
        writer.add_sample(frame, frame.image[:32, :48], 0, DecisionSettings(), DecisionState())
    writer.finish(0)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def cut(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: round(len(content) * share)])


def play(path: Path) -> int:
    """Play a recording to its end and return how many frames it has."""
    frames = 0
    with closing(Replay(path)) as replay:
        while replay.read() is not None:
            frames += 1
    return frames


def foreign(path: Path) -> None:
    path.unlink()
    change(path, "CREATE TABLE songs (title TEXT)")


def a_prediction(number: int, time_s: object) -> str:
    return (
        f"INSERT INTO predictions VALUES ({number}, {number}, {time_s}, 'Stop Sign', 1.0, '[]', "
        "1.0, 1, 1)"
    )


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (lambda path: path.unlink(), "There is no recording"),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "text": (lambda path: path.write_text("Hello, world.\n" * 99), "is not a recording"),
    "head only": (lambda path: cut(path, 0.0005), "recording"),
    "half": (lambda path: cut(path, 0.5), "cut off or damaged"),
    "first page": (lambda path: path.write_bytes(path.read_bytes()[:16384]), "damaged"),
    "foreign": (foreign, "database of another program"),
    "newer": (lambda path: change(path, "PRAGMA user_version = 3"), "newer version"),
    "no tables": (lambda path: change(path, "DROP TABLE session"), "damaged"),
    "no header": (lambda path: change(path, "DELETE FROM session"), "does not say which model"),
    "odd header": (lambda path: change(path, "UPDATE session SET input_width = 'x'"), "damaged"),
    "no pictures": (
        lambda path: change(path, "DELETE FROM frames", "DELETE FROM samples"),
        "holds no pictures",
    ),
    "no jpeg": (lambda path: change(path, "UPDATE frames SET jpeg = x'0102'"), "decoded"),
    "no png": (lambda path: change(path, "UPDATE samples SET png = x''"), "decoded"),
    "other size": (lambda path: change(path, "UPDATE session SET input_width = 50"), "size"),
    "no time": (lambda path: change(path, "UPDATE session SET frame_interval_s = 0"), "no time"),
    "no samples": (
        lambda path: change(path, a_prediction(0, 0.0), "DELETE FROM samples"),
        "what the network saw is missing",
    ),
    "odd decision": (lambda path: change(path, "UPDATE samples SET decision = '{'"), "damaged"),
}


MANY_PREDICTIONS = """
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4999)
INSERT INTO predictions SELECT n, n, n / 6.0, 'Stop Sign', 1.0, '[]', 1.0, 1, 1 FROM numbers
"""


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_recording_cannot_be_a_source(path: Path, case: str) -> None:
    spoil, words = BAD_FILES[case]
    spoil(path)
    with pytest.raises(UnusableSourceError, match=words) as caught:
        open_file(str(path))
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("case", ["half", "foreign", "newer", "text", "odd header"])
def test_a_bad_recording_cannot_be_looked_into(path: Path, case: str) -> None:
    spoil, words = BAD_FILES[case]
    spoil(path)
    with pytest.raises(AppError, match=words):
        Recording(path)


@pytest.mark.parametrize("case", ["half", "first page"])
def test_a_recording_that_was_cut_off_can_be_recorded_over(path: Path, case: str) -> None:
    BAD_FILES[case][0](path)
    check_recordable(path)
    open_writer(path).finish(0)
    Recording(path).close()


def test_a_damaged_database_of_another_program_is_left_alone(path: Path) -> None:
    foreign(path)
    change(path, "INSERT INTO songs VALUES ('a long song')")
    cut(path, 0.5)
    with pytest.raises(UsageError, match="left alone"):
        check_recordable(path)


def test_reading_ends_when_nobody_waits_any_more(path: Path) -> None:
    asked = []

    def cancelled() -> bool:
        asked.append(True)
        return len(asked) > 1

    change(path, MANY_PREDICTIONS)
    with pytest.raises(AppError, match="interrupted"):
        load_recording(path, cancelled)
    assert load_recording(path, lambda: False)[1].name == make_spec().name


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ([a_prediction(0, 2.0), a_prediction(1, 1.0)], "not in increasing order"),
        ([a_prediction(0, 1e308)], "far too large"),
        ([a_prediction(0, "'soon'")], "wrong type"),
        (["UPDATE frames SET time_s = 1e300 WHERE number = 29"], "far too large"),
        (
            [
                "INSERT INTO gestures VALUES (0, 2.0, 'Stop Sign', 1.0)",
                "INSERT INTO gestures VALUES (1, 1.0, 'Stop Sign', 1.0)",
            ],
            "not in increasing order",
        ),
    ],
)
def test_times_that_cannot_be_are_told_before_a_window_shows_them(
    path: Path, damage: list[str], words: str
) -> None:
    change(path, *damage)
    with pytest.raises(AppError, match=f"cut off or damaged .*{words}"):
        load_recording(path)


def test_what_a_killed_program_left_beside_a_recording_goes_when_it_is_opened(path: Path) -> None:
    journal = path.with_name("recording.adafuse-journal")
    journal.write_bytes(bytes(512) + b"rests")
    Recording(path).close()
    assert not journal.exists()


def test_the_journal_of_a_recording_under_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "now.adafuse"
    writer = open_writer(path)
    writer.commit()
    journal = path.with_name("now.adafuse-journal")
    journal.write_bytes(bytes(512))
    Recording(path).close()
    assert journal.exists()
    writer.abandon()


def test_somebody_elses_file_in_the_place_of_the_journal_is_left_alone(tmp_path: Path) -> None:
    note = tmp_path / "new.adafuse-journal"
    note.write_text("my own words")
    with pytest.raises(UsageError, match=r"new.adafuse-journal beside it would be overwritten"):
        check_recordable(tmp_path / "new.adafuse")
    assert note.read_text() == "my own words"


def test_damage_further_back_is_told_when_it_is_reached(path: Path) -> None:
    change(path, "UPDATE frames SET jpeg = x'0102' WHERE number = 20")
    with pytest.raises(SourceError, match="cut off or damaged"):
        play(path)
    recording = Recording(path)
    assert recording.frame_at(1.0) is not None
    with pytest.raises(SourceError, match="cut off or damaged"):
        recording.frame_at(20 / 8)
    recording.close()


@pytest.mark.parametrize("spoiled_byte", [8, 90, 20_000, 60_000, 100_000])
def test_noise_in_the_file_is_one_sentence_or_does_no_harm(path: Path, spoiled_byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[spoiled_byte : spoiled_byte + 64] = b"\xa5" * 64
    path.write_bytes(content)
    # Any other error fails the test.
    with suppress(SourceError):
        assert play(path) <= 30


def test_a_recording_is_known_by_its_content(path: Path, tmp_path: Path) -> None:
    renamed = path.rename(tmp_path / "talk.mp4")
    source = open_file(str(renamed))
    assert isinstance(source, Replay)
    assert source.fps == pytest.approx(8)
    source.close()


def test_an_older_recording_is_replaced_and_nothing_else(path: Path, tmp_path: Path) -> None:
    check_recordable(path)
    check_recordable(tmp_path / "new.adafuse")
    text = tmp_path / "notes.txt"
    text.write_text("mine")
    foreign(tmp_path / "recording.adafuse")
    for victim, words in (
        (text, "is left alone"),
        (tmp_path / "recording.adafuse", "is left alone"),
        (tmp_path, "it is a folder"),
        (tmp_path / ("a" * 300), "cannot be recorded to"),
        (tmp_path / "missing" / "a.adafuse", "does not exist"),
        (Path("/dev/null"), "permission denied|not a file"),
    ):
        with pytest.raises(UsageError, match=words):
            check_recordable(victim)


def test_a_recording_that_another_program_writes_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "now.adafuse"
    writer = open_writer(path)
    with pytest.raises(UsageError, match="another copy of AdaFuse Live is recording to it"):
        check_recordable(path)
    writer.commit()
    with pytest.raises(UsageError, match="another copy"):
        check_recordable(path)
    writer.finish(0)
    check_recordable(path)


def test_actions_that_do_not_add_up_are_damage(path: Path) -> None:
    change(
        path,
        "INSERT INTO predictions VALUES (0, 0, 0, 'Thumb Up', 0.5, '[]', 1, 2, 3)",
        "INSERT INTO blocks VALUES (0, 0, 'layer1.0', 1, 0, 0, 1, 2, 3, x'0909', NULL, NULL)",
    )
    with (
        closing(Recording(path)) as recording,
        pytest.raises(AppError, match="do not match their counts"),
    ):
        _ = recording.predictions

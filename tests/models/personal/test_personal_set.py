"""A set's file: small, whole or not at all, and never mistaken for another model's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save_file

from models.engines.base import StepResult
from models.errors import ModelError
from models.live import LiveModel
from models.personal import personal_set
from models.personal.personal_set import PersonalSet, read_set, write_set
from models.personal.teaching import teach
from models.trace import StepTrace
from tests.models.networks import tiny_spec
from tests.models.personal.lessons import SIZE, general, lesson


@pytest.fixture(scope="module")
def taught() -> PersonalSet:
    return teach(general(), lesson(Swiping_Left=0, Heart=7), "Mina").set


@pytest.fixture
def file(taught: PersonalSet, tmp_path: Path) -> Path:
    write_set(tmp_path / "mina.set", taught)
    return tmp_path / "mina.set"


def test_a_set_is_read_as_it_was_written(taught: PersonalSet, file: Path) -> None:
    read = read_set(file)
    assert read.about == taught.about
    np.testing.assert_allclose(read.head.weight, taught.head.weight, rtol=1e-6)
    assert file.stat().st_size < 8192
    assert [path.name for path in file.parent.iterdir()] == ["mina.set"]


def test_any_single_damaged_byte_is_found(file: Path) -> None:
    whole = file.read_bytes()
    for place in range(0, len(whole), 37):
        content = bytearray(whole)
        content[place] ^= 0x11
        file.write_bytes(content)
        with pytest.raises(ModelError) as caught:
            read_set(file)
        assert "\n" not in str(caught.value)
    file.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match="not a personal set, or it is damaged"):
        read_set(file)


def test_other_files_are_no_sets(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "other.safetensors")
    for name in ("thesis.txt", "other.safetensors"):
        with pytest.raises(ModelError, match="is not a personal set"):
            read_set(tmp_path / name)
    for name in ("nowhere", "."):
        with pytest.raises(ModelError, match="There is no personal set"):
            read_set(tmp_path / name)


def test_a_newer_file_asks_for_an_update(
    taught: PersonalSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_set(tmp_path / "new.set", taught)
    monkeypatch.setattr(personal_set, "FORMAT", 0)
    with pytest.raises(ModelError, match="newer version of this program; update it"):
        read_set(tmp_path / "new.set")


ONES = np.ones((20, SIZE), np.float16)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"take/x/0": ONES}, "does not keep what it says"),
        ({"take/10/0": ONES}, "does not keep what it says"),
        ({"take/0/0": None, "take/0/1": None}, "does not keep what it says"),
        ({"notes": ONES}, "does not keep what it says"),
        ({"ordinary/0": ONES[0]}, "not features of its model"),
        ({"ordinary/0": ONES[:0]}, "not features of its model"),
        ({"ordinary/0": ONES[:, 1:]}, "not features of its model"),
        ({"take/0/1": np.ones((20, SIZE), np.int8)}, "not features of its model"),
        ({"take/0/1": ONES * np.float16(np.nan)}, "not finite"),
    ],
)
def test_a_set_that_was_made_by_hand_is_refused_in_one_sentence(
    tmp_path: Path, changes: dict[str, np.ndarray | None], complaint: str
) -> None:
    shown = lesson(Wave=0, Heart=5)
    whole = teach(general(), shown, "Mina").keeping(shown)
    kept = {name: run for name, run in (whole.kept | changes).items() if run is not None}  # type: ignore[operator]
    write_set(tmp_path / "made.set", replace(whole, kept=kept))
    with pytest.raises(ModelError, match=f"is not valid: .*{complaint}.*; teach it again"):
        read_set(tmp_path / "made.set")


def test_takes_of_a_gesture_that_it_does_not_have_are_refused(tmp_path: Path) -> None:
    shown = lesson(Wave=0, Heart=5)
    whole = teach(general(), shown, "Mina").keeping(shown)
    about = msgspec.structs.replace(whole.about, kept=("Circle", *whole.about.kept[1:]))
    write_set(tmp_path / "made.set", replace(whole, about=about))
    with pytest.raises(ModelError, match="takes of gestures that it does not have"):
        read_set(tmp_path / "made.set")


def test_another_model_is_refused(taught: PersonalSet) -> None:
    taught.check_belongs_to(tiny_spec(), "digest of the model")
    with pytest.raises(ModelError, match=r"'Mina' was made with the model tiny .* fit it again"):
        taught.check_belongs_to(tiny_spec(), "digest of another model")


def test_a_set_that_cannot_be_written_leaves_the_older_one(
    taught: PersonalSet, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = file.read_bytes()

    def full(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(personal_set, "write_file", full)
    with pytest.raises(ModelError, match="cannot be written \\(No space left on device\\)"):
        write_set(file, taught)
    assert file.read_bytes() == before


class GraphWithoutFeatures:
    name = "old"
    spec = tiny_spec()

    def __init__(self, features: np.ndarray | None) -> None:
        self._features = features

    def init_state(self) -> None:
        return None

    def step(self, frame: np.ndarray, state: None) -> StepResult:
        return StepResult(np.zeros(4, np.float32), None, StepTrace((), 1, 1), self._features)


@pytest.mark.parametrize(
    ("features", "complaint"),
    [(None, "export the bundle again"), (np.zeros(5, np.float32), "does not fit this one")],
)
def test_a_model_that_cannot_run_it_says_so(
    taught: PersonalSet, features: np.ndarray | None, complaint: str
) -> None:
    model = LiveModel(GraphWithoutFeatures(features), taught)
    with pytest.raises(ModelError, match=complaint):
        model.step(np.zeros((32, 48, 3), np.uint8), 0.0, run=0)

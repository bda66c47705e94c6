from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.training.performer.collage.textures import (
    painted_hand,
    write_manifest,
    write_textures,
)
from training.data.errors import DataError
from training.performer.collage.cutout import STORED_HAND_PX, CutOut, cut_out
from training.performer.collage.rendered_hands import rendered_cut_outs
from training.performer.collage.shapes import HandShape
from training.performer.collage.texture_library import Library, open_library


@pytest.mark.parametrize("turns", range(4))
def test_a_hand_is_turned_until_the_cut_arm_is_below(turns: int) -> None:
    upright = cut_out(painted_hand(), HandShape.OPEN_PALM, turns=0)
    lying = np.ascontiguousarray(np.rot90(painted_hand(), -turns))
    found = cut_out(lying, HandShape.OPEN_PALM, turns=None)
    assert upright is not None
    assert found is not None
    assert found.pixels.shape == upright.pixels.shape
    assert found.wrist == pytest.approx(upright.wrist, abs=1.5)
    assert found.hand_px == pytest.approx(upright.hand_px, rel=0.03)


def test_the_wrist_is_where_the_arm_was_cut() -> None:
    hand = cut_out(painted_hand(), HandShape.OPEN_PALM, turns=0)
    assert hand is not None
    height, width = hand.pixels.shape[:2]
    assert max(height, width) == STORED_HAND_PX
    assert hand.wrist[0] == pytest.approx(width / 2, abs=2)
    assert hand.wrist[1] > 0.93 * height
    assert hand.hand_px == pytest.approx(height, rel=0.03)


def test_shrinking_lets_no_color_of_the_cut_away_ground_in() -> None:
    picture = painted_hand()
    picture[picture[..., 3] == 0, :3] = (0, 255, 0)
    hand = cut_out(picture, HandShape.OPEN_PALM, turns=0)
    assert hand is not None
    seen = hand.pixels[hand.pixels[..., 3] > 30]
    assert seen[:, 1].max() < 60


def test_an_empty_picture_gives_no_hand() -> None:
    assert cut_out(np.zeros((50, 50, 4), np.uint8), HandShape.FIST, turns=0) is None


def test_every_shape_can_be_had_without_any_photograph() -> None:
    library = open_library(None)
    rng = np.random.default_rng(1)
    for shape in HandShape:
        hand = library.hand(shape, rng)
        assert hand.shape is shape
        assert (hand.pixels[..., 3] > 128).mean() > 0.15


def test_rendered_thumbs_point_left() -> None:
    for hand in rendered_cut_outs()[HandShape.THUMB]:
        opaque = hand.pixels[..., 3] > 128
        columns = opaque.sum(0)
        narrow_left = columns[: len(columns) // 4].mean()
        narrow_right = columns[-len(columns) // 4 :].mean()
        assert narrow_left < 0.6 * narrow_right


def test_photographs_are_mixed_with_rendered_hands(tmp_path: Path) -> None:
    library = open_library(write_textures(tmp_path))
    assert [len(chosen) for chosen in library.photographed[HandShape.OPEN_PALM]] == [1, 1]
    rng = np.random.default_rng(3)
    rendered = library.rendered[HandShape.OPEN_PALM]
    drawn = [library.hand(HandShape.OPEN_PALM, rng) for _ in range(300)]
    share = sum(any(hand is other for other in rendered) for hand in drawn) / len(drawn)
    assert 0.05 < share < 0.25


def test_a_large_set_does_not_become_everybodys_hand() -> None:
    one = cut_out(painted_hand(), HandShape.FIST, turns=0)
    assert one is not None
    small = (CutOut(one.pixels, HandShape.FIST, (1.0, 1.0), 1.0, 1.0, one.tone),)
    library = Library({HandShape.FIST: (small, (one,) * 100)}, rendered_cut_outs())
    rng = np.random.default_rng(5)
    counts = Counter(library.hand(HandShape.FIST, rng).hand_px for _ in range(2000))
    assert counts[one.hand_px] / counts[1.0] == pytest.approx(10.0, rel=0.35)


def test_only_quiet_people_are_shown_where_nothing_happens(tmp_path: Path) -> None:
    library = open_library(write_textures(tmp_path))
    assert [len(chosen) for chosen in library.people] == [2]
    assert [len(chosen) for chosen in library.quiet_people] == [1]


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"manifest\.csv cannot be read"):
        open_library(tmp_path)


def test_a_manifest_without_the_columns_is_told(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DataError, match="columns path, kind and pose"):
        open_library(tmp_path)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    write_manifest(tmp_path, [("hands/a/gone.png", "hand", "fist")])
    with pytest.raises(DataError, match=r"gone\.png.*missing or damaged"):
        open_library(tmp_path)


def test_a_cut_out_without_opacity_is_named(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "flat.png"), painted_hand()[..., :3])
    write_manifest(tmp_path, [("flat.png", "hand", "fist")])
    with pytest.raises(DataError, match=r"flat\.png must have an opacity channel"):
        open_library(tmp_path)


def test_a_folder_without_hands_is_told(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "room.png"), painted_hand()[..., :3])
    write_manifest(tmp_path, [("room.png", "background", "")])
    with pytest.raises(DataError, match="names no cut-outs of hands"):
        open_library(tmp_path)

"""Faces are laid beside hands, and boxes go astray at them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.two_views.joints import hand_boxes
from tests.training.performer.collage.textures import write_textures
from tests.training.two_views.drawn_scene import FRAMES, scene
from training.data.errors import DataError
from training.performer.collage.texture_library import open_library
from training.two_views.cut_outs import stroke
from training.two_views.faces import Face, lay_face, read_faces
from training.two_views.people import read_people
from training.two_views.picture_scenes import PictureScenes
from training.two_views.scene import UNLABELED

RED = (20, 20, 230)
ROUND_FACE = Face(np.full((64, 64, 3), RED, np.uint8), np.ones((64, 64), np.float32))
HEADER = "path;left;top;right;bottom\n"


def faced_folder(folder: Path) -> Path:
    """A texture folder with a person, 200x160 pixels, of a red face and a known hand."""
    write_textures(folder)
    person = np.full((160, 200, 3), 120, np.uint8)
    cv2.ellipse(person, (100, 60), (14, 18), 0.0, 0.0, 360.0, RED, -1)
    cv2.imwrite(str(folder / "people/first/hands.png"), person)
    (folder / "faces.csv").write_text(HEADER + "people/first/hands.png;86;44;114;80\n")
    (folder / "hands.csv").write_text("path;x;y;size\npeople/first/hands.png;40;120;30\n")
    return folder


def scenes_of(folder: Path, *faces: Face) -> PictureScenes:
    people = list(read_people(folder).values())
    library = open_library(folder)
    return PictureScenes(library, people, 3, FRAMES, trusts_quiet=False, faces=faces)


def redness(image: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> int:
    """How many pixels are redder than anything else in the pictures here."""
    blue, green, red = np.moveaxis(image.astype(int), -1, 0)
    return int((red - np.maximum(blue, green) > 40).sum())


def test_a_face_is_cut_out_with_soft_edges(tmp_path: Path) -> None:
    (face,) = read_faces(faced_folder(tmp_path))
    middle = face.picture[32, 32].astype(int)
    assert middle[2] - middle[0] > 150
    assert face.opacity[32, 32] == 1.0
    assert face.opacity[0, 0] == 0.0
    assert ((face.opacity > 0.0) & (face.opacity < 1.0)).any()
    assert read_faces(write_textures(tmp_path / "without")) == []


def test_a_face_that_is_cut_off_is_left_out(tmp_path: Path) -> None:
    folder = faced_folder(tmp_path)
    (folder / "faces.csv").write_text(HEADER + "people/first/hands.png;-5;40;25;80\n")
    assert read_faces(folder) == []


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("path;x;y\n", "must begin with the line path;left;top;right;bottom"),
        (HEADER + "people/first/hands.png;1;2;3\n", "Line 2"),
        (HEADER + "people/first/hands.png;1;2;1;4\n", "Line 2"),
        (HEADER + "nobody.png;1;2;3;4\n", "names nobody.png"),
    ],
)
def test_a_bad_table_of_faces_is_told(table: str, complaint: str, tmp_path: Path) -> None:
    folder = faced_folder(tmp_path)
    (folder / "faces.csv").write_text(table)
    with pytest.raises(DataError, match=complaint):
        read_faces(folder)


def test_faces_stay_away_from_hands() -> None:
    hands = np.array([[50.0, 50.0, 40.0], [np.nan, np.nan, np.nan]])
    placed = 0
    for seed in range(40):
        laid = lay_face([ROUND_FACE], 30.0, 120, 160, hands, np.random.default_rng(seed))
        if laid is not None:
            assert np.hypot(*(laid.box[:2] - hands[0, :2])) > 0.55 * 70
            placed += 1
    assert placed > 30
    everywhere = np.array([[80.0, 60.0, 900.0]])
    assert lay_face([ROUND_FACE], 30.0, 120, 160, everywhere, np.random.default_rng(0)) is None


def test_a_face_is_at_the_same_place_in_all_pictures_of_a_clip(tmp_path: Path) -> None:
    scenes = scenes_of(write_textures(tmp_path), ROUND_FACE)
    clip = scene()
    covered = 0
    for seed in range(10):
        shown = scenes.with_face(clip, np.random.default_rng(seed))
        differing = [
            np.abs(image.astype(int) - before).max(axis=2) > 0
            for image, before in zip(shown.images, clip.images, strict=True)
        ]
        assert all(np.array_equal(one, differing[0]) for one in differing)
        covered += differing[0].any()
        np.testing.assert_array_equal(shown.joints, clip.joints)
        assert shown.label == clip.label
    assert covered > 5
    assert not redness(clip.images[0]), "the clip itself stays as it was"


def test_boxes_go_astray_at_faces_and_elsewhere(tmp_path: Path) -> None:
    scenes = scenes_of(faced_folder(tmp_path), ROUND_FACE)
    assert scenes.has_faces_with_hands
    for seed in range(10):
        at_person = scenes.astray_at_person(np.random.default_rng(seed))
        assert at_person.label == UNLABELED
        assert at_person.decoy is not None
        x, y, _ = at_person.decoy
        assert abs(x - 100) < 1
        assert abs(y - 62) < 25
        assert hand_boxes(at_person.joints[0, 0])[:2] == pytest.approx([40, 120])
        astray = scenes.astray(scene(), np.random.default_rng(seed))
        assert astray.label == UNLABELED
        assert astray.decoy is not None
        if redness(astray.images[0]):
            x, y, size = astray.decoy
            reds = np.argwhere(
                np.abs(astray.images[0].astype(int) - scene().images[0]).max(axis=2) > 0
            )
            assert abs(reds[:, 1].mean() - x) < size
    assert not scenes_of(write_textures(tmp_path / "without")).has_faces_with_hands


def test_a_cut_out_that_moves_is_followed_by_its_box(tmp_path: Path) -> None:
    scenes = scenes_of(write_textures(tmp_path))
    ways = []
    for seed in range(30):
        moving = scenes.cut_moving(np.random.default_rng(seed))
        assert moving.label == UNLABELED
        assert len(moving.images) == FRAMES
        boxes = hand_boxes(moving.joints[:, 0])
        assert np.isnan(moving.joints[:, 1]).all()
        changed = [
            np.abs(image.astype(int) - other).max(axis=2) > 30
            for image, other in zip(moving.images[:1], moving.images[-1:], strict=True)
        ]
        assert changed[0].any(), "it moves"
        ways.append(boxes[-1] - boxes[0])
    across, down, growth = np.array(ways).T
    for change in (across, down, growth):
        assert change.min() < -5 < 5 < change.max()


def test_a_stroke_begins_and_ends_at_rest() -> None:
    image = np.zeros((180, 240, 3), np.uint8)
    for seed in range(20):
        way = stroke(image, 24, np.random.default_rng(seed))
        middles = np.array([place.middle for place in way])
        steps = np.hypot(*np.diff(middles, axis=0).T)
        lengths = np.array([place.length for place in way])
        assert steps[0] < 0.1
        assert steps[-1] < 0.1
        assert np.ptp(middles) + np.ptp(lengths) > 5
        assert (lengths > 0).all()

"""Scenes and samples of clips and pictures: what they show, and what they teach."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.two_views.joints import hand_boxes
from tests.training.performer.collage.textures import write_textures
from tests.training.two_views.hand_folder import FRAMES, LABELS, write_hands
from training.data.errors import DataError
from training.data.sampling import DenseWindow
from training.labels import mirrored_label
from training.performer.collage.hands_table import KnownHands
from training.performer.collage.texture_library import open_library
from training.two_views.box_noise import EXACT
from training.two_views.clip_scenes import ClipScenes
from training.two_views.colors import ColorRange
from training.two_views.dataset import (
    SampleOptions,
    SampleShares,
    TwoViewClips,
    TwoViewPixels,
    ValidationClips,
    sample_of,
)
from training.two_views.hand_clips import open_hand_clips
from training.two_views.joints import stand_in_joints
from training.two_views.people import KnownPerson, read_people
from training.two_views.picture_scenes import PictureScenes
from training.two_views.recipe import build_pair
from training.two_views.scene import UNLABELED
from training.two_views.views import Views

SPEC, _ = build_pair(
    {
        "name": "tiny",
        "labels": list(LABELS),
        "backbone": "resnet18",
        "width": 0.125,
        "shift": "one_way",
        "frame_interval_s": 0.25,
        "whole": {"method": "tsn", "input_height": 48, "input_width": 64},
        "crop": {"method": "tsm", "input_height": 32, "input_width": 32},
    }
)
ONLY = {field.name: 0.0 for field in fields(SampleShares)}
T = 8


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> ClipScenes:
    folder = write_hands(tmp_path_factory.mktemp("clips"), 10)
    return ClipScenes(open_hand_clips(folder, LABELS), LABELS, DenseWindow(T))


@pytest.fixture(scope="module")
def textures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_textures(tmp_path_factory.mktemp("textures"))


def pictures(textures: Path, *people: KnownPerson, trusts_quiet: bool = True) -> PictureScenes:
    library = open_library(textures)
    return PictureScenes(library, people, LABELS.index("No gesture"), T, trusts_quiet=trusts_quiet)


def known_hands(*boxes: list[float]) -> KnownHands:
    """Hands of which the boxes alone are known."""
    return KnownHands(np.reshape(boxes, (-1, 3)), np.full((len(boxes), 21, 2), np.nan))


def options(views: Views = Views.SQUARE) -> SampleOptions:
    return SampleOptions(SPEC, views, EXACT, ColorRange(), locator_frames=2)


def test_a_moving_scene_holds_the_hands_of_its_frames(clips: ClipScenes) -> None:
    for seed in range(5):
        scene = clips.moving(0, np.random.default_rng(seed))
        for image, (main, other) in zip(scene.images, scene.joints, strict=True):
            x, y = np.round(main[3]).astype(int)
            assert image[y, x].min() > 150
            assert np.isnan(other).all()
    assert LABELS[scene.label] == "Swiping Left"


def test_a_hand_held_still_shows_what_it_shows_at_rest(clips: ClipScenes) -> None:
    shown = set()
    for seed in range(40):
        rng = np.random.default_rng(seed)
        scene = clips.held(clips.draw_held(rng), rng)
        assert all(image is scene.images[0] for image in scene.images)
        shown.add(LABELS[scene.label])
    assert shown == {"Thumb Up", "No gesture", "Doing other things"}
    swipe = clips.held(0, np.random.default_rng(0))
    assert swipe.label == UNLABELED


def test_joints_that_stand_for_a_box_give_it_back() -> None:
    boxes = np.array([[3.0, 4.0, 2.0], [10.0, 1.0, 0.5]])
    np.testing.assert_allclose(hand_boxes(stand_in_joints(boxes)), boxes)
    assert stand_in_joints(np.zeros((0, 3))).shape == (0, 21, 2)


def test_a_cut_out_is_in_its_box_and_teaches_no_label(textures: Path) -> None:
    gray = np.full((120, 160, 3), 110, np.uint8)
    library = replace(open_library(textures), rooms=(gray,), quiet_people=())
    scenes = PictureScenes(library, (), 3, T, trusts_quiet=True)
    for seed in range(8):
        scene = scenes.cut_out(np.random.default_rng(seed))
        x, y, size = hand_boxes(scene.joints[0, 0])
        skin = np.ptp(scene.images[0].astype(int), axis=2) > 25  # a shadow is gray
        rows, columns = np.nonzero(skin)
        assert scene.label == UNLABELED
        assert abs((columns.min() + columns.max()) / 2 - x) < 0.3 * size
        assert np.percentile(rows, 5) > y - 0.75 * size
        assert np.percentile(rows, 95) < y + 0.75 * size
        assert abs(np.median(rows) - y) < 0.3 * size


def test_somebody_far_away_is_smaller(textures: Path, clips: ClipScenes) -> None:
    rng = np.random.default_rng(1)
    near = clips.moment(0, rng)
    far = pictures(textures).distant(near, rng)
    height = far.images[0].shape[0]
    share = hand_boxes(far.joints[0, 0])[2] / height
    assert 0.05 < share < 0.3
    assert far.images[0].shape == (60, 80, 3), "as large as the room"


def test_what_is_no_hand_is_no_gesture(textures: Path) -> None:
    scene = pictures(textures).no_hand(np.random.default_rng(0))
    assert LABELS[scene.label] == "No gesture"
    assert np.isnan(scene.joints).all()
    assert scene.decoy is not None


def test_a_locator_sees_nobody_whose_hands_are_not_known(textures: Path) -> None:
    person = cv2.imread(str(textures / "people/first/quiet.png"))
    assert person is not None
    head = person[: round(0.45 * len(person))]
    heads = []
    for trusts in (False, True):
        scenes = pictures(textures, trusts_quiet=trusts)
        drawn = [scenes.no_hand(np.random.default_rng(seed)).images[0] for seed in range(30)]
        heads.append(sum(np.array_equal(image, head) for image in drawn))
    assert heads[0] == 0
    assert 5 < heads[1] < 30


def test_where_a_person_shows_hands_what_is_no_hand_has_no_label(textures: Path) -> None:
    image = np.full((90, 120, 3), 90, np.uint8)
    waving = KnownPerson(image, known_hands([60.0, 40.0, 20.0]))
    scenes = pictures(textures, waving, trusts_quiet=False)
    drawn = [scenes.no_hand(np.random.default_rng(seed)) for seed in range(30)]
    for scene in drawn:
        shows = bool(np.isfinite(scene.joints).any())
        assert scene.label == (UNLABELED if shows else LABELS.index("No gesture"))
    assert any(np.isfinite(scene.joints).any() for scene in drawn)


def test_people_with_known_hands_teach_where_they_are(textures: Path, tmp_path: Path) -> None:
    folder = write_textures(tmp_path)
    (folder / "hands.csv").write_text(
        "path;x;y;size\npeople/first/hands.png;20;30;10\npeople/first/hands.png;60;30;12\n"
        "people/first/quiet.png;;;\n"
    )
    people = read_people(folder)
    assert people["people/first/hands.png"].hands.boxes.tolist() == [[20, 30, 10], [60, 30, 12]]
    assert people["people/first/quiet.png"].hands.boxes.shape == (0, 3)
    scenes = pictures(folder, people["people/first/hands.png"])
    near = [scenes.person(np.random.default_rng(seed)) for seed in range(8)]
    assert {scene.label for scene in near} == {UNLABELED}
    assert all(np.isfinite(scene.joints).all() for scene in near)
    assert read_people(textures) == {}


JOINT_COLUMNS = ";".join(f"x{joint};y{joint}" for joint in range(21))


def table_of(*lines: str, joints: bool = False) -> str:
    columns = f"path;x;y;size;{JOINT_COLUMNS}" if joints else "path;x;y;size"
    return "".join(f"{line}\n" for line in (columns, *lines))


def line_of(path: str, joints: NDArray[np.float64]) -> str:
    return ";".join([path, "1", "1", "1", *map(str, joints.ravel().tolist())])


def test_joints_of_people_are_learned_where_the_table_holds_them(tmp_path: Path) -> None:
    folder = write_textures(tmp_path)
    path = "people/first/hands.png"
    known = np.random.default_rng(0).uniform(10.0, 40.0, (21, 2))
    quiet = "people/first/quiet.png;;;"  # needs no more columns
    lines = (line_of(path, known), f"{path};60;30;12" + 42 * ";", quiet)
    (folder / "hands.csv").write_text(table_of(*lines, joints=True))
    scenes = pictures(folder, read_people(folder)[path])
    for seed in range(8):
        scene = scenes.person(np.random.default_rng(seed))
        main = scene.stand_ins.index(False)
        assert scene.stand_ins[1 - main]
        shown = scene.joints[0, main]
        # Near or far away, they are the hand's own, moved and scaled.
        scale = np.ptp(shown, axis=0) / np.ptp(known, axis=0)
        np.testing.assert_allclose(shown - shown[0], (known - known[0]) * scale, atol=1e-6)
        sample = sample_of(scene, options(), np.random.default_rng(seed))
        assert np.isnan(sample.joints[:, 1 - main]).all()
    assert np.isfinite(sample.boxes).any()


def test_joints_of_a_cut_out_go_where_the_hand_goes(tmp_path: Path) -> None:
    folder = write_textures(tmp_path)
    # Of the painted hand, the palm and a place beside the arm.
    joints = np.repeat([(40.0, 70.0), (6.0, 116.0)], (20, 1), axis=0)
    lines = [line_of(f"hands/{name}/palm.png", joints) for name in ("first", "second")]
    (folder / "hands.csv").write_text(table_of(*lines, joints=True))
    gray = np.full((240, 320, 3), 110, np.uint8)
    library = replace(open_library(folder), rooms=(gray,), quiet_people=())
    scenes = PictureScenes(library, (), 3, T, trusts_quiet=True)
    checked = 0
    for seed in range(30):
        scene = scenes.cut_out(np.random.default_rng(seed))
        if scene.stand_ins[0]:  # a drawn hand, or one that the table does not hold
            continue
        (palm, beside), image = scene.joints[0, 0, [0, 20]], scene.images[0].astype(int)
        palm_color, other_color = (
            np.ptp(image[int(np.clip(y, 0, 239)), int(np.clip(x, 0, 319))])
            for x, y in (palm, beside)
        )
        assert palm_color > other_color + 10, "skin, and gray"
        checked += 1
    assert checked > 3


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ("x;y\n", "must begin with the line path;x;y;size"),
        ("path;x;y;size\npeople/first/hands.png;1;2\n", "Line 2"),
        ("path;x;y;size\npeople/first/hands.png;1;2;0\n", "Line 2"),
        ("path;x;y;size\nnobody.png;1;2;3\n", "names nobody.png"),
        (table_of(f"people/first/hands.png;1;2;3;4{41 * ';'}", joints=True), "Line 2"),
    ],
)
def test_a_bad_table_of_hands_is_told(table: str, complaint: str, tmp_path: Path) -> None:
    folder = write_textures(tmp_path)
    (folder / "hands.csv").write_text(table)
    with pytest.raises(DataError, match=complaint):
        read_people(folder)


def test_a_sample_depends_on_its_key_alone_and_flips_with_its_label(
    clips: ClipScenes, textures: Path
) -> None:
    samples = TwoViewClips(clips, pictures(textures), SampleShares(), options())
    seen = set()
    for seed in range(12):
        one, again = samples[seed, 0, 0], samples[seed, 0, 0]
        assert isinstance(one.pixels, TwoViewPixels)
        assert again.pixels is not None
        assert all((a == b).all() for a, b in zip(one.pixels[:3], again.pixels[:3], strict=True))
        assert one.pixels.squares.shape == (T, 32, 32, 3)
        assert one.pixels.whole.numel() == 0
    swipes = TwoViewClips(clips, None, SampleShares(**ONLY | {"moving": 1.0}), options())
    for seed in range(12):
        sample = swipes[seed, 0, 0]
        assert isinstance(sample.pixels, TwoViewPixels)
        places, label = sample.pixels.places, LABELS[sample.label]
        way = float(places[-1, 0] - places[0, 0])
        assert (way > 0) is (label == "Swiping Left")
        seen.add(label)
    assert seen == {"Swiping Left", mirrored_label("Swiping Left")}


def test_a_locator_gets_a_few_frames(clips: ClipScenes) -> None:
    samples = TwoViewClips(clips, None, SampleShares(), options(Views.WHOLE))
    pixels = samples[0, 0, 1].pixels
    assert isinstance(pixels, TwoViewPixels)
    assert pixels.whole.shape == (2, 48, 64, 3)
    assert pixels.squares.numel() == 0


def test_validation_never_varies(clips: ClipScenes) -> None:
    samples = ValidationClips(clips, options(Views.BOTH))
    one, again = samples[1].pixels, samples[1].pixels
    assert isinstance(one, TwoViewPixels)
    assert isinstance(again, TwoViewPixels)
    assert (one.squares == again.squares).all()
    assert LABELS[samples[1].label] == "Swiping Right"


def test_shares_that_leave_nothing_are_told(clips: ClipScenes) -> None:
    with pytest.raises(DataError, match=r"data\.shares"):
        TwoViewClips(clips, None, SampleShares(**ONLY | {"cut_out": 1.0}), options())


def test_a_clip_whose_frames_are_not_those_of_its_hands_is_replaced(tmp_path: Path) -> None:
    folder = write_hands(tmp_path, 5)
    (folder / "100" / f"{FRAMES:05d}.jpg").unlink()
    scenes = ClipScenes(open_hand_clips(folder, LABELS), LABELS, DenseWindow(T))
    samples = TwoViewClips(scenes, None, SampleShares(**ONLY | {"moving": 1.0}), options())
    sample = samples[0, 0, 0]
    assert sample.pixels is not None
    assert "hands.npz has 10" in sample.unreadable[0].reason


def test_a_folder_without_hands_is_told(tmp_path: Path) -> None:
    folder = write_hands(tmp_path, 5)
    (folder / "hands.npz").unlink()
    with pytest.raises(DataError, match=r"has no hands\.npz"):
        open_hand_clips(folder, LABELS)


def test_labels_may_be_taken_more_often_than_others(clips: ClipScenes) -> None:
    weights = {"Thumb Up": 8.0, "No gesture": 0.0}
    weighted = ClipScenes(clips.clips, LABELS, DenseWindow(T), weights)
    drawn = [
        LABELS[weighted.clips[weighted.draw_moving(0, np.random.default_rng(seed))].label]
        for seed in range(300)
    ]
    assert drawn.count("No gesture") == 0
    assert drawn.count("Thumb Up") / len(drawn) == pytest.approx(8 / 11, abs=0.1)
    assert drawn.count("Swiping Left") > 0
    assert clips.draw_moving(3, np.random.default_rng(0)) == 3
    for wrong, complaint in (
        ({"Waving": 1.0}, "Waving"),
        (dict.fromkeys(LABELS, 0.0), "leaves no label"),
    ):
        with pytest.raises(DataError, match=complaint):
            ClipScenes(clips.clips, LABELS, DenseWindow(T), wrong)


@pytest.mark.parametrize("kind", ["cut_moving", "astray", "no_hand", "moving"])
def test_every_kind_of_sample_is_drawn(kind: str, clips: ClipScenes, textures: Path) -> None:
    for views in (Views.SQUARE, Views.WHOLE):
        shown = replace(options(views), near_hands=0.5, faces=1.0)
        shares = SampleShares(**ONLY | {kind: 1.0})
        samples = TwoViewClips(clips, pictures(textures), shares, shown)
        pixels = [samples[seed, 0, seed % 10].pixels for seed in range(4)]
        for found in pixels:
            assert isinstance(found, TwoViewPixels)
            assert found.joints.shape[1:] == (2, 21, 2)
            assert torch.isfinite(found.places).all()
        if kind in ("cut_moving", "astray"):
            assert {samples[seed, 0, 0].label for seed in range(4)} == {UNLABELED}

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.preprocess import cover_crop
from training.data.clip import Size
from training.data.transforms import Augmentation, CenterCrop, MultiScaleCrop, Region, cut_and_scale

sizes = st.builds(Size, st.integers(20, 300), st.integers(20, 300))
seeds = st.integers(0, 10_000)
JESTER = Size(100, 176)
SQUARE = Size(224, 224)


def noise(size: Size, frames: int = 2) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 255, (size.height, size.width, 3), np.uint8) for _ in range(frames)]


@given(sizes, sizes, seeds)
def test_crops_lie_inside_the_image(image: Size, target: Size, seed: int) -> None:
    region = MultiScaleCrop().region(image, target, np.random.default_rng(seed))
    assert region.top >= 0
    assert region.left >= 0
    assert region.height >= 1
    assert region.width >= 1
    assert region.top + region.height <= image.height
    assert region.left + region.width <= image.width


def test_crops_are_those_of_tsn() -> None:
    rng = np.random.default_rng(0)
    regions = {MultiScaleCrop().region(JESTER, SQUARE, rng) for _ in range(5000)}
    assert {region.height for region in regions} == {100, 87, 75, 66}
    pairs = {(region.height, region.width) for region in regions}
    assert len(pairs) == 10  # equal or neighboring scales
    assert (100, 75) not in pairs
    places = {(r.top, r.left) for r in regions if (r.height, r.width) == (66, 66)}
    assert len(places) == 13
    assert {(0, 0), (0, 110), (34, 0), (34, 110), (17, 55)} <= places
    assert {(8, 27), (8, 82), (25, 27), (25, 82)} <= places


@given(sizes, seeds)
def test_no_crop_of_the_smallest_image_has_to_be_enlarged(target: Size, seed: int) -> None:
    crop = MultiScaleCrop()
    region = crop.region(crop.smallest(target), target, np.random.default_rng(seed))
    assert region.height >= target.height - 1  # a side is rounded down to whole pixels
    assert region.width >= target.width - 1


def test_a_mirrored_crop_is_the_mirror_image_of_the_crop() -> None:
    for region, target in (
        (Region(5, 9, 40, 50), Size(80, 90)),
        (Region(5, 9, 90, 70), Size(20, 30)),
    ):
        images = noise(JESTER)
        plain = cut_and_scale(images, region, target)
        mirrored = cut_and_scale(images, region, target, mirrored=True)
        np.testing.assert_allclose(mirrored[:, :, ::-1].astype(int), plain, atol=1)


def test_the_papers_center_crop_is_that_of_the_scaled_image() -> None:
    smooth = [np.asarray(cv2.GaussianBlur(image, (0, 0), 4), np.uint8) for image in noise(JESTER)]
    clip = CenterCrop(0.875)(smooth, SQUARE)
    # As TSN has it: short side to 256 pixels, then 224 of them.
    for image, seen in zip(smooth, clip, strict=True):
        scaled = cv2.resize(image[..., ::-1], (round(176 * 2.56), 256))
        left = (scaled.shape[1] - 224) // 2
        difference = np.abs(scaled[16:240, left : left + 224].astype(int) - seen)
        assert difference.mean() < 1


def test_the_whole_center_crop_is_the_apps() -> None:
    images = noise(JESTER)
    clip = CenterCrop()(images, Size(80, 112))
    np.testing.assert_array_equal(clip[1], cover_crop(images[1], 80, 112)[..., ::-1])


@pytest.mark.parametrize("wrong", [{"scales": ()}, {"scales": (1.5,)}])
def test_impossible_scales_are_refused(wrong: dict[str, tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="scales"):
        MultiScaleCrop(**wrong)  # type: ignore[arg-type] # only scales are given


def test_an_impossible_share_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        CenterCrop(0)


@given(sizes, sizes, seeds)
def test_the_performers_crops_lie_inside_and_are_scaled(
    image: Size, target: Size, seed: int
) -> None:
    varied = Augmentation()(noise(image), target, np.random.default_rng(seed), may_flip=False)
    assert varied.pixels.shape == (2, target.height, target.width, 3)
    assert not varied.mirrored


def test_channels_come_as_red_green_blue() -> None:
    blue = np.zeros((60, 80, 3), np.uint8)
    blue[..., 0] = 200
    still = Augmentation(brightness=0, contrast=0, hue_shift=0)
    rng = np.random.default_rng(0)
    for target in (Size(30, 40), Size(90, 120)):
        clips = [
            vary([blue], target, rng, may_flip=True).pixels for vary in (still, MultiScaleCrop())
        ]
        clips += [CenterCrop(share)([blue], target) for share in (1, 0.5)]
        for clip in clips:
            assert clip.reshape(-1, 3).min(axis=0).tolist() == [0, 0, 200]


def test_colors_change_by_no_more_than_they_may() -> None:
    gray = [np.full((40, 40, 3), 128, np.uint8)]
    transform = Augmentation(brightness=0.25, contrast=0, hue_shift=0)
    seen = [
        int(
            transform(gray, Size(20, 20), np.random.default_rng(seed), may_flip=True).pixels[
                0, 0, 0, 0
            ]
        )
        for seed in range(50)
    ]
    assert min(seen) >= 128 - 32
    assert max(seen) <= 128 + 32
    assert len(set(seen)) > 10

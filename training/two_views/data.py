"""The data of a run of two views, as a Lightning data module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.data.errors import DataError
from training.data.loaded import SAME_CLIPS, LoadedData, check_apart, check_distinct
from training.data.normalization import normalize_batch
from training.data.sampling import DenseWindow, Sampling
from training.data.unreadable import DEFAULT_SHARE
from training.labels import NO_GESTURE
from training.number_types import (
    ClosedUnitInterval,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
)
from training.performer.collage.texture_library import open_library
from training.two_views.box_noise import BoxNoise
from training.two_views.clip_scenes import ClipScenes
from training.two_views.colors import ColorRange
from training.two_views.dataset import (
    SampleOptions,
    SampleShares,
    TwoViewClips,
    TwoViewPixels,
    ValidationClips,
)
from training.two_views.faces import read_faces
from training.two_views.hand_clips import HandClip, open_hand_clips
from training.two_views.losses import TwoViewBatch
from training.two_views.people import read_people
from training.two_views.picture_scenes import PictureScenes
from training.two_views.recipe import build_pair
from training.two_views.views import Views, ViewsName


class TwoViewData(LoadedData):
    """Clips with known hands, and pictures, as batches for a network of two views."""

    def __init__(
        self,
        root: Path,
        val_root: Path,
        spec: dict[str, Any],
        trains: ViewsName = "square",
        more_roots: list[Path] | None = None,
        textures: Path | None = None,
        sampling: Sampling | None = None,
        shares: SampleShares = SampleShares(),  # noqa: B008 - frozen, and shown by --help
        noise: BoxNoise = BoxNoise(),  # noqa: B008
        colors: ColorRange = ColorRange(),  # noqa: B008
        locator_frames: PositiveInt = 1,
        near_hands: ClosedUnitInterval = 0.0,
        faces: ClosedUnitInterval = 0.0,
        label_weights: dict[str, NonNegativeFloat] | None = None,
        unreadable_share: ClosedUnitInterval = DEFAULT_SHARE,
        batch_size: PositiveInt = 32,
        workers: NonNegativeInt = 1,
    ) -> None:
        """Take the options; `setup` reads the clips.

        Args:
            root: Folder of the training clips, in Jester's layout with `labels.csv` and
                `hands.npz`, as `synthesize` writes it; collages in it are left out.
            val_root: Folder of the validation clips.
            spec: As in `model.spec`.
            trains: As in `model.trains`.
            more_roots: More folders of training clips.
            textures: Folder of cut-outs, rooms and people; none by default.
            sampling: Which frames of a clip are taken; `DenseWindow` by default.
            shares: How often samples come from where.
            noise: How far boxes are from the hands.
            colors: How far the colors of cameras differ.
            locator_frames: Frames of a sample where the whole view is trained alone.
            near_hands: Probability, of a closer look, of a hand that fills the view or more.
            faces: Probability of a real face beside the hand of a clip, if the textures hold any.
            label_weights: How often a clip is one of a label, where that is not 1, in proportion to
                the other labels; by default every clip is taken once an epoch.
            unreadable_share: Share of the clips that may be unreadable before the run stops.
            batch_size: Samples in a batch.
            workers: Processes that read data.
        """
        super().__init__(batch_size, workers, unreadable_share)
        self._roots = [Path(folder) for folder in (root, *(more_roots or ()))]
        self._val_root = Path(val_root)
        self._pair, _ = build_pair(spec)
        self._textures = textures
        self._sampling = sampling or DenseWindow()
        self._shares = shares
        self._sample_options = SampleOptions(
            self._pair,
            Views(trains),
            noise,
            colors,
            int(locator_frames),
            float(near_hands),
            float(faces),
        )
        self._label_weights = label_weights

    def setup(self, stage: str) -> None:
        """Read the clips and pictures, and fail early if something is missing."""
        if self._val_root.resolve() == self._roots[0].resolve():
            raise DataError(SAME_CLIPS)
        check_distinct(self._roots)
        labels = self._pair.whole.labels
        clips = [clip for root in self._roots for clip in open_hand_clips(root, labels)]
        shown = open_hand_clips(self._val_root, labels)
        check_apart([clip.clip for clip in clips], [clip.clip for clip in shown])
        scenes = self._scenes(clips, self._label_weights)
        training = TwoViewClips(scenes, self._pictures(), self._shares, self._sample_options)
        self._take_training(training, len(clips))
        self._take_validation(
            ValidationClips(self._scenes(shown), self._sample_options), len(shown)
        )

    def _scenes(
        self, clips: list[HandClip], label_weights: dict[str, NonNegativeFloat] | None = None
    ) -> ClipScenes:
        return ClipScenes(clips, self._pair.whole.labels, self._sampling, label_weights)

    def _pictures(self) -> PictureScenes | None:
        if self._textures is None:
            return None
        labels = self._pair.whole.labels
        if NO_GESTURE not in labels:
            raise DataError(f"data.textures needs a model with the label '{NO_GESTURE}'.")
        return PictureScenes(
            open_library(self._textures),
            list(read_people(self._textures).values()),
            labels.index(NO_GESTURE),
            self._sampling.frames,
            trusts_quiet=not self._sample_options.views.whole,
            faces=read_faces(self._textures),
        )

    def _nothing(self) -> TwoViewPixels:
        frames = self._sampling.frames
        pixels = torch.zeros((0, frames, 0, 0, 3), dtype=torch.uint8)
        known = (torch.zeros(0, frames, *shape) for shape in ((4,), (2, 3), (2, 21, 2)))
        return TwoViewPixels(pixels, pixels, *known)

    def on_after_batch_transfer(self, batch: tuple[TwoViewPixels, Tensor], _: int) -> TwoViewBatch:
        """Normalize on the device that the model runs on."""
        pixels, labels = batch
        whole, squares = (
            normalize_batch(pictures, spec.mean, spec.std) if pictures.numel() else None
            for pictures, spec in (
                (pixels.whole, self._pair.whole),
                (pixels.squares, self._pair.crop),
            )
        )
        return TwoViewBatch(whole, squares, pixels.places, pixels.boxes, pixels.joints, labels)

"""A network of two views on disk: two bundles in one folder, and what lies between them.

`whole/` and `crop/` are bundles of one network each; the graph of `whole/` gives the locator's maps
as well. `places.safetensors` holds the layers that read where the hand is and was. `spec.json` says
how the box follows the hand, and holds the digests by which the parts belong together. Labels,
cadence and decision settings are those of `whole/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.bundle import (
    BUNDLE_FILES,
    CARD_FILE,
    SPEC_FILE,
    TWO_VIEW_FORMAT,
    WEIGHTS_FILE,
    Bundle,
    check_shapes,
    digest,
    load_bundle,
    read_fields,
    staged_bundle,
    telling_fault,
    verify_files,
)
from models.errors import ModelError
from models.flops import NetworkCost
from models.linear_head import LinearHead
from models.spec import ModelSpec
from models.two_views.box import BoxSettings
from models.two_views.spec import TwoViewSpec
from models.two_views.stream import CROP, WHOLE, PlaceReader, joined_cost

PLACES_FILE = "places.safetensors"
LAYERS = ("0", "2", "5")
"""Names of the linear layers in `PLACES_FILE`; the last one has no bias."""

_SIGNED = (f"{WHOLE}/{WEIGHTS_FILE}", f"{CROP}/{WEIGHTS_FILE}", PLACES_FILE)

TWO_VIEW_FILES = (
    CARD_FILE,
    *(f"{view}/{name}" for view in (WHOLE, CROP) for name in BUNDLE_FILES if name != CARD_FILE),
    PLACES_FILE,
    SPEC_FILE,
)
"""In the order in which they are put in place: what holds the digests comes last."""


class TwoViewDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `spec.json`; what is not explained here is as in `TwoViewSpec`.

    Attributes:
        format: `bundle.TWO_VIEW_FORMAT`.
        sha256: Digests of the weights of both networks and of `PLACES_FILE`, by file name.
    """

    format: int
    box: BoxSettings
    history: int
    place_hidden: int
    locator_hidden: int
    sha256: dict[str, str]
    joint_history: int = 0


@dataclass(frozen=True)
class TwoViewBundle:
    """A verified bundle of two views; what a `Bundle` tells, it tells of both views together.

    Attributes:
        path: Its folder.
        pair: What both networks are and expect.
        whole: The network of the whole view, with its locator.
        crop: The network of the square.
        places: The part of the classifier that reads the places.
        weights_digest: SHA-256 of the digests of all weights.
        reads: The views whose features the classifier reads, of `WHOLE` and `CROP`.
    """

    path: Path
    pair: TwoViewSpec
    whole: Bundle
    crop: Bundle
    places: PlaceReader
    weights_digest: str
    reads: frozenset[str] = frozenset({WHOLE, CROP})

    def head(self) -> LinearHead:
        """Read the classifier; its features are those of `TwoViewResult.features`.

        Raises:
            ModelError: It is damaged or does not fit the description.
        """
        whole, crop = self.whole.head(), self.crop.head()
        heads = {WHOLE: whole, CROP: crop}
        read = [heads[view].weight for view in (WHOLE, CROP) if view in self.reads]
        parts = [*read, self.places.labels.astype(np.float64)]
        return LinearHead(np.concatenate(parts, 1), whole.bias + crop.bias)

    @property
    def spec(self) -> ModelSpec:
        """The model as seen from outside."""
        return self.pair.model

    @property
    def cost(self) -> NetworkCost:
        """What one frame costs, per fusion site of both views."""
        return joined_cost(self.whole.cost, self.crop.cost, self.places.multiply_adds)

    def weights(self) -> dict[str, NDArray[np.generic]]:
        """Read all tensors, by parameter name of the network of both views.

        Raises:
            ModelError: A file is damaged.
        """
        parts = {
            WHOLE: self.whole.weights(),
            CROP: self.crop.weights(),
            "place": _place_tensors(self.path / PLACES_FILE),
        }
        return {
            f"{part}.{name}": value for part, held in parts.items() for name, value in held.items()
        }


AnyBundle = Bundle | TwoViewBundle
"""A model on disk, of one view or two."""


def load_any_bundle(path: Path) -> AnyBundle:
    """Read and verify a model of one view or two.

    Args:
        path: Its folder.

    Raises:
        ModelError: The folder is not a bundle, a file is missing or damaged, a field is unknown, or
            it is the second network of a model of two views.
    """
    if _has_two_views(path):
        return load_two_views(path)
    bundle = load_bundle(path)
    if bundle.spec.further_outputs:
        raise ModelError(
            f"{path} is one of the two networks of a model; give the folder that holds both."
        )
    return bundle


def decision_folder(bundle: AnyBundle) -> Path:
    """Return the folder whose description holds the decision settings."""
    return bundle.whole.path if isinstance(bundle, TwoViewBundle) else bundle.path


def load_two_views(path: Path) -> TwoViewBundle:
    """Read and verify a bundle of two views.

    Args:
        path: Its folder.

    Raises:
        ModelError: The folder is none, a file is missing or damaged, or its parts do not fit.
    """
    with telling_fault(path):
        described = msgspec.convert(read_fields(path), TwoViewDescription)
    missing = [name for name in _SIGNED if name not in described.sha256]
    if missing:
        raise ModelError(f"The description {path / SPEC_FILE} has no digest of {missing[0]}.")
    verify_files(path, described.sha256)
    whole, crop = load_bundle(path / WHOLE), load_bundle(path / CROP)
    with telling_fault(path):
        pair = TwoViewSpec(
            whole=whole.spec,
            crop=crop.spec,
            box=described.box,
            history=described.history,
            joint_history=described.joint_history,
            place_hidden=described.place_hidden,
            locator_hidden=described.locator_hidden,
        )
    digests = "".join(described.sha256[name] for name in _SIGNED)
    return TwoViewBundle(
        path=path,
        pair=pair,
        whole=whole,
        crop=crop,
        places=_places(path / PLACES_FILE, pair),
        weights_digest=hashlib.sha256(digests.encode()).hexdigest(),
        reads=read_views({WHOLE: whole.head().weight, CROP: crop.head().weight}),
    )


def read_views(classifiers: Mapping[str, NDArray[np.floating]]) -> frozenset[str]:
    """Return the views whose classifiers are not zero, by their matrices of shape (K, F)."""
    return frozenset(view for view, weight in classifiers.items() if weight.any())


def write_two_view_description(folder: Path, pair: TwoViewSpec) -> None:
    """Write `spec.json` for the files that are in `folder` already."""
    described = TwoViewDescription(
        format=TWO_VIEW_FORMAT,
        box=pair.box,
        history=pair.history,
        joint_history=pair.joint_history,
        place_hidden=pair.place_hidden,
        locator_hidden=pair.locator_hidden,
        sha256={name: digest(folder / name) for name in _SIGNED},
    )
    content = msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"
    (folder / SPEC_FILE).write_bytes(content)


@contextmanager
def staged_two_views(out: Path) -> Iterator[Path]:
    """Give a hidden folder to write such a bundle into; see `bundle.staged_bundle`.

    Raises:
        ModelError: `out` holds something else, or cannot be written.
    """
    with staged_bundle(out, TWO_VIEW_FILES, is_two_views) as partial:
        yield partial


def _has_two_views(path: Path) -> bool:
    fields = read_fields(path)
    return isinstance(fields, Mapping) and fields.get("format") == TWO_VIEW_FORMAT


def is_two_views(folder: Path) -> bool:
    """Return whether a folder holds such a model, and no folders named as its files."""
    try:
        if not _has_two_views(folder):
            return False
    except ModelError:
        return False
    return not any((folder / name).is_dir() for name in TWO_VIEW_FILES)


def place_shapes(pair: TwoViewSpec) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the tensors in `PLACES_FILE`, by name."""
    hidden, (first, second, last) = pair.place_hidden, LAYERS
    return {
        f"{first}.weight": (hidden, pair.read_values),
        f"{first}.bias": (hidden,),
        f"{second}.weight": (hidden, hidden),
        f"{second}.bias": (hidden,),
        f"{last}.weight": (len(pair.whole.labels), hidden),
    }


def _places(path: Path, pair: TwoViewSpec) -> PlaceReader:
    """Read the layers that read the places.

    Raises:
        ModelError: They are damaged or do not fit.
    """
    stored = _place_tensors(path)
    shapes = {name: tuple(value.shape) for name, value in stored.items()}
    check_shapes(shapes, place_shapes(pair), path.parent)
    weights = {name: np.asarray(value, np.float32) for name, value in stored.items()}
    *layers, last = LAYERS
    return PlaceReader(
        tuple((weights[f"{name}.weight"], weights[f"{name}.bias"]) for name in layers),
        weights[f"{last}.weight"],
    )


def _place_tensors(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        return dict(load_file(path))
    except (OSError, SafetensorError, ValueError) as error:
        raise ModelError(
            f"The weights {path} are damaged ({error}); get the bundle again."
        ) from error

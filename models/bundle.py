"""A model on disk: a folder with its description, its weights, its ONNX graph and its card.

The weights are stored once, in `model.safetensors`; the ONNX graph points into that file. Loading
never unpickles anything, and every file is checked against its digest in `spec.json`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file

from models import DEFAULT_MODEL
from models.decision import DecisionSettings
from models.errors import ModelError
from models.files import check_writable, failure_reason, staged_files, write_file
from models.flops import NetworkCost
from models.linear_head import LinearHead
from models.spec import ModelSpec

SPEC_FILE = "spec.json"
WEIGHTS_FILE = "model.safetensors"
GRAPH_FILE = "model.onnx"
CARD_FILE = "README.md"
BUNDLE_FILES = (CARD_FILE, WEIGHTS_FILE, GRAPH_FILE, SPEC_FILE)
"""In the order in which they are put in place: the description, which holds the digests of the
others, comes last, so that a half-replaced bundle never passes for a whole one."""

FORMAT = 1
"""Version of the layout of a bundle; a reader rejects newer ones."""

TWO_VIEW_FORMAT = 2
"""Version of a folder that holds two bundles: `models.two_views.bundle` reads it."""


class BundleDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of `spec.json`.

    Attributes:
        format: Version of the layout.
        model: What the model is and expects.
        cost: What one frame costs, per fusion site.
        sha256: Digest of each other file that loading depends on, by file name.
    """

    format: int
    model: ModelSpec
    cost: NetworkCost
    sha256: dict[str, str]


@dataclass(frozen=True)
class Bundle:
    """A verified bundle.

    Attributes:
        path: Its folder.
        spec: What the model is and expects.
        cost: What one frame costs, per fusion site.
        weights_digest: SHA-256 of the weights, which the graph records too.
    """

    path: Path
    spec: ModelSpec
    cost: NetworkCost
    weights_digest: str

    @property
    def graph_path(self) -> Path:
        """The ONNX graph; a model that looks ahead in time has none."""
        return self.path / GRAPH_FILE

    def weights(self) -> dict[str, NDArray[np.generic]]:
        """Read all tensors, by parameter name.

        Raises:
            ModelError: The file is damaged.
        """
        with self._telling_damage():
            return dict(load_file(self.path / WEIGHTS_FILE))

    def head(self) -> LinearHead:
        """Read the classifier: what makes scores of the labels out of features, and nothing else.

        Raises:
            ModelError: It is damaged or does not fit the description.
        """
        with self._telling_damage(), safe_open(self.path / WEIGHTS_FILE, "numpy") as file:
            weight, bias = file.get_tensor("head.weight"), file.get_tensor("head.bias")
        labels = len(self.spec.labels)
        if weight.ndim != 2 or bias.shape != weight.shape[:1] or len(weight) != self.spec.outputs:
            raise ModelError(
                f"The classifier in {self.path / WEIGHTS_FILE} does not fit its description; "
                "get the bundle again."
            )
        return LinearHead(weight[:labels].astype(np.float64), bias[:labels].astype(np.float64))

    @contextmanager
    def _telling_damage(self) -> Iterator[None]:
        try:
            yield
        except (OSError, SafetensorError, ValueError) as error:
            raise ModelError(
                f"The weights {self.path / WEIGHTS_FILE} are damaged ({error}); "
                "get the bundle again."
            ) from error


def default_bundle_path() -> Path:
    """Return the folder of the model that runs unless another one is named."""
    return zoo_path(DEFAULT_MODEL)


def zoo_path(name: str) -> Path:
    """Return the folder of a model that comes with the program."""
    return Path(__file__).parent / "zoo" / name


def bundle_path(name: str) -> Path:
    """Return the folder that a command line means: a path, or `DEFAULT_MODEL`."""
    return default_bundle_path() if name == DEFAULT_MODEL else Path(name).expanduser()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_description(
    folder: Path, spec: ModelSpec, cost: NetworkCost, files: tuple[str, ...]
) -> None:
    """Write `spec.json` for the files that are in `folder` already."""
    description = BundleDescription(
        format=FORMAT,
        model=spec,
        cost=cost,
        sha256={name: digest(folder / name) for name in files},
    )
    (folder / SPEC_FILE).write_bytes(_encoded(description))


def write_decision(path: Path, settings: DecisionSettings) -> None:
    """Change when a bundle's probabilities become gestures; nothing else of it changes.

    Args:
        path: The bundle's folder.
        settings: What its description will hold.

    Raises:
        ModelError: The folder is not a bundle or cannot be written.
    """
    description = read_description(path)
    model = msgspec.structs.replace(description.model, decision=settings)
    try:
        content = _encoded(msgspec.structs.replace(description, model=model))
        write_file(path / SPEC_FILE, content)
    except OSError as error:
        raise _not_written(path, error) from error


def _encoded(description: BundleDescription) -> bytes:
    return msgspec.json.format(msgspec.json.encode(description), indent=2) + b"\n"


def is_bundle(folder: Path) -> bool:
    """Return whether a folder holds a model's description, and no folders named as its files."""
    try:
        read_description(folder)
    except ModelError:
        return False
    return not any((folder / name).is_dir() for name in BUNDLE_FILES)


def check_bundle_folder(out: Path, is_older: Callable[[Path], bool] = is_bundle) -> None:
    """Reject a folder that cannot become a bundle, before any work is done for it.

    Args:
        out: The folder.
        is_older: Whether a folder holds an older bundle, which will be replaced.

    Raises:
        ModelError: It holds something else, or cannot be written.
    """
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())) and not is_older(out):
            raise ModelError(f"{out} exists and is not a bundle; give another folder.")
        check_writable(out.resolve())
    except OSError as error:
        raise _not_written(out, error) from error
    except (RuntimeError, UnicodeError) as error:  # links in a circle; a name of no encoding
        raise ModelError(f"The bundle {str(out)!a} cannot be written: no such name.") from error


@contextmanager
def staged_bundle(
    out: Path,
    names: tuple[str, ...] = BUNDLE_FILES,
    is_older: Callable[[Path], bool] = is_bundle,
) -> Iterator[Path]:
    """Give a hidden folder to write a bundle into; its files come to `out` when the body is done.

    Files of an older bundle are replaced; notes and whatever else people keep beside them stay.

    Args:
        out: The bundle's folder: new, empty, or with a bundle.
        names: Its files, in the order in which they are put in place.
        is_older: Whether a folder holds an older bundle, which is replaced.

    Raises:
        ModelError: It holds something else, or cannot be written.
    """
    check_bundle_folder(out, is_older)
    try:
        with staged_files(out, names) as partial:
            yield partial
    except (OSError, SafetensorError) as error:  # which is what the library makes of a full disk
        raise _not_written(out, error) from error


def _not_written(path: Path, error: Exception) -> ModelError:
    return ModelError(f"The bundle {path} cannot be written ({failure_reason(error)}).")


def bundle_size(path: Path, names: tuple[str, ...] = BUNDLE_FILES) -> int:
    """Return the size of a bundle's files together, in bytes."""
    files = (path / name for name in names)
    return sum(file.stat().st_size for file in files if file.exists())


def card_in(folder: Path) -> str | None:
    """Return the card of the bundle in a folder; None if it has none.

    Raises:
        ModelError: It cannot be read.
    """
    path = folder / CARD_FILE
    return read_card(path) if path.exists() else None


def read_card(path: Path) -> str:
    """Read a card.

    Raises:
        ModelError: It cannot be read, or is not text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "it is not text in UTF-8")
        raise ModelError(f"The card {path} cannot be read ({reason}).") from error


def load_bundle(path: Path) -> Bundle:
    """Read and verify a bundle.

    Args:
        path: Its folder.

    Raises:
        ModelError: The folder is not a bundle, a file is missing or damaged, or a field is unknown.
    """
    description = read_description(path)
    verify_files(path, description.sha256)
    _check_sites(path, description)
    return Bundle(
        path=path,
        spec=description.model,
        cost=description.cost,
        weights_digest=description.sha256[WEIGHTS_FILE],
    )


def read_description(path: Path) -> BundleDescription:
    """Read a bundle's `spec.json`, and nothing else of it.

    Raises:
        ModelError: The folder is not a bundle, a field is unknown, it is of a newer version, or it
            holds two views.
    """
    found = read_fields(path)
    if isinstance(found, Mapping) and found.get("format") == TWO_VIEW_FORMAT:
        raise ModelError(
            f"The model {path} has two views, which are not supported here; "
            "give a bundle of a single network."
        )
    with telling_fault(path):
        description = msgspec.convert(found, BundleDescription)
        if description.format < 1:
            raise ValueError(f"format must be at least 1, not {description.format}")
        return description


def read_fields(path: Path) -> object:
    """Read the fields of a folder's `spec.json`, whatever they are, of any known version.

    Raises:
        ModelError: The folder is not a bundle, or it is of a newer version.
    """
    if not path.is_dir():
        raise ModelError(f"There is no model folder {path}; give a bundle's folder or 'default'.")
    try:
        content = (path / SPEC_FILE).read_bytes()
    except OSError as error:
        raise ModelError(
            f"The folder {path} is not a model bundle: {SPEC_FILE} is missing or unreadable."
        ) from error
    with telling_fault(path):
        found: object = msgspec.json.decode(content)
        newest = max(FORMAT, TWO_VIEW_FORMAT)
        if isinstance(found, Mapping) and int(found.get("format", FORMAT)) > newest:
            raise ModelError(
                f"The bundle {path} was made for a newer version of this program; update it."
            )
        return found


@contextmanager
def telling_fault(path: Path) -> Iterator[None]:
    """Turn what is wrong with the description of a bundle into one sentence.

    Args:
        path: The bundle's folder.

    Raises:
        ModelError: The body found a fault.
    """
    try:
        yield
    except (msgspec.MsgspecError, ValueError, TypeError) as error:
        raise ModelError(
            f"The description {path / SPEC_FILE} is not valid: {error}; get the bundle again."
        ) from error


def verify_files(path: Path, sha256: Mapping[str, str]) -> None:
    """Compare files of a bundle with their digests.

    Args:
        path: The bundle's folder.
        sha256: Digest of each file, by its name.

    Raises:
        ModelError: A file is missing, unreadable or damaged.
    """
    for name, expected in sha256.items():
        _verify(path / name, expected)


def _verify(file: Path, expected: str) -> None:
    try:
        actual = digest(file)
    except OSError as error:
        raise ModelError(
            f"The bundle lacks {file.name}, or it cannot be read; get {file.parent} again."
        ) from error
    if actual != expected:
        raise ModelError(
            f"{file} is damaged: it differs from the digest in {SPEC_FILE}; get the bundle again."
        )


def _check_sites(path: Path, description: BundleDescription) -> None:
    # A graph runs one frame at a time, which a model that looks ahead cannot do.
    needed = (WEIGHTS_FILE, GRAPH_FILE) if description.model.can_stream else (WEIGHTS_FILE,)
    for name in needed:
        if name not in description.sha256:
            raise ModelError(f"The description {path / SPEC_FILE} has no digest of {name}.")
    if description.model.fuses != bool(description.cost.sites):
        raise ModelError(
            f"The description {path / SPEC_FILE} contradicts itself: "
            "a policy and fusion sites go together."
        )


def check_shapes(
    weights: Mapping[str, tuple[int, ...]], expected: Mapping[str, tuple[int, ...]], path: Path
) -> None:
    """Compare the shapes of stored and expected tensors, by parameter name.

    Raises:
        ModelError: A tensor is missing, left over or of another shape; the first one is named.
    """
    for name in sorted(expected.keys() | weights.keys()):
        stored, wanted = weights.get(name), expected.get(name)
        if stored == wanted:
            continue
        if stored is None:
            problem = f"the tensor {name} is missing"
        elif wanted is None:
            problem = f"the tensor {name} belongs to another network"
        else:
            problem = f"the tensor {name} has the shape {stored} where {wanted} is expected"
        raise ModelError(f"The weights in {path} do not fit their description: {problem}.")

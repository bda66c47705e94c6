"""A person's own set of gestures, and its file: a classifier, thresholds and names.

The file is a safetensors file of some kilobytes. It holds no picture, and features only if they
were asked to be kept. It names the model whose features it reads by the digest of its weights.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from models.decision import DecisionSettings
from models.errors import ModelError
from models.files import failure_reason, write_file
from models.linear_head import LinearHead
from models.personal.windows import Features, newest_window
from models.spec import ModelSpec

FORMAT = 1
"""Version of the file; a reader rejects newer ones."""

_DESCRIPTION, _DIGEST = "adafuse_personal_set", "sha256"
_WEIGHT, _BIAS = "head.weight", "head.bias"

_KEPT = re.compile(r"take/(?P<take>[0-9]{1,9})/[0-9]{1,9}|ordinary/[0-9]{1,9}")
"""Names of kept features: a take and its run, or a run of ordinary behavior."""

Tensors = Mapping[str, NDArray[np.generic]]


class SetDescription(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a set is, beside its classifier.

    Attributes:
        format: Version of the file.
        name: Whose it is, for people.
        labels: Its labels in the order of the classifier's outputs.
        silent_labels: Those that never fire.
        decision: When its probabilities become gestures.
        model: Name of the model whose features it reads.
        model_digest: SHA-256 of that model's weights.
        figure: What was measured before it was used, as sentences.
        kept: Labels of the takes whose features are kept, in the order of their tensors.
        false_per_min: False activations a minute that its thresholds aim at; None of a set from
            before this was noted.
        camera: Name of the camera before which it was taught; empty if that is unknown.
    """

    format: int = FORMAT
    name: str
    labels: tuple[str, ...]
    silent_labels: tuple[str, ...]
    decision: DecisionSettings
    model: str
    model_digest: str
    figure: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    false_per_min: float | None = None
    camera: str = ""


def needed_features(features: Features | None, model: str) -> Features:
    """Return the features of a step.

    Args:
        features: As an engine gave them.
        model: Name of its model.

    Raises:
        ModelError: The graph was exported before graphs gave them.
    """
    if features is None:
        raise ModelError(
            f"The graph of the model {model} does not give the features that personal gestures "
            "need; export the bundle again, or use --engine torch."
        )
    return features


@dataclass(frozen=True)
class PersonalSet:
    """A person's own gestures on top of a model.

    Attributes:
        about: What it is.
        head: Scores of its labels, of a window of the model's features (`personal.windows`).
        kept: Features of takes ("take/0/1": take 0, run 1) and of ordinary behavior
            ("ordinary/0"), half precision; none by default.
    """

    about: SetDescription
    head: LinearHead
    kept: Tensors

    @property
    def digest(self) -> str:
        """SHA-256 of everything in it."""
        return _digest(_text(self.about), _tensors(self))

    def scores(self, features: Features) -> NDArray[np.float64]:
        """Return the scores of the newest frames, of shape (K,).

        Args:
            features: What the model's own classifier reads of each, of shape (N, F).

        Raises:
            ModelError: They are another model's.
        """
        if 2 * features.shape[1] != self.head.weight.shape[1]:
            raise ModelError(
                f"The personal set '{self.about.name}' was made with the model {self.about.model} "
                "and does not fit this one."
            )
        return self.head.scores(newest_window(features))

    def spec_on(self, general: ModelSpec) -> ModelSpec:
        """Return the description of a model that runs with this set."""
        return msgspec.structs.replace(
            general,
            labels=self.about.labels,
            silent_labels=self.about.silent_labels,
            decision=self.about.decision,
            further_outputs=0,
        )

    def check_belongs_to(self, spec: ModelSpec, weights_digest: str) -> None:
        """Reject a model other than the one that the set was made with.

        Raises:
            ModelError: It is another one.
        """
        if self.about.model_digest != weights_digest:
            raise ModelError(
                f"The personal set '{self.about.name}' was made with the model "
                f"{self.about.model} and does not fit this version of {spec.name}; fit it again "
                "from its clips, or teach it again: features of its takes are that model's."
            )


def write_set(path: Path, personal: PersonalSet) -> None:
    """Write a set's file; an older one is complete until the new one replaces it.

    Raises:
        ModelError: It cannot be written.
    """
    tensors, text = _tensors(personal), _text(personal.about)
    content = save(tensors, {_DESCRIPTION: text, _DIGEST: _digest(text, tensors)})
    try:
        write_file(path, content, durable=True)
    except OSError as error:
        raise ModelError(
            f"The personal set {path} cannot be written ({failure_reason(error)})."
        ) from error


def read_set(path: Path) -> PersonalSet:
    """Read and verify a set's file.

    Raises:
        ModelError: It is missing, damaged, of a newer version or something else.
    """
    if not path.is_file():
        raise ModelError(f"There is no personal set {path}; give the file that was made of takes.")
    try:
        with safe_open(path, "numpy") as file:
            facts = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, ValueError, TypeError) as error:
        raise ModelError(f"{path} is not a personal set, or it is damaged.") from error
    text = facts.get(_DESCRIPTION)
    if text is None:
        raise ModelError(f"{path} is not a personal set; give the file that was made of takes.")
    if facts.get(_DIGEST) != _digest(text, tensors):
        raise ModelError(f"The personal set {path} is damaged; take a copy of it, or teach again.")
    return _checked(path, text, tensors)


def _checked(path: Path, text: str, tensors: dict[str, NDArray[np.generic]]) -> PersonalSet:
    try:
        if int(msgspec.json.decode(text).get("format", FORMAT)) > FORMAT:
            raise ModelError(
                f"The personal set {path} was made for a newer version of this program; update it."
            )
        about = msgspec.json.decode(text, type=SetDescription)
        weight, bias = (np.asarray(tensors.pop(name), np.float64) for name in (_WEIGHT, _BIAS))
        shape = (len(about.labels),)
        fits = weight.ndim == 2 and weight.shape[:1] == bias.shape == shape
        if not (fits and np.isfinite(weight).all() and np.isfinite(bias).all()):
            raise ValueError("its classifier does not fit its labels")
        if not set(about.silent_labels) < set(about.labels) or len(set(about.labels)) != shape[0]:
            raise ValueError("its labels contradict each other")
        _check_kept(about, tensors, weight.shape[1] // 2)
    except (msgspec.MsgspecError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise ModelError(
            f"The personal set {path} is not valid: {error}; teach it again."
        ) from error
    return PersonalSet(about, LinearHead(weight, bias), tensors)


def _check_kept(about: SetDescription, kept: Tensors, size: int) -> None:
    """Reject features that no lesson has left.

    Args:
        about: What the set says of itself.
        kept: All tensors but the classifier's.
        size: Features of one step.

    Raises:
        ValueError: They are not those of its takes.
    """
    if not set(about.kept) <= set(about.labels) - set(about.silent_labels):
        raise ValueError("it keeps takes of gestures that it does not have")
    runs = [_KEPT.fullmatch(name) for name in kept]
    takes = {int(run["take"]) for run in runs if run is not None and run["take"]}
    if not all(runs) or takes != set(range(len(about.kept))):
        raise ValueError("it does not keep what it says")
    for run in kept.values():
        if run.dtype.kind != "f" or run.ndim != 2 or not len(run) or run.shape[1] != size:
            raise ValueError("what it keeps are not features of its model")
        if not np.isfinite(run).all():
            raise ValueError("features that it keeps are not finite")


def _text(about: SetDescription) -> str:
    return msgspec.json.encode(about).decode()


def _tensors(personal: PersonalSet) -> dict[str, NDArray[np.generic]]:
    head = personal.head
    own = {_WEIGHT: head.weight.astype(np.float32), _BIAS: head.bias.astype(np.float32)}
    return {**own, **personal.kept}


def _digest(text: str, tensors: Tensors) -> str:
    found = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        value = np.ascontiguousarray(tensors[name])
        found.update(f"\0{name}{value.dtype}{value.shape}".encode())
        found.update(value.tobytes())
    return found.hexdigest()

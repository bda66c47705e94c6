"""Trains the layers that read joints, step by step; a run that is ended goes on bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from models.errors import ModelError
from models.files import failure_reason
from models.two_views.box import PLACE_VALUES
from models.two_views.bundle import LAYERS
from models.two_views.joints import JOINT_VALUES
from models.two_views.spec import TwoViewSpec
from training.fit.callbacks import check_loss
from training.fit.checkpoints import AtomicCheckpointIO, read_content
from training.joint_reader.samples import JointSampler, JointSamples

_VALIDATION = 1
_CHECKED = 2000
_LEAST_RATE_SHARE = 0.01


@dataclass(frozen=True)
class FitOptions:
    """How the reader is trained.

    Attributes:
        seed: Of the layers' first weights and of all that is drawn.
        steps: Steps of the optimizer.
        batch: Samples of a step.
        learning_rate: The highest one; it falls to nearly nothing along a cosine.
        weight_decay: Of AdamW.
        frames: Frames of a sample, drawn anew at every step, the mean of whose scores is trained;
            live it is the mean of all. Fewer make a step cheaper.
        dropout: Probability of dropping what a hidden layer gives.
        input_dropout: Probability of dropping a value that is read.
        smoothing: Share of each label's target that is spread over all labels.
    """

    seed: int = 0
    steps: int = 6000
    batch: int = 256
    learning_rate: float = 1.2e-3
    weight_decay: float = 0.03
    frames: int = 3
    dropout: float = 0.12
    input_dropout: float = 0.04
    smoothing: float = 0.05


def build_reader(pair: TwoViewSpec, options: FitOptions) -> nn.Sequential:
    """Return new layers like `TwoViews.place`, but of joints alone and with dropout between them.

    It maps what is read at each frame, (B, T, V), to scores of shape (B, T, K).
    """
    hidden, labels = pair.place_hidden, len(pair.whole.labels)
    return nn.Sequential(
        nn.Dropout(options.input_dropout),
        nn.Linear(pair.joint_history * JOINT_VALUES, hidden),
        nn.ReLU(),
        nn.Dropout(options.dropout),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Dropout(options.dropout),
        nn.Linear(hidden, labels, bias=False),
    )


def place_tensors(reader: nn.Sequential, pair: TwoViewSpec) -> dict[str, Tensor]:
    """Return the layers as a bundle names them; they read nothing of places."""
    first, second, last = (layer for layer in reader if isinstance(layer, nn.Linear))
    unread = torch.zeros(len(first.weight), PLACE_VALUES * pair.history)
    weights = (torch.cat((unread, first.weight.detach()), dim=1), second.weight, last.weight)
    tensors = {f"{name}.weight": value for name, value in zip(LAYERS, weights, strict=True)}
    tensors |= {f"{LAYERS[0]}.bias": first.bias, f"{LAYERS[1]}.bias": second.bias}
    return {name: value.detach() for name, value in tensors.items()}


class ReaderFit:
    """One run.

    Args:
        pair: What the layers belong to.
        samplers: Where samples come from, from each of them as many.
        options: How it is trained.
        described: Whatever else the run depends on; a run resumes only where all of it is the same.

    Attributes:
        reader: The layers.
        steps_done: Steps of the optimizer so far.
    """

    def __init__(
        self,
        pair: TwoViewSpec,
        samplers: Sequence[JointSampler],
        options: FitOptions,
        described: dict[str, Any],
    ) -> None:
        torch.manual_seed(options.seed)
        self.reader, self.steps_done = build_reader(pair, options), 0
        self._samplers, self._options = samplers, options
        self._described = described | asdict(options)
        self._optimizer = torch.optim.AdamW(
            self.reader.parameters(), options.learning_rate, weight_decay=options.weight_decay
        )

    def run(self, reached: Callable[[int], None]) -> None:
        """Train to the end.

        Args:
            reached: Called after every step with how many are done.

        Raises:
            ModelError: The run has diverged.
        """
        while self.steps_done < self._options.steps:
            self._step()
            reached(self.steps_done)
        self.reader.eval()

    def _step(self) -> None:
        options, done = self._options, self.steps_done
        rng = np.random.default_rng([options.seed, done])
        torch.manual_seed(int(rng.integers(2**62)))  # of dropout
        share = options.batch // len(self._samplers)
        drawn = [sampler.draw(share, rng) for sampler in self._samplers]
        rate = 0.5 * (1 + np.cos(np.pi * done / options.steps)) + _LEAST_RATE_SHARE
        for group in self._optimizer.param_groups:
            group["lr"] = options.learning_rate * float(rate)
        self.reader.train()
        read = torch.from_numpy(np.concatenate([samples.read for samples in drawn]))
        taken = rng.permutation(read.shape[1])[: options.frames]
        scores: Tensor = self.reader(read[:, taken]).mean(dim=1)
        labels = torch.from_numpy(np.concatenate([samples.labels for samples in drawn]))
        loss = F.cross_entropy(scores, labels, label_smoothing=options.smoothing)
        check_loss(loss.detach(), done)
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()
        self.steps_done += 1

    def save(self, path: Path) -> None:
        """Write what the run resumes from.

        Raises:
            ModelError: It cannot be written.
        """
        content = {
            "described": self._described,
            "steps_done": self.steps_done,
            "reader": self.reader.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        try:
            AtomicCheckpointIO().save_checkpoint(content, path)
        except OSError as error:
            raise ModelError(
                f"The state of the run cannot be written to {path} ({failure_reason(error)})."
            ) from error

    def resume(self, path: Path) -> None:
        """Go on where a run was when it was saved.

        Raises:
            ModelError: The file is damaged or none of ours, or the run was another one.
        """
        try:
            content = read_content(path)
            described, steps_done = dict(content["described"]), int(content["steps_done"])
            if described == self._described:
                self.reader.load_state_dict(content["reader"])
                self._optimizer.load_state_dict(content["optimizer"])
                self.steps_done = steps_done
                return
        except (ModelError, KeyError, TypeError, ValueError, RuntimeError) as error:
            raise ModelError(
                f"{path} is damaged or not the state of a run of 'fit-joints'; remove it, and the "
                "run begins anew."
            ) from error
        own = self._described
        changed = sorted(key for key in own if own[key] != described.get(key))
        raise ModelError(
            f"{path} is the state of another run, which differs in {', '.join(changed)}; give "
            "another file with --resume."
        )


def accuracy(reader: nn.Sequential, sampler: JointSampler) -> float:
    """Return the share of varied samples, the same at every call, whose label is found."""
    reader.eval()
    samples = sampler.draw(_CHECKED, np.random.default_rng([_VALIDATION]))
    with torch.inference_mode():
        found = _scores(reader, samples).argmax(dim=-1).numpy()
    return float((found == samples.labels).mean())


def _scores(reader: nn.Sequential, samples: JointSamples) -> Tensor:
    """Return the mean of the scores of all frames, as a model over a stream does, (B, K)."""
    scores: Tensor = reader(torch.from_numpy(samples.read)).mean(dim=1)
    return scores

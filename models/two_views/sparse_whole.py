"""The whole view on the sparse engine, with its locator in NumPy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.bundle import Bundle
from models.engines.sparse import SparseEngine, SparseState
from models.errors import ModelError
from models.network.backbones.layouts.registry import backbone_layout
from models.spec import ModelSpec
from models.two_views.locating import BOX_VALUES, sites_to_locate_in
from models.two_views.stream import WholeResult

LOCATOR = "locator."
"""Prefix of the locator's tensors among the whole view's weights."""


class SparseWholeEngine:
    """Runs the whole view frame by frame.

    Args:
        bundle: The whole view of a `TwoViewBundle`.
        threads: Threads of one step; 0 lets the engine choose.

    Raises:
        ModelError: The weights do not fit the description, or the network is not supported.
    """

    name = SparseEngine.name

    def __init__(self, bundle: Bundle, threads: int = 0) -> None:
        self._engine = SparseEngine(bundle, threads, aside=LOCATOR)
        layout = backbone_layout(bundle.spec.backbone, bundle.spec.width)
        fine, coarse = sites_to_locate_in(layout.sites)
        self._fine, self._coarse = fine.name, coarse.name
        try:
            self._locator = _Locator(bundle.weights(), fine.in_channels, coarse.in_channels)
        except (KeyError, ValueError) as error:
            raise ModelError(
                f"The locator's weights in {bundle.path} are missing or of another shape; "
                "export the bundle again."
            ) from error

    @property
    def saves_channels(self) -> bool:
        """Whether it leaves out the channels that no action asks for."""
        return self._engine.saves_channels

    @property
    def times_blocks(self) -> bool:
        """Whether traces hold how long each fused block took."""
        return self._engine.times_blocks

    @times_blocks.setter
    def times_blocks(self, times: bool) -> None:
        self._engine.times_blocks = times

    @property
    def spec(self) -> ModelSpec:
        """The network that runs."""
        return self._engine.spec

    def init_state(self) -> SparseState:
        """Return the state before the first frame."""
        return self._engine.init_state()

    def step(self, frame: NDArray[np.float32], state: SparseState) -> WholeResult:
        """Run one frame of shape (3, H, W)."""
        seen = self._engine.step(frame, state)
        fine, coarse = (
            self._engine.entering(block, seen.state) for block in (self._fine, self._coarse)
        )
        scores, boxes = self._locator.read(fine, coarse)
        return WholeResult(seen.logits, scores, boxes, seen.state, seen.trace, seen.features)


class _Locator:
    """What `locator.Locator` computes, for one picture.

    Maps have the shape (rows, C, columns), so that every product is one of small matrices, row by
    row: of large ones a BLAS makes threads, which cost more than they save beside the engine's.
    """

    def __init__(
        self, weights: Mapping[str, NDArray[Any]], fine_channels: int, coarse_channels: int
    ) -> None:
        stored = {
            name.removeprefix(LOCATOR): np.asarray(value, np.float32)
            for name, value in weights.items()
            if name.startswith(LOCATOR)
        }
        self._biases = {
            name: stored[f"{name}.bias"][:, None] for name in ("fine", "coarse", "mix", "cells")
        }
        hidden = len(self._biases["fine"])
        self._fine = stored["fine.weight"].reshape(hidden, fine_channels)
        self._coarse = stored["coarse.weight"].reshape(hidden, coarse_channels)
        # One matrix for each place of the window of 3 by 3.
        taps = stored["mix.weight"].reshape(hidden, hidden, 9).transpose(2, 0, 1)
        self._mix = np.ascontiguousarray(taps)
        self._cells = stored["cells.weight"].reshape(1 + BOX_VALUES, hidden)
        self._no_hand = stored["no_hand.weight"].reshape(coarse_channels)
        self._no_hand_bias = stored["no_hand.bias"]

    def read(
        self, fine: NDArray[np.float32], coarse: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return scores of shape (cells + 1,) and boxes of shape (3, rows, columns).

        Args:
            fine: The map with a stride of 8 pixels, of shape (C, rows, columns).
            coarse: The map with a stride of 16 pixels, of half that size.
        """
        rows, columns = fine.shape[1:]
        near = self._fine @ _by_rows(fine) + self._biases["fine"]
        far = self._coarse @ _by_rows(coarse) + self._biases["coarse"]
        mixed = np.maximum(near + _spread(far, rows, columns), 0.0)
        around = np.pad(mixed, ((1, 1), (0, 0), (1, 1)))
        total = np.broadcast_to(self._biases["mix"], mixed.shape).copy()
        for tap, weight in enumerate(self._mix):
            down, right = divmod(tap, 3)
            total += weight @ around[down : down + rows, :, right : right + columns]
        said = self._cells @ np.maximum(total, 0.0) + self._biases["cells"]
        nowhere = coarse.mean(axis=(1, 2)) @ self._no_hand + self._no_hand_bias
        place, *box = said.transpose(1, 0, 2)
        return np.concatenate([place.ravel(), nowhere]), np.stack(box)


def _by_rows(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a map of shape (C, rows, columns) as one of shape (rows, C, columns)."""
    return np.ascontiguousarray(values.transpose(1, 0, 2))


def _spread(coarse: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """Return a coarse map with more rows and columns, each cell taking its nearest value."""
    down = np.arange(rows) * coarse.shape[0] // rows
    right = np.arange(columns) * coarse.shape[2] // columns
    spread: NDArray[np.float32] = coarse[down][:, :, right]
    return spread

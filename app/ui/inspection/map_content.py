"""The content of a channel map, and its picture with one pixel per cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtGui import QImage

from app.inspection.channel_state import ChannelState
from app.ui.theme import Theme


@dataclass(frozen=True)
class MapContent:
    """A block's channels over time.

    Attributes:
        block: Name of the block.
        states: `ChannelState` of every channel at every step, of shape (C, N).
        times_s: Times of the steps in seconds, of shape (N,).
        order: The channels from top to bottom, of shape (C,).
        position: Index of the current step of a recording; None for the newest, in a live view.
    """

    block: str
    states: NDArray[np.uint8]
    times_s: NDArray[np.float64]
    order: NDArray[np.intp]
    position: int | None = None

    @property
    def channels(self) -> int:
        """C, the rows of the map."""
        return int(self.states.shape[0])

    @property
    def steps(self) -> int:
        """N, the columns of the map."""
        return int(self.states.shape[1])

    def describe(self, line: int, column: int) -> str:
        """Describe a cell: channel, time and state.

        Args:
            line: Row of the cell, from the top.
            column: Index of the step.
        """
        channel = int(self.order[line])
        state = ChannelState(int(self.states[channel, column]))
        if self.position is None:
            when = f"{self.times_s[-1] - self.times_s[column]:.2f} s ago"
        else:
            when = f"at {self.times_s[column]:.2f} s"
        return f"Channel {channel}, {when}: {state.words}"


def indexed_image(cells: NDArray[np.uint8], theme: Theme) -> QImage:
    """Return a picture with one pixel per cell.

    Args:
        cells: `ChannelState`s of shape (H, W).
        theme: The theme with their colors.
    """
    height, width = cells.shape
    # Qt wants every row to start at a multiple of four bytes.
    padded = np.zeros((height, -(-width // 4) * 4), np.uint8)
    padded[:, :width] = cells
    data = cast(bytes, padded.data)  # PyQt accepts any buffer; its type stubs know only bytes
    image = QImage(data, width, height, padded.shape[1], QImage.Format.Format_Indexed8)
    image.setColorTable([theme.state_color(state).rgba() for state in ChannelState])
    return image.copy()

"""The tables that a compiled step reads: what to do in which order, and where everything lies.

All tables are NumPy record arrays, written once by `models.engines.planning` and, for the few
lists that follow the policy, once a step by `selection`. Offsets count values, not bytes: of
float32 in a stream's `arena` or in the engine's `weights`, of int64 in a stream's `lists`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NONE = -1
"""Index of a table entry that is not there."""


EXECUTED = 0
"""Place in a stream's counts of the multiply-adds that this step's actions asked for."""

COUNTS = 3
"""Numbers of every fused block behind it: channels kept, reused, and of these late."""


class Kind(IntEnum):
    """What an operation of the program does; its index points into the table of that kind."""

    CONVOLVE = 0
    SPLIT = 1
    MAX_POOL = 2
    MEAN = 3
    LINEAR = 4
    SELECT = 5


def _record(*fields: str, floats: tuple[str, ...] = ()) -> np.dtype[np.void]:
    kinds = [(name, np.int64) for name in fields] + [(name, np.float32) for name in floats]
    return np.dtype(kinds, align=True)


OPERATION = _record(
    "kind",
    "index",
    "tasks",  # where no policy changes their number, else 0
    "followers",  # operations right behind it, of one task each, that its last task brings along
)
"""One entry of the program."""

BUFFER = _record(
    "offset",  # of the first slot in the arena
    "slots",  # how many steps are remembered; they take turns
    "slot_size",  # values of one slot
    "channels",
    "channel_size",  # values of one channel, all its phases
    "origin",  # offset of the first pixel in a plane
    "pitch",  # values from one line to the next: the width and a gap of zeros
    "height",
    "width",
    "phases",  # 1, or 4 planes of every second pixel
    "phase_size",  # values of one plane
)
"""Feature maps: channels of flat planes with zeros around."""

CONVOLUTION = _record(
    "first_group",
    "groups",
    "output",  # buffer
    "residual",  # buffer whose values are added, or NONE
    "weights",
    "bias",  # in weights
    "bias_vector",  # vector that is the bias instead, or NONE
    "mask",  # offset in the arena of the mask of the output map
    "positions",  # in lists: where each pixel lies in a plane; NONE for tiles along the map
    "extent",  # pixels of a plane; vectors that cover it for tiles along the map
    "chunk",  # of these, in one task
    "chunks",
    "task_rows",  # most output channels of a task: those of a tile, or several tiles if depthwise
    "means",  # of the output, taken with it, or NONE
    "splitting",  # of the output, done with it, or NONE
    "depthwise",  # whether each row has terms of its own, `term_count` for every one
    floats=("low", "high"),
)
"""A convolution: some groups of output channels, each with its own terms."""

GROUP = _record(
    "rows",  # in lists: numbers of the output channels
    "weight_rows",  # in lists: where each one's weights begin
    "count",  # how many
    "terms",  # in lists: (offset of an input in the arena, offset of a weight in its row)
    "term_count",
    "term_sets",  # lists of terms that take turns from step to step, as the slots of the input do
    "term_stride",  # from one of them to the next
    "lag",  # 0: this step's output slot; 1: the previous step's
    "aligned",  # whether tiles must begin at multiples of task_rows, as packed weights need
)
"""Output channels that are computed from the same terms."""

SPLITTING = _record(
    "input",
    "output",
    "sources",  # in lists: where each channel to split begins in the arena; NONE for all of them
    "count",  # in lists: how many of `sources` there are
    "channels",
    "per_task",
)
"""Every second pixel of each line and column to a plane of its own, for a stride of two."""

POOLING = _record("input", "output", "per_task")
"""The largest of 3 by 3 values, with a stride of two."""

MEANS = _record(
    "input",
    "output",  # vectors
    "fold",  # channels whose mean counts for the next step, because they are shifted
    "blocks",  # of the vector sum that covers a plane
    "per_task",
    floats=("scale",),  # one over the number of pixels
)
"""The mean of every plane."""

VECTOR = _record("offset", "slots", "slot_size")
"""Vectors of float32 in the arena."""

LINEAR = _record(
    "input",  # vectors
    "previous",  # whether the input of the step before is multiplied, too
    "output",  # vectors
    "rows",
    "weights",  # in halves or in weights, by strips of columns
    "columns",
    "half",
    "scale",  # in weights: multiplies each sum
    "bias",  # in weights: is added then
    floats=("low",),
)
"""A fully connected layer."""

FUSION = _record(
    "channels",
    "logits",  # vectors: three for every channel
    "actions",  # offset in the stream's actions
    "computed",  # in lists: for every channel whether the previous frame computed it
    "counts",  # in counts: the channels that were kept, reused, and of these late
    "keep_cost",  # multiply-adds of a channel that is kept
    "reuse_cost",  # of one that is reused
    "late_cost",  # on top, of one that is computed late
    "raw",  # buffer of the fused convolution's output
    "row_size",  # weights of one of its output channels
    "keep",  # group of the channels to compute from this frame
    "late",  # group of those to compute from the previous frame
    "consumer",  # group of the convolution that reads the fused channels
    "consumer_taps",
    "consumer_tap_count",
    "consumer_pack",  # output channels whose weights lie side by side
    "split",  # splitting of the fused channels where they are read with a stride, or NONE
    "separation",  # depthwise convolution between them and the consumer, or NONE
    "producer_operation",
    "producer_convolution",
    "whole_operation",  # computes all channels, where nearly all are kept, or NONE
    "whole_convolution",
    "split_operation",
)
"""A fused block: from action logits to the lists of its two convolutions."""


SEPARATION = _record(
    "group",  # of the depthwise convolution
    "taps",
    "tap_count",
    "operation",
    "convolution",
    "output",  # buffer that the consumer reads
    "constants",  # vector: what each skipped channel is everywhere behind it, 0 for all others
    "skipped",  # in weights: what each channel is if it is skipped
)
"""A depthwise convolution over fused channels: a skipped one gives a constant, not nothing."""


class Tables(NamedTuple):
    """What never changes while an engine lives."""

    program: NDArray[np.void]
    buffers: NDArray[np.void]
    convolutions: NDArray[np.void]
    splittings: NDArray[np.void]
    poolings: NDArray[np.void]
    means: NDArray[np.void]
    vectors: NDArray[np.void]
    linears: NDArray[np.void]
    fusions: NDArray[np.void]
    separations: NDArray[np.void]
    weights: NDArray[np.float32]
    halves: NDArray[np.uint16]


class StreamMemory(NamedTuple):
    """What belongs to one stream: all that a step writes.

    Attributes:
        arena: Feature maps, vectors and masks.
        lists: Rows, terms and flags.
        groups: Of all convolutions.
        tasks: Tasks of every operation at this step.
        actions: The actions of all fused blocks at this step, one after the other.
        counts: Multiply-adds that this step's actions asked for, then for every fused block the
            channels that were kept, reused, and of these late.
        control: See `step`.
    """

    arena: NDArray[np.float32]
    lists: NDArray[np.int64]
    groups: NDArray[np.void]
    tasks: NDArray[np.int64]
    actions: NDArray[np.int8]
    counts: NDArray[np.int64]
    control: NDArray[np.int64]

"""The records of the tables that a compiled step reads.

A dataclass describes one record and yields the array's type, so that the planner fills in exactly
what the kernels read. All tables are written once by `models.engines.planning`; only the groups
that follow a policy change, once a step, in `selection`.

A handle is the index of a record in its table. An offset counts values, not bytes: of float32 in a
stream's arena or in the engine's weights, of int64 in a stream's lists. A handle or an offset that
may be missing is None here and NONE in the table.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NewType, get_type_hints

import numpy as np

from models.engines.kernels.tables import NONE, Kind

OperationIndex = NewType("OperationIndex", int)
BufferIndex = NewType("BufferIndex", int)
ConvolutionIndex = NewType("ConvolutionIndex", int)
GroupIndex = NewType("GroupIndex", int)
SplittingIndex = NewType("SplittingIndex", int)
PoolingIndex = NewType("PoolingIndex", int)
MeansIndex = NewType("MeansIndex", int)
VectorIndex = NewType("VectorIndex", int)
LinearIndex = NewType("LinearIndex", int)
FusionIndex = NewType("FusionIndex", int)
SeparationIndex = NewType("SeparationIndex", int)

ArenaOffset = NewType("ArenaOffset", int)
ListOffset = NewType("ListOffset", int)
WeightOffset = NewType("WeightOffset", int)
HalfOffset = NewType("HalfOffset", int)
ActionOffset = NewType("ActionOffset", int)
CountOffset = NewType("CountOffset", int)


@dataclass(frozen=True)
class Record:
    """One row of a table: floats are stored as float32, everything else as int64."""

    @classmethod
    def dtype(cls) -> np.dtype[np.void]:
        """Return the type of an array of such records."""
        hints = get_type_hints(cls)
        kinds = [
            (field.name, np.float32 if hints[field.name] is float else np.int64)
            for field in fields(cls)
        ]
        return np.dtype(kinds, align=True)

    def row(self) -> tuple[float, ...]:
        """Return the fields as they stand in the table."""
        values = (getattr(self, field.name) for field in fields(self))
        return tuple(NONE if value is None else value for value in values)


@dataclass(frozen=True)
class Operation(Record):
    """One entry of the program.

    Attributes:
        kind: What it does.
        index: Which record of the table of that kind it works on.
        tasks: Number of tasks where no policy changes it, else 0.
        followers: Operations right behind it, of one task each, which whoever finishes its last
            task goes on with.
    """

    kind: Kind
    index: int
    tasks: int
    followers: int = 0


@dataclass(frozen=True)
class Buffer(Record):
    """Feature maps: channels of flat planes with zeros around.

    Attributes:
        offset: First slot.
        slots: Steps that are remembered; they take turns.
        slot_size: Values of one slot.
        channels: Channels.
        channel_size: Values of one channel, all its phases.
        origin: Offset of the first pixel in a plane.
        pitch: Values from one line to the next: the width and a gap of zeros.
        height: In pixels.
        width: In pixels.
        phases: 1, or 4 planes of every second pixel.
        phase_size: Values of one plane.
    """

    offset: ArenaOffset
    slots: int
    slot_size: int
    channels: int
    channel_size: int
    origin: int
    pitch: int
    height: int
    width: int
    phases: int
    phase_size: int


@dataclass(frozen=True)
class Convolution(Record):
    """A convolution: some groups of output channels, each with its own terms.

    Attributes:
        first_group: The first of its groups, which lie one after the other.
        groups: Number of groups.
        output: Map that it writes.
        residual: Map whose values are added.
        weights: Weights of all rows.
        bias: Bias of all channels.
        bias_vector: Vector that is the bias instead.
        mask: Mask of the output map.
        positions: Where each pixel lies in a plane; None for tiles along the map.
        extent: Pixels of a plane; for tiles along the map, the vectors that cover it.
        chunk: How much of the extent one task takes.
        chunks: Number of chunks.
        task_rows: Most output channels of a task: those of a tile, or several tiles if depthwise.
        means: Means of the output, taken by the same task.
        splitting: Splitting of the output, done by the same task.
        depthwise: Whether each row has terms of its own, `term_count` for every one.
        low: Smallest result.
        high: Largest result.
    """

    first_group: GroupIndex
    groups: int
    output: BufferIndex
    residual: BufferIndex | None
    weights: WeightOffset
    bias: WeightOffset
    bias_vector: VectorIndex | None
    mask: ArenaOffset
    positions: ListOffset | None
    extent: int
    chunk: int
    chunks: int
    task_rows: int
    means: MeansIndex | None
    splitting: SplittingIndex | None
    depthwise: bool
    low: float
    high: float


@dataclass(frozen=True)
class Group(Record):
    """Output channels that are computed from the same terms.

    Attributes:
        rows: List of the output channels.
        weight_rows: List of where each one's weights begin.
        count: Number of output channels.
        terms: List of pairs: offset of an input in the arena, offset of a weight in its row.
        term_count: Number of pairs.
        term_sets: Lists of terms that take turns from step to step, as the slots of the input do.
        term_stride: Values from one of them to the next.
        lag: 0 writes this step's output slot, 1 the previous step's.
        aligned: Whether tiles must begin at multiples of `task_rows`, as packed weights need.
    """

    rows: ListOffset
    weight_rows: ListOffset
    count: int
    terms: ListOffset
    term_count: int
    term_sets: int
    term_stride: int
    lag: int
    aligned: bool


@dataclass(frozen=True)
class Splitting(Record):
    """Every second pixel of each line and column to a plane of its own, for a stride of two.

    Attributes:
        input: Map that is split.
        output: Map of the phases.
        sources: List of where each channel to split begins in the arena; None splits all of them.
        count: List of one value, the number of `sources`.
        channels: Channels, where all are split.
        per_task: Channels of one task.
    """

    input: BufferIndex
    output: BufferIndex
    sources: ListOffset | None
    count: ListOffset | None
    channels: int
    per_task: int


@dataclass(frozen=True)
class Pooling(Record):
    """The largest of 3 by 3 values, with a stride of two.

    Attributes:
        input: Map that is pooled.
        output: Map of the results.
        per_task: Channels of one task.
    """

    input: BufferIndex
    output: BufferIndex
    per_task: int


@dataclass(frozen=True)
class Means(Record):
    """The mean of every plane.

    Attributes:
        input: Map.
        output: Vector of the means.
        fold: Channels whose mean counts for the next step, because they are shifted.
        blocks: Blocks of the vector sum that cover a plane.
        per_task: Channels of one task.
        scale: One over the number of pixels.
    """

    input: BufferIndex
    output: VectorIndex
    fold: int
    blocks: int
    per_task: int
    scale: float


@dataclass(frozen=True)
class Vector(Record):
    """A vector of float32.

    Attributes:
        offset: First slot.
        slots: Steps that are remembered; they take turns.
        slot_size: Values of one slot.
    """

    offset: ArenaOffset
    slots: int
    slot_size: int


@dataclass(frozen=True)
class Linear(Record):
    """A fully connected layer.

    Attributes:
        input: Vector that is multiplied.
        previous: Whether the input of the previous step is multiplied as well.
        output: Vector of the results.
        rows: Number of results.
        weights: By strips of columns, in single or half precision.
        columns: Number of factors of a row.
        half: Whether the weights are in half precision.
        scale: Multiplies each sum.
        bias: Is added then.
        low: Smallest result.
    """

    input: VectorIndex
    previous: bool
    output: VectorIndex
    rows: int
    weights: WeightOffset | HalfOffset
    columns: int
    half: bool
    scale: WeightOffset
    bias: WeightOffset
    low: float


@dataclass(frozen=True)
class Fusion(Record):
    """A fused block: from action logits to the lists of its two convolutions.

    Attributes:
        channels: Channels of the fused map.
        logits: Vector of three logits for every channel.
        actions: Actions of its channels.
        computed: List of flags: whether the previous frame computed the channel.
        counts: Counts of the channels kept, reused, and of these late.
        keep_cost: Multiply-adds of a channel that is kept.
        reuse_cost: Multiply-adds of a channel that is reused.
        late_cost: Multiply-adds, in addition, of a channel that is computed late.
        raw: Map of the fused convolution's raw output.
        row_size: Weights of one of its output channels.
        keep: Channels to compute from this frame.
        late: Channels to compute from the previous frame.
        consumer: Group of the convolution that reads the fused channels.
        consumer_taps: List of the shifts of its taps.
        consumer_tap_count: Number of taps.
        consumer_pack: Output channels whose weights lie side by side.
        split: Splitting of the fused channels where they are read with a stride.
        separation: Depthwise convolution between them and the consumer.
        producer_operation: Operation of the fused convolution.
        producer_convolution: The fused convolution.
        whole_operation: Operation that computes all channels, for steps that keep nearly all.
        whole_convolution: The convolution of that operation.
        split_operation: Operation of `split`.
    """

    channels: int
    logits: VectorIndex
    actions: ActionOffset
    computed: ListOffset
    counts: CountOffset
    keep_cost: int
    reuse_cost: int
    late_cost: int
    raw: BufferIndex
    row_size: int
    keep: GroupIndex
    late: GroupIndex
    consumer: GroupIndex
    consumer_taps: ListOffset
    consumer_tap_count: int
    consumer_pack: int
    split: SplittingIndex | None
    separation: SeparationIndex | None
    producer_operation: OperationIndex
    producer_convolution: ConvolutionIndex
    whole_operation: OperationIndex | None
    whole_convolution: ConvolutionIndex | None
    split_operation: OperationIndex | None


@dataclass(frozen=True)
class Separation(Record):
    """A depthwise convolution over fused channels: a skipped one gives a constant, not nothing.

    Attributes:
        group: Channels that it computes.
        taps: List of the shifts of its taps.
        tap_count: Number of taps.
        operation: Its operation.
        convolution: The convolution itself.
        output: Map that the consumer reads.
        constants: Vector of what each skipped channel is everywhere behind it, 0 for all others.
        skipped: What each channel is if it is skipped.
    """

    group: GroupIndex
    taps: ListOffset
    tap_count: int
    operation: OperationIndex
    convolution: ConvolutionIndex
    output: BufferIndex
    constants: VectorIndex
    skipped: WeightOffset

"""From action logits to lists of channels (paper, Eq. 3): what the convolutions will compute.

A kept channel is computed from this frame's input into this frame's slot of raw outputs. A channel
that is reused but was not computed at the previous frame is computed late, from the previous
frame's input, into the previous frame's slot. The convolution that reads the fused channels takes
each one from the slot where it lies; skipped channels are not in its list.
"""

from __future__ import annotations

from typing import Any

from models.engines.kernels.addresses import buffer_offset, vector_offset
from models.engines.kernels.compiling import inlined
from models.engines.kernels.convolve import convolution_tasks, write_terms
from models.engines.kernels.microkernel import TERM_FIELDS
from models.engines.kernels.tables import EXECUTED, NONE, StreamMemory, Tables
from models.trace import Action

KEEP, REUSE, SKIP = int(Action.KEEP), int(Action.REUSE), int(Action.SKIP)
ACTIONS = len(Action)

WHOLE_DIVISOR = 16
"""Where at most one channel in 16 is not kept, all are computed: that is faster, as no lane is lost
to the gaps between lines."""


@inlined
def choose(arena: Any, logits: int, fusion: Any, actions: Any) -> None:
    """Write the action with the largest logit for every channel; the first of equal ones."""
    for channel in range(fusion.channels):
        first = logits + ACTIONS * channel
        best = 0
        for action in range(1, ACTIONS):
            if arena[first + action] > arena[first + best]:
                best = action
        actions[fusion.actions + channel] = best


@inlined
def add_row(lists: Any, group: Any, channel: int, row_size: int) -> None:
    """Append an output channel to a group."""
    lists[group.rows + group.count] = channel
    lists[group.weight_rows + group.count] = channel * row_size
    group.count += 1


@inlined
def producer_rows(fusion: Any, memory: StreamMemory, keep: Any, late: Any) -> None:
    """List the channels to compute, and remember which those of this frame are."""
    lists, row_size = memory.lists, fusion.row_size
    keep.count = 0
    late.count = 0
    reused = 0
    for channel in range(fusion.channels):
        action = memory.actions[fusion.actions + channel]
        if action == KEEP:
            add_row(lists, keep, channel, row_size)
        elif action == REUSE:
            reused += 1
            if lists[fusion.computed + channel] == 0:
                add_row(lists, late, channel, row_size)
        lists[fusion.computed + channel] = 1 if action == KEEP else 0
    counts = memory.counts
    counts[fusion.counts] = keep.count
    counts[fusion.counts + 1] = reused
    counts[fusion.counts + 2] = late.count
    cost = keep.count * fusion.keep_cost + reused * fusion.reuse_cost
    counts[EXECUTED] += cost + late.count * fusion.late_cost


@inlined
def fused_source(
    tables: Tables, fusion: Any, memory: StreamMemory, channel: int, active: int, turn: int
) -> Any:
    """Return where a fused channel that is not skipped is read, the `active`-th one.

    Where it is read with a stride, its phases are, and they lie in the order of this list.
    """
    raw = tables.buffers[fusion.raw]
    lag = 1 if memory.actions[fusion.actions + channel] == REUSE else 0
    source = buffer_offset(raw, turn, lag) + channel * raw.channel_size + raw.origin
    if fusion.split == NONE:
        return source
    splitting = tables.splittings[fusion.split]
    memory.lists[splitting.sources + active] = source
    phases = tables.buffers[splitting.output]
    return buffer_offset(phases, turn, 0) + active * phases.channel_size + phases.origin


@inlined
def end_split(tables: Tables, fusion: Any, memory: StreamMemory, active: int) -> None:
    """Set how many channels there are to split, where they are read with a stride."""
    if fusion.split != NONE:
        splitting = tables.splittings[fusion.split]
        memory.lists[splitting.count] = active
        tasks = (active + splitting.per_task - 1) // splitting.per_task
        memory.tasks[fusion.split_operation] = tasks


@inlined
def consumer_terms(tables: Tables, fusion: Any, memory: StreamMemory, turn: int) -> None:
    """List the fused channels that are not zero, each from the slot where it lies."""
    group = memory.groups[fusion.consumer]
    offset, active = group.terms, 0
    for channel in range(fusion.channels):
        if memory.actions[fusion.actions + channel] == SKIP:
            continue
        offset = write_terms(
            memory.lists,
            offset,
            fused_source(tables, fusion, memory, channel, active, turn),
            fusion.consumer_taps,
            fusion.consumer_tap_count,
            channel * fusion.consumer_tap_count,
            fusion.consumer_pack,
        )
        active += 1
    group.term_count = (offset - group.terms) // TERM_FIELDS
    end_split(tables, fusion, memory, active)


@inlined
def separated_terms(tables: Tables, fusion: Any, memory: StreamMemory, turn: int) -> None:
    """List the channels of the depthwise convolution, and behind it those of the consumer.

    A skipped channel is the same value everywhere behind it. Nothing of that is computed: times
    its weights it goes into the consumer's bias.
    """
    separation = tables.separations[fusion.separation]
    lists, size = memory.lists, separation.tap_count
    group, consumer = memory.groups[separation.group], memory.groups[fusion.consumer]
    output = tables.buffers[separation.output]
    planes = buffer_offset(output, turn, 0) + output.origin
    constants = vector_offset(tables.vectors[separation.constants], turn, 0)
    offset, read, group.count = group.terms, consumer.terms, 0
    for channel in range(fusion.channels):
        if memory.actions[fusion.actions + channel] == SKIP:
            memory.arena[constants + channel] = tables.weights[separation.skipped + channel]
            continue
        memory.arena[constants + channel] = 0.0
        source = fused_source(tables, fusion, memory, channel, group.count, turn)
        add_row(lists, group, channel, 0)
        offset = write_terms(lists, offset, source, separation.taps, size, channel * size, 1)
        plane = planes + channel * output.channel_size
        read = write_terms(
            lists,
            read,
            plane,
            fusion.consumer_taps,
            fusion.consumer_tap_count,
            channel * fusion.consumer_tap_count,
            fusion.consumer_pack,
        )
    consumer.term_count = (read - consumer.terms) // TERM_FIELDS
    end_split(tables, fusion, memory, group.count)
    convolution = tables.convolutions[separation.convolution]
    memory.tasks[separation.operation] = convolution_tasks(convolution, memory.groups)


@inlined
def select(tables: Tables, memory: StreamMemory, index: int, turn: int) -> None:
    """Choose the actions of one fused block and list what its convolutions compute."""
    fusion = tables.fusions[index]
    logits = vector_offset(tables.vectors[fusion.logits], turn, 0)
    choose(memory.arena, logits, fusion, memory.actions)
    keep, late = memory.groups[fusion.keep], memory.groups[fusion.late]
    producer_rows(fusion, memory, keep, late)
    if fusion.separation == NONE:
        consumer_terms(tables, fusion, memory, turn)
    else:
        separated_terms(tables, fusion, memory, turn)
    whole = False
    if fusion.whole_operation != NONE:
        whole = (
            late.count == 0 and WHOLE_DIVISOR * keep.count >= (WHOLE_DIVISOR - 1) * fusion.channels
        )
        convolution = tables.convolutions[fusion.whole_convolution]
        tasks = convolution_tasks(convolution, memory.groups)
        memory.tasks[fusion.whole_operation] = tasks if whole else 0
    producer = tables.convolutions[fusion.producer_convolution]
    tasks = convolution_tasks(producer, memory.groups)
    memory.tasks[fusion.producer_operation] = 0 if whole else tasks

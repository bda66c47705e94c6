"""Builds a program: depthwise convolutions and fully connected layers, on top of all the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.engines.kernels.host import UNIT
from models.engines.kernels.layers import STRIP
from models.engines.kernels.records import (
    BufferIndex,
    Linear,
    Separation,
    SeparationIndex,
    VectorIndex,
)
from models.engines.kernels.tables import Kind
from models.engines.planning.convolution_builder import (
    INFINITY,
    ConvolutionBuilder,
    Epilogue,
    Terms,
)
from models.engines.planning.shapes import Filter


class ProgramBuilder(ConvolutionBuilder):
    """Adds every operation that a program may have.

    Args:
        tiles: Shapes of the convolutions' tiles.
    """

    def depthwise_convolution(
        self, layer: Filter, source: BufferIndex, output: BufferIndex, epilogue: Epilogue
    ) -> None:
        """Add a convolution in which every channel reads itself alone."""
        channels, tap_count = layer.weight.shape[0], layer.weight[0].size
        terms = self.input_terms(_read_by_each(layer), source)
        each = Terms(terms.offset, tap_count, terms.sets, terms.stride)
        rows = self.lists.store(np.arange(channels))
        weight_rows = self.lists.store(np.zeros(channels))
        group = self.group(rows, weight_rows, channels, each)
        weights = self.weights.store(layer.weight)
        self.convolution(layer, [group], weights, output, epilogue, depthwise=True)

    def chosen_depthwise(
        self, layer: Filter, source: BufferIndex, output: BufferIndex, epilogue: Epilogue
    ) -> SeparationIndex:
        """Add a depthwise convolution of channels that every step chooses."""
        channels, tap_count = layer.weight.shape[0], layer.weight[0].size
        taps, _ = self.taps(layer, source)
        terms = self.own_terms(channels * tap_count, tap_count)
        group = self.chosen_group(channels, 0, terms)
        weights = self.weights.store(layer.weight)
        planned = self.convolution(layer, [group], weights, output, epilogue, depthwise=True)
        return self.separations.add(
            Separation(
                group=group,
                taps=taps,
                tap_count=tap_count,
                operation=planned.operation,
                convolution=planned.index,
                output=output,
                constants=self.vector(channels),
                skipped=self.weights.store(np.clip(layer.bias, epilogue.low, epilogue.high)),
            )
        )

    def linear(
        self,
        weight: NDArray[Any],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
        source: VectorIndex,
        output: VectorIndex,
        *,
        previous: bool = False,
        low: float = -INFINITY,
    ) -> None:
        """Add a fully connected layer.

        Args:
            weight: Of shape (rows, inputs), in half or single precision, which is kept.
            scale: Multiplies each sum, of shape (rows,).
            bias: Is added then, of shape (rows,).
            source: Vector that is multiplied.
            output: Vector of the results.
            previous: The first half of the inputs is the vector of the previous step.
            low: Smallest result: 0 for a ReLU.
        """
        rows, columns = weight.shape
        strips = -(-rows // STRIP)
        padded = np.zeros((strips * STRIP, columns), weight.dtype)
        padded[:rows] = weight
        by_columns = padded.reshape(strips, STRIP, columns).transpose(0, 2, 1)
        ordered = np.ascontiguousarray(by_columns)
        half = weight.dtype == np.float16 and UNIT.converts_half
        index = self.linears.add(
            Linear(
                input=source,
                previous=previous,
                output=output,
                rows=rows,
                weights=(
                    self.halves.store(ordered.view(np.uint16))
                    if half
                    else self.weights.store(ordered)
                ),
                columns=columns,
                half=half,
                scale=self.weights.store(scale),
                bias=self.weights.store(bias),
                low=low,
            )
        )
        self.operation(Kind.LINEAR, index, strips)


def _read_by_each(layer: Filter) -> Filter:
    """Return a depthwise filter as one that reads all channels, for the list of its inputs."""
    channels, size = layer.weight.shape[0], layer.weight.shape[2:]
    wide = np.broadcast_to(layer.weight, (channels, channels, *size))
    return Filter(wide, layer.bias, layer.stride, layer.padding)

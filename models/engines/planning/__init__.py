"""From a bundle to a program of the kernels: weights in their order, memory, operations."""

"""Compiled kernels of the sparse engine: LLVM vector code and Numba, no PyTorch.

From the inside out: `host` knows the processor, `vector_ir` and `microkernel` emit vector code,
`map_tiles` and `channel_tiles` compute tiles with it, `atomics` lets threads share work,
`convolve`, `planes` and `layers` compute, `selection` turns actions into lists of channels, and
`step` runs the whole program of a network.
"""

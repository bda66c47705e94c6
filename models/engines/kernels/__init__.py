"""Compiled kernels of the sparse engine: LLVM vector code and Numba, no PyTorch.

From the inside out: `host` knows the processor, `vector_ir` and `microkernel` emit vector code,
`map_tiles` and `channel_tiles` compute tiles with it, `convolve`, `planes` and `layers` compute
whole operations, `selection` turns actions into lists of channels, and `step` runs the program of a
network. `tables` and `records` say what they work on.
"""

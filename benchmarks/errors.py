"""Errors of the benchmarks, reported in one plain sentence."""


class BenchmarkError(Exception):
    """A benchmark could not run."""

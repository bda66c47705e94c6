"""Errors of the benchmarks, told in one plain sentence."""


class BenchmarkError(Exception):
    """What was to be measured did not run."""

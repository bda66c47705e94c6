"""Figures as people read them, with the same number of digits from one moment to the next."""

from __future__ import annotations

UNKNOWN = "–"
"""Stands where a figure will appear."""


def gflops_digits(dense_gflops: float) -> int:
    """Return how many decimals show three significant digits of the dense figure.

    Both figures get the digits of the dense one, so that the changing one does not jump about.
    """
    for digits, at_least in ((1, 10.0), (2, 1.0), (3, 0.1)):
        if dense_gflops >= at_least:
            return digits
    return 4


def percent(share: float) -> str:
    """Return a fraction as whole percent, such as "27%"."""
    return f"{share:.0%}"


def saving_text(gflops: float, dense_gflops: float) -> str:
    """Return what was saved against the dense network, in words.

    A step can cost more than the dense network where little is skipped: the policy networks have to
    be paid for, and channels that are reused late come on top.
    """
    if dense_gflops <= 0:
        return ""
    saved = round(100 * (1 - gflops / dense_gflops))
    if saved < 0:
        return f"{-saved}% more than dense"
    return f"{saved}% saved"

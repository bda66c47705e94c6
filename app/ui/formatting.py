"""Figures as text, with the same number of digits from one moment to the next."""

from __future__ import annotations

from app.inspection.totals import RunTotals
from app.live.snapshot import RunningModel

UNKNOWN = "–"
"""Placeholder of a figure that is not known yet."""


def gflops_digits(dense_gflops: float) -> int:
    """Return how many decimals show three significant digits of the dense figure.

    Both figures get the digits of the dense one, so that the changing one does not jump.
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

    A step can cost more than the dense network where little is skipped: the policy networks cost
    something, and so do channels that are reused late.
    """
    if dense_gflops <= 0:
        return ""
    saved = round(100 * (1 - gflops / dense_gflops))
    if saved < 0:
        return f"{-saved}% more than dense"
    return f"{saved}% saved"


def seconds_text(milliseconds: float) -> str:
    """Return a time in a suitable unit, such as "840 ms", "12.3 s" or "4 min 05 s"."""
    seconds = milliseconds / 1000
    if seconds < 0.9995:
        return f"{milliseconds:.0f} ms"
    if seconds < 119.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def flops_text(multiply_adds: float) -> str:
    """Return operations with about three significant digits, such as "1.23 GFLOPs"."""
    for unit, size in (("TFLOPs", 1e12), ("GFLOPs", 1e9)):
        if multiply_adds >= size:
            return f"{_three_digits(multiply_adds / size)} {unit}"
    return f"{_three_digits(multiply_adds / 1e6)} MFLOPs"


def _three_digits(value: float) -> str:
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:,.{digits}f}"


def totals_text(
    totals: RunTotals, dense_step_ms: float | None, model: RunningModel | None = None
) -> str:
    """Return what a run has saved so far, in words.

    Args:
        totals: The totals of the run.
        dense_step_ms: Milliseconds of a dense step on this machine; None if not known.
        model: The running model; None if not known. An engine that computes every channel saves no
            time, even if it is faster than another engine.
    """
    if model is not None and not model.saves_time:
        return _policy_text(totals.saved_multiply_adds)
    savings = [(totals.saved_multiply_adds, flops_text(abs(totals.saved_multiply_adds)))]
    if dense_step_ms is not None:
        saved_ms = totals.saved_ms(dense_step_ms)
        savings.append((round(saved_ms), seconds_text(abs(saved_ms))))
    saved = [text for value, text in savings if value >= 0]
    spent = [text for value, text in savings if value < 0]
    parts = [f"{' and '.join(saved)} saved"] if saved else []
    if spent:
        parts.append(f"{' and '.join(spent)} more than dense")
    return f"So far {', '.join(parts)}"


def _policy_text(saved_multiply_adds: int) -> str:
    """Return what the policy has saved on an engine that computes every channel."""
    amount = flops_text(abs(saved_multiply_adds))
    if saved_multiply_adds < 0:
        return f"Policy: {amount} more than dense"
    return f"Policy: {amount} saved, no time"


def totals_explained(dense_step_ms: float | None, model: RunningModel | None = None) -> str:
    """Return what the savings are measured against; the arguments are those of `totals_text`."""
    if model is not None and not model.saves_time:
        return (
            "Operations since the start that the policy does not need, compared with computing\n"
            f"every channel. The {model.engine_name} engine computes every channel anyway, so no\n"
            "time is saved; the sparse engine computes only what the policy asks for."
        )
    if dense_step_ms is None:
        return "The time of a dense step on this machine has not been measured (yet)."
    return (
        "Since the start, compared with computing every channel at every step.\n"
        "Time is compared with the same model on ONNX Runtime, which computes every channel:\n"
        f"{dense_step_ms:.1f} ms per step, measured once on this machine."
    )

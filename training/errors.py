"""Errors of usage; those about data are in `training.data.errors`."""

from __future__ import annotations


class UsageError(Exception):
    """A value is out of range or does not fit another; exit code 2, as for an unknown option."""

"""What gestures may do."""

from __future__ import annotations

from enum import StrEnum


class ControlMode(StrEnum):
    """What gestures may do once the control is armed."""

    OFF = "off"
    DRY_RUN = "dry-run"
    KEYS = "keys"
    KEYS_IF_POSSIBLE = "keys-if-possible"
    """Keys, or a dry run that says why keys cannot be sent; the default of a window."""

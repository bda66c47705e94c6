"""Kept for `training.performer` until it imports `models.files` itself."""

from __future__ import annotations

from models.files import check_new_folder, staged_folder

__all__ = ["check_new_folder", "staged_folder"]

"""ONNX Runtime with its telemetry switched off, which has to happen before it is imported.

From version 1.29 on, its Linux builds send usage data too.
"""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]

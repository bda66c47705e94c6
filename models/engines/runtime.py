"""ONNX Runtime, told before it loads that it must report to nobody.

From version 1.29 its Linux builds, too, send usage data as soon as they are imported.
"""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime

__all__ = ["onnxruntime"]

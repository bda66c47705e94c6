"""The real script of the pictures, in a hurry, with a model that reads gestures off the brightness.

python brief_screenshots.py [the options of scripts.screenshots]
"""

from __future__ import annotations

import sys

from models.bundle import Bundle
from models.engines.factory import OpenedEngine
from scripts import screenshots
from tests.e2e.scripted_app import BrightnessEngine


def create_engine(bundle: Bundle, name: str, *_: object) -> OpenedEngine:
    return OpenedEngine(BrightnessEngine(), "for a test")


if __name__ == "__main__":
    screenshots.create_engine = create_engine  # type: ignore[attr-defined, assignment]
    screenshots.SETTLE_S = 0.2
    screenshots.WARM_UP_S = 0.5
    sys.exit(screenshots.main())

"""Small clips and folders that the tests of the app play."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import settings

from app.process import native_libraries
from tests.app.clips import write_clip

# As the application itself does it: before OpenCV reads its variables.
native_libraries.prepare()

# A test machine is busy; how long one example took says nothing about the code.
settings.register_profile("busy", deadline=None)
settings.load_profile("busy")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of MP4; not to be changed."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4", "mp4v")


@pytest.fixture(scope="session")
def avi_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of AVI, which can be played even if it is cut off; not to be changed."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.avi", "MJPG")


@pytest.fixture
def image_folder(tmp_path: Path) -> Path:
    """Twelve images, their brightness growing with their number; the names need a natural order."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(1, 13):
        cv2.imwrite(str(folder / f"{number}.png"), np.full((48, 64, 3), number * 10, np.uint8))
    return folder

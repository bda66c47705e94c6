"""Where the clips of Kinetics lie: a folder a label, files named after video and seconds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from training.data.annotations import Entry

YOUTUBE_ID_LENGTH = 11


class KineticsFolders:
    """Finds clips in the folders of their labels, which are listed once.

    A folder may be named with underscores for spaces, and a file after the video alone.

    Args:
        root: Holds the folders.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._listed: dict[str, dict[str, Path]] = {}

    def locate(self, entries: Iterable[Entry], labels: Sequence[str]) -> list[tuple[Entry, Path]]:
        """Return the clips of the given labels, and where they are or ought to be.

        Mini-Kinetics is half of the labels of Kinetics and may come with its CSV: clips of other
        labels are left out.
        """
        known = set(labels)
        return [
            (entry, self._path(entry))
            for entry in entries
            if _is_path(entry) or entry.label in known
        ]

    def _path(self, entry: Entry) -> Path:
        if entry.label is None or _is_path(entry):
            return self._root / entry.name
        files = self._files(entry.label)
        expected = self._root / entry.label / entry.name
        return files.get(entry.name) or files.get(entry.name[:YOUTUBE_ID_LENGTH]) or expected

    def _files(self, label: str) -> dict[str, Path]:
        """Return what lies in a label's folder, by its name without suffix."""
        if label not in self._listed:
            folders = (self._root / label, self._root / label.replace(" ", "_"))
            folder = next((folder for folder in folders if folder.is_dir()), None)
            paths = folder.iterdir() if folder else ()
            self._listed[label] = {path.stem: path for path in paths}
        return self._listed[label]


def _is_path(entry: Entry) -> bool:
    """Say whether the entry comes from a list file, which gives paths and numbers of frames."""
    return entry.frames is not None

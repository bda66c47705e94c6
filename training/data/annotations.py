"""The annotations of a data set: which clips it has, and their labels.

Official files: `id;label` (Jester, Something-Something V1), JSON with `id` and `template`
(Something-Something V2), CSV with `label,youtube_id,time_start,time_end` (Kinetics). For all of
them also the lists that TSM and AdaFuse use: `path frames label`, or with semicolons.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from training.data.errors import DataError
from training.data.layouts import Layout
from training.data.text_files import decode_json, read_text

LIST_LINE = re.compile(r"(?P<path>.+?)(?P<mark>[ ;])(?P<frames>\d+)(?P=mark)(?P<label>\d+)")
"""A path may contain spaces: Kinetics names folders after labels."""

KINETICS_COLUMNS = ("label", "youtube_id", "time_start", "time_end")


@dataclass(frozen=True)
class Entry:
    """One clip in the annotations.

    Attributes:
        name: Its path below the data's root folder, or its identifier.
        place: Where it was read, for messages, such as "Line 3 of list.txt".
        label: Name of its label; None where only its number is known.
        number: Index of its label in the label file of a list.
        frames: How many frames it has, if the annotations say so.
    """

    name: str
    place: str
    label: str | None = None
    number: int | None = None
    frames: int | None = None


class _Something(msgspec.Struct):
    """One element of the JSON of Something-Something V2; other fields are ignored."""

    id: str | int
    template: str | None = None


def read_annotations(layout: Layout, path: Path) -> list[Entry]:
    """Read annotations in any known format.

    Raises:
        DataError: The file cannot be read, or a line is in no known format.
    """
    text = read_text(path, "annotations")
    if layout is Layout.SOMETHING_V2 and text.lstrip().startswith("["):
        entries = _from_json(text, path)
    else:
        lines = [
            (f"Line {number} of {path}", line.strip())
            for number, line in enumerate(text.splitlines(), start=1)
            if line.strip()
        ]
        listed = sum(LIST_LINE.fullmatch(line) is not None for _, line in lines)
        if 2 * listed > len(lines):  # so that one bad line is what is told
            entries = _from_lines(lines, _path_frames_label, "'path frames label'")
        elif layout is Layout.MINI_KINETICS:
            entries = _from_kinetics(text, path)
        else:
            entries = _from_lines(lines, _identifier_and_label, "'id;label'")
    if not entries:
        raise DataError(f"The annotations {path} have no clips.")
    return entries


def _from_lines(
    lines: Iterable[tuple[str, str]], read: Callable[[str, str], Entry | None], form: str
) -> list[Entry]:
    entries = []
    for place, line in lines:
        entry = read(place, line)
        if entry is None:
            raise DataError(f"{place} is not {form}.")
        entries.append(entry)
    return entries


def _path_frames_label(place: str, line: str) -> Entry | None:
    match = LIST_LINE.fullmatch(line)
    if match is None:
        return None
    return Entry(match["path"], place, number=int(match["label"]), frames=int(match["frames"]))


def _identifier_and_label(place: str, line: str) -> Entry | None:
    columns = line.split(";")
    if len(columns) != 2 or not all(columns):
        return None
    return Entry(columns[0], place, label=columns[1].strip().strip('"'))


def _from_json(text: str, path: Path) -> list[Entry]:
    entries = []
    for number, element in enumerate(
        decode_json(text, list[_Something], path, "annotations"), start=1
    ):
        place = f"Element {number} of {path}"
        if element.template is None:
            raise DataError(f"{place} has no template, which is its label.")
        # "Putting [something] on a surface": the label file has no brackets.
        label = element.template.replace("[", "").replace("]", "")
        entries.append(Entry(str(element.id), place, label=label))
    return entries


def _from_kinetics(text: str, path: Path) -> list[Entry]:
    rows = csv.DictReader(text.splitlines())
    try:
        return _kinetics_entries(rows, path)
    except csv.Error as error:  # such as an unterminated field
        raise DataError(f"The annotations {path} are not valid CSV: {error}.") from error


def _kinetics_entries(rows: csv.DictReader[str], path: Path) -> list[Entry]:
    if not set(KINETICS_COLUMNS) <= set(rows.fieldnames or ()):
        raise DataError(
            f"The annotations {path} are neither a Kinetics CSV ({','.join(KINETICS_COLUMNS)}) nor "
            "a list of 'path frames label'."
        )
    entries = []
    for row in rows:
        place = f"Line {rows.line_num} of {path}"
        try:
            name = f"{row['youtube_id']}_{int(row['time_start']):06d}_{int(row['time_end']):06d}"
        except (TypeError, ValueError) as error:
            raise DataError(f"{place} is not '{','.join(KINETICS_COLUMNS)}'.") from error
        entries.append(Entry(name, place, label=row["label"]))
    return entries


YOUTUBE_ID_LENGTH = 11
"""Characters in the identifier of a video."""


class KineticsFolders:
    """Finds clips in the folders of their labels, which are listed once.

    Folders may have underscores for spaces, and files may be named after the video alone.
    """

    def __init__(self, root: Path) -> None:
        """Start without listing any folder.

        Args:
            root: The folder that holds them.
        """
        self._root = root
        self._listed: dict[str, dict[str, Path]] = {}

    def locate(self, entries: Iterable[Entry], labels: Sequence[str]) -> list[tuple[Entry, Path]]:
        """Return the clips of the given labels, and their paths, found or expected.

        Mini-Kinetics has half of the labels of Kinetics and may come with its CSV: clips of other
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
        """Return the files in a label's folder, by their names without suffix."""
        if label not in self._listed:
            folders = (self._root / label, self._root / label.replace(" ", "_"))
            folder = next((folder for folder in folders if folder.is_dir()), None)
            paths = folder.iterdir() if folder else ()
            self._listed[label] = {path.stem: path for path in paths}
        return self._listed[label]


def _is_path(entry: Entry) -> bool:
    """Return whether the entry is from a list file, which has paths and numbers of frames."""
    return entry.frames is not None

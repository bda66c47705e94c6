"""The clips of a data set, listed from its layout, its folder and its annotations."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from training.data.annotations import Entry, KineticsFolders, read_annotations
from training.data.clip import Clip
from training.data.errors import DataError
from training.data.frames import FrameFolder, FramePattern
from training.data.label_files import find_label_file, read_labels
from training.data.layouts import Layout
from training.data.videos import VideoFile

PROBED_CLIPS = 20
"""Clips, spread over the data set, of which at least one must exist: this detects a wrong root
folder without checking hundreds of thousands of clips."""


def open_dataset(
    layout: Layout,
    root: Path,
    annotations: Path,
    labels: Sequence[str],
    *,
    label_file: Path | None = None,
    frame_pattern: str = FramePattern().text,
) -> Sequence[Clip]:
    """List the clips of a data set, without reading them.

    Args:
        layout: Which data set it is.
        root: Folder of its clips.
        annotations: Official annotations, or a list file of TSM or AdaFuse.
        labels: All labels, in the order of the network's outputs.
        label_file: Label names for the numbers in a list file; found beside the list by default.
        frame_pattern: How frames are named, for clips that are folders of frames.

    Raises:
        DataError: A file or folder is missing, a line is malformed, a clip is listed twice, or a
            label is unknown.
    """
    entries = read_annotations(layout, annotations)
    if not root.is_dir():
        raise DataError(f"There is no folder {root}; check the data's root folder.")
    if any(entry.number is not None for entry in entries):
        names = read_labels(layout, label_file or find_label_file(layout, annotations))
        entries = [_named(entry, names) for entry in entries]
    if layout is Layout.MINI_KINETICS:
        located = KineticsFolders(root).locate(entries, labels)
    else:
        located = [(entry, root / entry.name) for entry in entries]
    if not located:
        raise DataError(f"The annotations {annotations} have no clips of the model's labels.")
    located = [(entry, Path(os.path.normpath(path))) for entry, path in located]
    _check_distinct(located)
    index = {label: number for number, label in enumerate(labels)}
    suffix = _video_suffix(layout, root, [path for _, path in located])
    pattern = FramePattern(frame_pattern)
    clips: list[Clip] = []
    for entry, path in located:
        if entry.label not in index:
            raise DataError(f"{entry.place} has the unknown label '{entry.label}'.")
        number = index[entry.label]
        if suffix is None:
            clips.append(FrameFolder(path, number, entry.frames, pattern))
        else:
            clips.append(VideoFile(_with_suffix(path, suffix, layout), number))
    return clips


def _check_distinct(located: Sequence[tuple[Entry, Path]]) -> None:
    """Reject a clip that would count twice, possibly under two labels."""
    seen: set[Path] = set()
    for entry, path in located:
        if path in seen:
            raise DataError(f"{entry.place} lists the clip '{entry.name}' a second time.")
        seen.add(path)


def _named(entry: Entry, names: Sequence[str]) -> Entry:
    number = entry.number
    if number is None or number >= len(names):
        hint = "; do the list's numbers begin at 1?" if number == len(names) else "."
        raise DataError(
            f"{entry.place} has the label number {number}, but the label file has only "
            f"{len(names)} labels, numbered from 0{hint}"
        )
    return Entry(entry.name, entry.place, label=names[number], frames=entry.frames)


def _with_suffix(path: Path, suffix: str, layout: Layout) -> Path:
    return path if path.suffix in layout.video_suffixes else path.with_name(path.name + suffix)


def _video_suffix(layout: Layout, root: Path, paths: Sequence[Path]) -> str | None:
    """Return the suffix of the clips if they are videos, or None for folders of frames.

    Raises:
        DataError: None of the clips that were checked exists.
    """
    for path in paths[:: max(1, len(paths) // PROBED_CLIPS)]:
        if path.is_dir():
            return None
        for suffix in layout.video_suffixes:
            if _with_suffix(path, suffix, layout).is_file():
                return suffix
    kind = "or ".join(f"{suffix} " for suffix in layout.video_suffixes)
    raise DataError(
        f"None of the clips in the annotations that were checked is in {root}, such as {paths[0]}"
        f"{f' ({kind}file, or folder of frames)' if kind else ''}; check the data's root folder."
    )

"""A picture of every gesture that collages show, for people to judge."""

from pathlib import Path

from training.performer.collage.act import COLLAGE_LABELS
from training.performer.collage.clip import render_collage
from training.performer.collage.texture_library import open_library
from training.performer.contact_sheet import write_sheet

_HEIGHT_PX, _WIDTH_PX = 96, 128


def collage_sheet(path: Path, seed: int, textures: Path | None = None, rows: int = 1) -> None:
    """Write a sheet of eight-frame clips.

    Args:
        path: Picture file; the suffix decides the format.
        seed: Chooses the clips; not negative.
        textures: Texture folder, or None for rendered hands in painted rooms.
        rows: Clips for each label.

    Raises:
        DataError: The texture folder cannot be used.
        OSError: The picture cannot be written.
    """
    library = open_library(textures)
    clips = (
        render_collage(label, (seed, row), library, height=_HEIGHT_PX, width=_WIDTH_PX)
        for label in COLLAGE_LABELS
        for row in range(rows)
    )
    write_sheet(path, ((clip.label, list(clip.frames)) for clip in clips))

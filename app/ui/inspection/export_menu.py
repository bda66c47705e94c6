"""Exports what is on show to files that the user chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QFileDialog, QMenu, QMessageBox, QPushButton

from app.inspection.export import ExportError, write_block_table, write_channel_map
from app.inspection.figures import block_figures
from app.inspection.history import BlockHistory, PolicyHistory
from app.ui.inspection.map_content import MapContent
from app.ui.inspection.map_picture import write_map_picture


@dataclass(frozen=True)
class ExportSubject:
    """What can be exported.

    Attributes:
        model: Name of the model.
        history: All blocks.
        block: The selected block.
        order: Its channels from top to bottom.
        dense_ms: For every block the milliseconds of its convolutions with every channel kept, if
            measured.
    """

    model: str
    history: PolicyHistory
    block: BlockHistory
    order: NDArray[np.intp]
    dense_ms: Sequence[float | None]

    def write_picture(self, path: Path) -> None:
        """Write the channel map as a picture."""
        content = MapContent(self.block.name, self.block.states, self.history.times_s, self.order)
        title = f"{self.model}, {self.block.name}: {self.block.channels} channels"
        write_map_picture(path, content, title)

    def write_map(self, path: Path) -> None:
        """Write the channel map as a table."""
        write_channel_map(path, self.history, self.block, self.order)

    def write_blocks(self, path: Path) -> None:
        """Write the figures of all blocks as a table."""
        pairs = zip(self.history.blocks, self.dense_ms, strict=True)
        figures = [block_figures(self.history, block, dense_ms) for block, dense_ms in pairs]
        write_block_table(path, figures)


class ExportButton(QPushButton):
    """A menu of exports, which asks for the file and reports what went wrong."""

    def __init__(self, subject: Callable[[], ExportSubject | None]) -> None:
        """Create the button.

        Args:
            subject: Returns what is on show; called when an entry is chosen.
        """
        super().__init__("&Export")
        self._subject = subject
        self.setAccessibleName("Export what is on show")
        menu = QMenu(self)
        entries = (
            ("Channel map as a &picture (PNG)…", "channels", ".png", ExportSubject.write_picture),
            ("Channel map as a &table (CSV)…", "channels", ".csv", ExportSubject.write_map),
            ("All &blocks as a table (CSV)…", "blocks", ".csv", ExportSubject.write_blocks),
        )
        for text, what, suffix, write in entries:
            action = menu.addAction(text)
            assert action is not None  # PyQt's types allow None; Qt makes one
            action.triggered.connect(
                lambda _=False, what=what, suffix=suffix, write=write: self._export(
                    what, suffix, write
                )
            )
        self.setMenu(menu)

    def _export(self, what: str, suffix: str, write: Callable[[ExportSubject, Path], None]) -> None:
        subject = self._subject()
        if subject is None:
            return
        proposed = Path.home() / f"{subject.model}-{subject.block.name}-{what}{suffix}"
        name, _ = QFileDialog.getSaveFileName(
            self, "Export", str(proposed), f"{suffix[1:].upper()} (*{suffix})"
        )
        if not name:
            return
        path = Path(name)
        try:
            if path.suffix.lower() != suffix:
                path = path.with_name(path.name + suffix)
                if path.exists():  # the dialog asked about another name
                    raise ExportError(
                        f"{path} already exists; choose it in the dialog to replace it."
                    )
            write(subject, path)
        except ExportError as error:
            box = QMessageBox(QMessageBox.Icon.Warning, "Export", str(error), parent=self)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()

"""The models and the engines that run them, to switch while everything runs."""

from __future__ import annotations

from pathlib import Path

from PyQt6.QtGui import QActionGroup
from PyQt6.QtWidgets import QFileDialog, QMenu, QWidget

from app.ui.menus import add_action, add_choice
from app.ui.switching.switchboard import Switchboard
from models import DEFAULT_MODEL
from models.engines import ENGINE_KINDS

_ENGINES = {
    "auto": "Fastest on this machine",
    "sparse": "sparse: computes only what the policy asks for",
    "onnx": "onnx: dense, on the CPU or on CUDA",
    "torch": "torch: the reference, needs PyTorch",
}


class ModelMenu(QMenu):
    """The bundled model, those that were chosen lately, and the engines."""

    def __init__(self, switchboard: Switchboard, parent: QWidget | None = None) -> None:
        """Create the menu.

        Args:
            switchboard: Loads what is chosen.
            parent: Owner in Qt's tree.
        """
        super().__init__("&Model", parent)
        self._switchboard = switchboard
        self._groups: list[QActionGroup] = []
        switchboard.status_changed.connect(self.rebuild)
        self.aboutToShow.connect(self.rebuild)
        self.rebuild()

    def rebuild(self) -> None:
        """Mark what runs now."""
        if self._groups and self.isVisible():
            return  # entries must not move under the mouse
        self.clear()
        for group in self._groups:
            group.deleteLater()
        self._groups = [QActionGroup(self), QActionGroup(self)]
        models, engines = self._groups
        chosen = self._switchboard.status.chosen
        names = dict.fromkeys((DEFAULT_MODEL, chosen.model, *self._switchboard.recent_models))
        for model in names:
            title = "&Bundled model" if model == DEFAULT_MODEL else _title(model)
            action = add_choice(
                self,
                models,
                title,
                lambda model=model: self._switchboard.use_model(model),  # type: ignore[misc]
                chosen=model == chosen.model,
            )
            action.setToolTip(model)
        add_action(self, "&Open model…", "Ctrl+Shift+M", self.open_model)
        self.addSeparator()
        self.addSection("Engine")
        for kind in ENGINE_KINDS:
            add_choice(
                self,
                engines,
                _ENGINES[kind],
                lambda kind=kind: self._switchboard.use_engine(kind),  # type: ignore[misc]
                chosen=kind == chosen.engine,
            )

    def open_model(self) -> QFileDialog:
        """Ask for the folder of a bundle; the live view goes on meanwhile."""
        dialog = QFileDialog(self.parentWidget(), "Open a model: choose the folder of its bundle")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(self._switchboard.use_model)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog


def _title(model: str) -> str:
    """Return a bundle's folder for people; the folder above tells bundles of one name apart."""
    path = Path(model)
    return str(Path(path.parent.name) / path.name).replace("&", "&&")

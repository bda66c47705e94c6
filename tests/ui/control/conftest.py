"""A window with a control whose keyboard remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from pytestqt.qtbot import QtBot

from app.control.controller import Controller
from app.control.senders.base import KeySender
from app.control.settings import ControlSettings
from app.ui.control.control_page import ControlPage
from app.ui.control.polled_control import PolledControl
from app.ui.window import MainWindow
from models.decision import DecisionSettings
from tests.app.control.fakes import RememberingSender
from tests.ui.scripted import a_spec


@dataclass
class Stage:
    """Everything that a test of the control looks at."""

    window: MainWindow
    control: PolledControl
    controller: Controller
    sender: RememberingSender

    @property
    def page(self) -> ControlPage:
        assert self.window.control_page is not None
        return self.window.control_page


StageMaker = Callable[..., Stage]


@pytest.fixture
def make_stage(qtbot: QtBot) -> StageMaker:
    # A window that nobody holds may be collected while it is being painted.
    kept: list[MainWindow] = []

    def make(
        size: tuple[int, int] = (1280, 800), sender: KeySender | None = None, tab: int = 1
    ) -> Stage:
        memory = RememberingSender()
        controller = Controller(sender or memory, ControlSettings())
        control = PolledControl(controller, a_spec(), DecisionSettings())
        window = MainWindow(a_spec(), "onnx", "for a test", control)
        control.setParent(window)
        control.start()
        kept.append(window)
        qtbot.addWidget(window)
        window.resize(*size)
        window.tabs.setCurrentIndex(tab)
        window.show()
        qtbot.waitExposed(window)
        return Stage(window, control, controller, memory)

    return make


@pytest.fixture
def stage(make_stage: StageMaker) -> Stage:
    return make_stage()

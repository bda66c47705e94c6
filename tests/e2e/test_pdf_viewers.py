"""The profiles of PDF viewers, on those that are installed here."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from Xlib import X
from Xlib.display import Display

from app.control.actions import ControlAction
from app.control.keys import KeyStroke
from app.control.profiles import PROFILES
from app.control.senders.xtest import XTestSender
from tests.app.fakes import wait_until
from tests.x_server import x_server

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 is for Linux here"),
    pytest.mark.skipif(
        not all(map(shutil.which, ("Xvfb", "openbox"))), reason="needs Xvfb and openbox"
    ),
]

PAGES = 5
PATIENCE_S = 30.0
SLIGHTLY = 8
"""Difference of colors that does not matter."""


def color_of(page: int) -> tuple[int, int, int]:
    """Return the color of a page, RGB."""
    return 51 * page, 51 * (PAGES - page), 0


def write_talk(path: Path) -> None:
    """Write a PDF of pages of one color each."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 2 * index} 0 R" for index in range(PAGES))
    objects.append(f"<< /Type /Pages /Count {PAGES} /Kids [{kids}] >>")
    for page in range(1, PAGES + 1):
        red, green, blue = (value / 255 for value in color_of(page))
        drawing = f"{red:.3f} {green:.3f} {blue:.3f} rg 0 0 400 300 re f"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Resources << >> "
            f"/Contents {2 + 2 * page} 0 R >>"
        )
        objects.append(f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream")
    text, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(text))
        text += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    text += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    text += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n"
    path.write_text(f"{text}{text.index('xref')}\n%%EOF\n")


class Show:
    """A viewer on an X server of its own, and the keys of its profile."""

    def __init__(self, display: Display, profile: str) -> None:
        self._display = display
        self._sender = XTestSender(display.get_display_name())
        self._keys = PROFILES[profile].keys

    def ask(self, action: ControlAction) -> None:
        self._sender.send(self._keys[action])

    def press(self, key: str) -> None:
        self._sender.send(KeyStroke.parse(key))

    def share_of(self, color: tuple[int, int, int]) -> float:
        """Return the share of the screen that has a color."""
        root = self._display.screen().root
        size = root.get_geometry()
        image = root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF)
        pixels = np.frombuffer(image.data, np.uint8).reshape(-1, 4)[:, 2::-1].astype(int)
        return float((np.abs(pixels - color).max(axis=1) < SLIGHTLY).mean())

    def expect_page(self, page: int) -> None:
        wait_until(lambda: self.share_of(color_of(page)) > 0.1, PATIENCE_S)

    def expect_full_screen(self, full: bool) -> None:
        """Wait until there is no (or some) black, the color of the desktop, around the viewer."""
        wait_until(lambda: (self.share_of((0, 0, 0)) < 0.05) is full, PATIENCE_S)

    def told(self, name: str) -> list[int] | None:
        """Return the windows that the window manager tells of; None before it does."""
        root, atom = self._display.screen().root, self._display.intern_atom(name)
        found = root.get_full_property(atom, X.AnyPropertyType)
        return None if found is None else list(found.value)

    def take_the_keyboard(self) -> None:
        """Give the viewer the keyboard, as a click does."""
        windows = self.told("_NET_CLIENT_LIST")
        assert windows
        window = self._display.create_resource_object("window", windows[-1])
        window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()

    def close(self) -> None:
        self._sender.close()


@contextmanager
def show(command: list[str], profile: str, folder: Path) -> Iterator[Show]:
    """Run a viewer on the talk."""
    talk = folder / "talk.pdf"
    write_talk(talk)
    folder.chmod(0o700)
    with x_server("1024x768x24") as name:
        environment = {
            **{"DISPLAY": name, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
            **{"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        }
        with ExitStack() as stack:
            display = Display(name)
            stack.callback(display.close)
            made = Show(display, profile)
            stack.callback(made.close)
            stack.enter_context(running(["openbox"], environment))
            # A window that is there before its manager does not get the keyboard.
            wait_until(lambda: made.told("_NET_CLIENT_LIST") is not None, PATIENCE_S)
            stack.enter_context(running([*command, str(talk)], environment))
            made.expect_page(1)
            made.take_the_keyboard()
            yield made


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[None]:
    """Run a program that says nothing."""
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=silent, stderr=silent) as process:
        try:
            yield
        finally:
            process.terminate()


def turn_pages(viewer: Show) -> None:
    for action, page in (
        (ControlAction.NEXT, 2),
        (ControlAction.NEXT, 3),
        (ControlAction.PREVIOUS, 2),
        (ControlAction.LAST, PAGES),
        (ControlAction.FIRST, 1),
        (ControlAction.NEXT, 2),
    ):
        viewer.ask(action)
        viewer.expect_page(page)


@pytest.mark.parametrize("name", ["okular", "qpdfview", "zathura", "mupdf", "xpdf"])
def test_a_viewer_starts_its_show_turns_pages_and_ends_it(name: str, tmp_path: Path) -> None:
    if not shutil.which(name):
        pytest.skip(f"needs {name}")
    with show([name], name, tmp_path) as viewer:
        viewer.expect_full_screen(False)
        viewer.ask(ControlAction.START)
        viewer.expect_full_screen(True)
        if name == "okular":  # a note about how to leave the show takes the keys
            viewer.press("Esc")
            wait_until(lambda: viewer.share_of(color_of(1)) > 0.95, PATIENCE_S)
        turn_pages(viewer)
        viewer.ask(ControlAction.END)
        viewer.expect_full_screen(False)
        # Some go back to where the show began.
        assert any(viewer.share_of(color_of(page)) > 0.1 for page in (1, 2))


@pytest.mark.parametrize(
    ("name", "options"), [("pdfpc", ["-w", "both"]), ("impressive", ["--fullscreen"])]
)
def test_a_viewer_that_starts_with_its_show_turns_pages_and_blackens(
    name: str, options: list[str], tmp_path: Path
) -> None:
    if not shutil.which(name):
        pytest.skip(f"needs {name}")
    with show([name, *options], name, tmp_path) as viewer:
        turn_pages(viewer)
        viewer.ask(ControlAction.BLACK)
        wait_until(lambda: viewer.share_of(color_of(2)) < 0.1, PATIENCE_S)

"""What the user has chosen, kept from run to run in a small JSON file."""

from __future__ import annotations

import logging
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import platformdirs

from app.control.settings import ControlSettings
from app.sources.camera_device import CameraDevice, Resolution
from models import DEFAULT_MODEL
from models.decision import DecisionSettings
from models.engines import ENGINE_KINDS
from models.files import write_file
from models.spec import ModelSpec

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the file; one that is newer is not touched."""

RECENT_MODELS = 5
"""How many models are remembered."""


class WindowGeometry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the window was, in device-independent pixels.

    Attributes:
        x: Left edge.
        y: Top edge.
        width: Width without the frame.
        height: Height without the frame.
        maximised: Whether it filled the screen.
    """

    x: int
    y: int
    width: int
    height: int
    maximised: bool = False


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is remembered. To change one, make a copy with `msgspec.structs.replace`.

    Attributes:
        format: Version of the file.
        mirrored: Show the picture as a mirror does; recognition does not depend on it.
        decision: When a probability becomes a gesture; None for what the model brings along.
        window: Where the window was; None before it was ever closed.
        control: How gestures become keys.
        camera: The camera that was chosen in the window; None takes the first.
        resolution: Size of pictures that cameras are asked for; None leaves it to them.
        model: Folder of the bundle that was chosen in the window, or `DEFAULT_MODEL`.
        recent_models: Other bundles that were chosen, newest first.
        engine: What runs the model, one of `ENGINE_KINDS`.
        overlay: Where the stage overlay was; None before it was ever used.
    """

    format: int = FORMAT
    mirrored: bool = True
    decision: DecisionSettings | None = None
    window: WindowGeometry | None = None
    control: ControlSettings = ControlSettings()
    camera: CameraDevice | None = None
    resolution: Resolution | None = None
    model: str = DEFAULT_MODEL
    recent_models: tuple[str, ...] = ()
    engine: str = "auto"
    overlay: WindowGeometry | None = None

    def __post_init__(self) -> None:
        """Reject an engine that there is not."""
        if self.engine not in ENGINE_KINDS:
            raise ValueError(f"engine must be one of {', '.join(ENGINE_KINDS)}, not {self.engine}")


def settings_path() -> Path:
    """Return the file in the user's configuration folder."""
    return platformdirs.user_config_path("adafuse-live", appauthor=False) / "settings.json"


class SettingsStore:
    """The settings of this program: read once, changed and saved at once.

    Changed by one thread; any thread may read.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            path: The file; None is the one in the user's configuration folder.
        """
        self._path = settings_path() if path is None else path
        self._current: Settings | None = None

    @property
    def current(self) -> Settings:
        """The settings that hold."""
        if self._current is None:
            self._current = load_settings(self._path)
        return self._current

    def decision_for(self, spec: ModelSpec) -> DecisionSettings:
        """Return when a probability of a model becomes a gesture: as chosen, or its own."""
        return self.current.decision or spec.decision

    def change(self, **fields: object) -> None:
        """Set fields of the settings and save them."""
        self.update(lambda settings: msgspec.structs.replace(settings, **fields))

    def update(self, change: Callable[[Settings], Settings]) -> None:
        """Change the settings and save them.

        The file is read again first, so that what another window has saved is not undone.

        Args:
            change: Returns the settings as they shall be.
        """
        self._current = change(load_settings(self._path))
        save_settings(self._path, self._current)


def recent_models(chosen: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models chosen lately, `chosen` first; the bundled one is never among them."""
    names = dict.fromkeys((chosen, *before))
    return tuple(name for name in names if name != DEFAULT_MODEL)[:RECENT_MODELS]


def load_settings(path: Path) -> Settings:
    """Read the settings; whatever is wrong with the file, the application starts.

    A file that cannot be understood is kept aside as `settings.json.bak`, `.bak2` and so on, one
    sentence is logged, and the defaults hold.

    Args:
        path: The file; it need not exist.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        _warn(f"The settings {path} cannot be read ({error.strerror}); defaults are used.")
        return Settings()
    try:
        return _parse(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        _put_aside(path, " ".join(str(error).split()))
        return Settings()


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings; the file is the old one or the new one at any moment, never half of it.

    A file that cannot be written is logged and changes nothing else: settings are a convenience.

    Args:
        path: The file; its folder is made if need be.
        settings: What to write.
    """
    fields = msgspec.to_builtins(settings)
    if settings.camera is not None:  # the index depends on the ports, the size holds for all
        del fields["camera"]["index"], fields["camera"]["resolution"]
    content = msgspec.json.format(msgspec.json.encode(fields), indent=2) + b"\n"
    if _write_protected(path):
        _warn(f"The settings {path} are write-protected; what you change is not kept.")
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
    except OSError as error:
        _warn(f"The settings {path} cannot be saved ({error.strerror}); check its folder.")


def _write_protected(path: Path) -> bool:
    """Return whether somebody has made the file read-only, which replacing it would ignore."""
    try:
        return not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    except OSError:
        return False


def _parse(content: bytes) -> Settings:
    """Return the settings in a file's content.

    Raises:
        msgspec.MsgspecError: It is not JSON, or a value is out of its range.
        ValueError: A newer version wrote it.
    """
    found = msgspec.json.decode(content)
    version = found.get("format", FORMAT) if isinstance(found, dict) else FORMAT
    if isinstance(version, int) and version > FORMAT:
        raise ValueError("a newer version wrote it")
    settings = msgspec.convert(found, Settings)
    if settings.decision == DecisionSettings():
        # Written by a version that always wrote the defaults: nobody chose them.
        return msgspec.structs.replace(settings, decision=None)
    return settings


def _put_aside(path: Path, reason: str) -> None:
    """Keep a file that cannot be understood, out of the way of the next save."""
    names = [f"{path.name}.bak", *(f"{path.name}.bak{n}" for n in range(2, 10))]
    backups = [path.with_name(name) for name in names]
    backup = next((each for each in backups if not each.exists()), backups[-1])
    try:
        path.replace(backup)
    except OSError as error:
        _warn(
            f"The settings {path} cannot be used ({reason}), nor moved away ({error.strerror}); "
            "defaults hold, and what you change is not kept."
        )
        return
    log.warning(
        "The settings %s cannot be used (%s); they are kept as %s and defaults hold.",
        path,
        reason,
        backup.name,
    )


@cache
def _warn(sentence: str) -> None:
    """Say it once: the settings are read and saved more than once in a run."""
    log.warning("%s", sentence)

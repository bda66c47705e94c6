"""The user's settings, kept in a small JSON file."""

from __future__ import annotations

import logging
import stat
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import platformdirs

from app.control.settings import ControlSettings
from app.sources.camera_device import CameraDevice, Resolution
from app.usable_entries import usable_entries
from models import DEFAULT_MODEL
from models.decision import DecisionSettings
from models.engines import ENGINE_KINDS
from models.files import write_file
from models.spec import ModelSpec

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the file; a newer one is put aside."""

RECENT_MODELS = 5
"""Length of the list of recent models."""


class WindowGeometry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Position and size of a window, in device-independent pixels.

    Attributes:
        x: Left edge.
        y: Top edge.
        width: Width without the frame.
        height: Height without the frame.
        maximized: Whether it filled the screen.
    """

    x: int
    y: int
    width: int
    height: int
    maximized: bool = msgspec.field(default=False, name="maximised")  # as in the file


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that is remembered. `SettingsStore` changes it.

    Attributes:
        format: Version of the file.
        mirrored: Show the picture as a mirror does; recognition does not depend on it.
        decision: When a probability becomes a gesture; None for the model's own settings.
        window: Where the window was; None before it was first closed.
        control: How gestures become keys.
        camera: The camera that was chosen in the window; None for the first. Its index and
            resolution are not saved.
        resolution: Size of pictures that cameras are asked for; None leaves it to them.
        model: Folder of the bundle that was chosen in the window, or `DEFAULT_MODEL`.
        recent_models: Other bundles that were chosen, newest first.
        engine: The engine that runs the model, one of `ENGINE_KINDS`.
        personal: File of the person's set that was chosen in the window, made with `model`; None
            for the model's own gestures.
        overlay: Where the stage overlay was; None before it was first used.
        teaching_offered: Whether somebody has been told that gestures can be taught.
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
    personal: str | None = None
    overlay: WindowGeometry | None = None
    teaching_offered: bool = False

    def __post_init__(self) -> None:
        """Reject an engine that does not exist."""
        if self.engine not in ENGINE_KINDS:
            raise ValueError(f"engine must be one of {', '.join(ENGINE_KINDS)}, not {self.engine}")


_ADDED = {"personal": None, "teaching_offered": False}
"""Settings that versions before November 2026 reject, and the values at which they are left out, so
that going back to such a version is possible until they are used."""


def settings_path() -> Path:
    """Return the file in the user's configuration folder."""
    return platformdirs.user_config_path("adafuse-live", appauthor=False) / "settings.json"


class SettingsStore:
    """The settings of this program: read once, saved with every change.

    One thread changes them; any thread may read them.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Read nothing yet.

        Args:
            path: The file; None is the one in the user's configuration folder.
        """
        self._path = settings_path() if path is None else path
        self._current: Settings | None = None

    @property
    def people_folder(self) -> Path:
        """Where the sets of people's own gestures are: beside the settings."""
        return self._path.parent / "people"

    @property
    def current(self) -> Settings:
        """The settings now."""
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
            change: Returns the new settings.
        """
        settings, whole = _load(self._path)
        if not whole and not _write_protected(self._path):
            _keep_copy(self._path)
        self._current = change(settings)
        save_settings(self._path, self._current)


def recent_models(chosen: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the models chosen lately, `chosen` first; the bundled one is never among them."""
    names = dict.fromkeys((chosen, *before))
    return tuple(name for name in names if name != DEFAULT_MODEL)[:RECENT_MODELS]


def load_settings(path: Path) -> Settings:
    """Read the settings; the application starts whatever is wrong with the file.

    An entry that cannot be used is left out, and one sentence is logged; a copy of the file is kept
    before it is saved without the entry. A file of which nothing can be used is put aside. Copies
    are called `settings.json.bak`, `.bak2` and so on.

    Args:
        path: The file; it need not exist.
    """
    return _load(path)[0]


def _load(path: Path) -> tuple[Settings, bool]:
    """Return the settings, and whether they are all that the file says."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Settings(), True
    except OSError as error:
        _warn(f"The settings {path} cannot be read ({error.strerror}); defaults are used.")
        return Settings(), True
    try:
        settings, problems = _parse(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError) as error:
        _put_aside(path, " ".join(str(error).split()))
        return Settings(), True
    for name, problem in problems.items():
        _warn(f"In the settings {path} {name} is left out ({problem}); the others are used.")
    return settings, not problems


def save_settings(path: Path, settings: Settings) -> None:
    """Write the settings; at any moment the file is the old one or the new one, both complete.

    A failure is logged and changes nothing else: settings are a convenience.

    Args:
        path: The file; its folder is created if necessary.
        settings: The settings.
    """
    fields = msgspec.to_builtins(settings)
    if settings.camera is not None:  # the index depends on the ports, the size holds for all
        del fields["camera"]["index"], fields["camera"]["resolution"]
    for name, unused in _ADDED.items():
        if fields[name] == unused:
            del fields[name]
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
    """Return whether the file is read-only, which replacing it would ignore."""
    try:
        return not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)
    except OSError:
        return False


def _parse(content: bytes) -> tuple[Settings, dict[str, str]]:
    """Return the settings in the content of a file, and the problems of those that are left out.

    Raises:
        msgspec.MsgspecError: It is not JSON.
        ValueError: It is not text, holds no object, or a newer version wrote it.
    """
    found = msgspec.json.decode(_without_mark(content))
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")
    version = found.get("format", FORMAT)
    if isinstance(version, int) and version > FORMAT:
        raise ValueError("a newer version wrote it")
    usable, problems = usable_entries(found, lambda part: msgspec.convert(part, Settings))
    settings = msgspec.convert(usable, Settings)
    if settings.decision == DecisionSettings():
        # Written by a version that always wrote the defaults, which the user did not choose.
        settings = msgspec.structs.replace(settings, decision=None)
    return settings, problems


def _without_mark(content: bytes) -> bytes:
    """Return JSON in UTF-8 from what editors on Windows save, which begin with a mark."""
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content.decode("utf-16").encode()
    return content.removeprefix(BOM_UTF8)


def _put_aside(path: Path, reason: str) -> None:
    """Rename a file that cannot be used, so that the next save does not overwrite it."""
    backup = _backup_of(path)
    try:
        path.replace(backup)
    except OSError as error:
        _warn(
            f"The settings {path} cannot be used ({reason}), nor moved away ({error.strerror}); "
            "the defaults are used, and what you change is not saved."
        )
        return
    log.warning(
        "The settings %s cannot be used (%s); they are kept as %s and the defaults are used.",
        path,
        reason,
        backup.name,
    )


def _keep_copy(path: Path) -> None:
    """Copy a file that is about to be saved without some of its entries."""
    backup = _backup_of(path)
    try:
        write_file(backup, path.read_bytes())
    except OSError as error:
        _warn(f"No copy of the settings {path} can be kept ({error.strerror}).")
        return
    log.warning("The settings %s as they were are kept as %s.", path, backup.name)


def _backup_of(path: Path) -> Path:
    """Return where a file is kept; names that are in use are passed over as long as possible."""
    names = [f"{path.name}.bak", *(f"{path.name}.bak{n}" for n in range(2, 10))]
    backups = [path.with_name(name) for name in names]
    return next((each for each in backups if not each.exists()), backups[-1])


@cache
def _warn(sentence: str) -> None:
    """Warn once: the settings are saved more than once in a run."""
    log.warning("%s", sentence)

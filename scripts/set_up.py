"""Sets up `.venv` and what it needs from the system: `python3 -m scripts.set_up app` or `dev`.

`make demo` and `make test` call this first. It needs nothing but the standard library, says in one
sentence what it cannot do itself, and returns at once when nothing has changed since the last run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
CONSTRAINTS = ROOT / "requirements" / "constraints.txt"
OLDEST_PYTHON = (3, 11)

EXTRAS = {"app": "", "dev": "[train,test]"}
"""What may be set up, and its extras of `pyproject.toml`; `dev` includes `app`."""

VIRTUAL_DISPLAY = {"Xvfb": "xvfb", "xauth": "xauth", "xdotool": "xdotool"}
"""Programs that give the tests a display with keys to press, and their Debian packages."""


class SetUpError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def main() -> int:
    """Set up what the command line asks for and return the exit code."""
    if len(sys.argv) != 2 or sys.argv[1] not in EXTRAS:
        print(f"usage: python3 -m scripts.set_up {'|'.join(EXTRAS)}", file=sys.stderr)
        return 2
    try:
        set_up(sys.argv[1])
    except SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def set_up(kind: str) -> None:
    """Bring the system packages and the virtual environment up to date.

    Raises:
        SetUpError: Something is missing that only the user can provide.
    """
    if sys.version_info < OLDEST_PYTHON:
        raise SetUpError(
            "Python {}.{} or newer is needed, and {} is {}.{}; install a newer one and name it: "
            "make PYTHON=/path/to/python3 ...".format(
                *OLDEST_PYTHON, sys.executable, *sys.version_info[:2]
            )
        )
    if sys.platform.startswith("linux"):
        install_system_packages(missing_system_packages(kind))
    if not is_current(kind):
        create_venv()
        install_python_packages(kind)


def missing_system_packages(kind: str) -> list[str]:
    """Return the Debian packages whose content this machine lacks."""
    from app.process.display import missing_qt_libraries

    packages = missing_qt_libraries()
    if not any(has_fonts(Path(folder)) for folder in ("/usr/share/fonts", "~/.fonts")):
        packages.append("fonts-dejavu-core")
    if not VENV_PYTHON.exists() and importlib.util.find_spec("ensurepip") is None:
        packages.append("python{}.{}-venv".format(*sys.version_info))
    if kind == "dev":
        packages += [name for tool, name in VIRTUAL_DISPLAY.items() if not shutil.which(tool)]
    return packages


def has_fonts(folder: Path) -> bool:
    """Return whether a folder holds a font that Qt can draw with; it brings none of its own."""
    return any(path.suffix in {".ttf", ".otf"} for path in folder.expanduser().rglob("*"))


def install_system_packages(packages: list[str]) -> None:
    """Install Debian packages, as root on Debian or Ubuntu.

    Raises:
        SetUpError: This is not the place or not the user, or apt-get failed.
    """
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise SetUpError(
            "these Debian packages, or what your system calls them, have to be installed first: "
            + " ".join(packages)
        )
    if os.geteuid() != 0:
        raise SetUpError(
            "system packages are missing; run this, then make again: "
            f"sudo apt-get update && sudo apt-get install -y {' '.join(packages)}"
        )
    say(f"installing system packages: {' '.join(packages)}")
    # A list that could not be updated, perhaps a foreign one, matters only if a package is missing.
    updated = apt_get("update")
    installed = apt_get("install", "-y", "--no-install-recommends", *packages)
    if installed.returncode != 0:
        print(updated.stdout + installed.stdout, file=sys.stderr)
        raise SetUpError("apt-get failed for the reason above; mend that and run make again.")


def apt_get(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run apt-get without questions; both its streams are in the result's `stdout`."""
    return subprocess.run(
        ["apt-get", "-q", *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def create_venv() -> None:
    """Create the virtual environment unless there is a working one.

    Raises:
        SetUpError: Python could not create it.
    """
    if run(VENV / "bin" / "pip", "--version", quiet=True):
        return  # a folder that was moved or half made does not get this far
    say(f"creating {VENV}")
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        raise SetUpError(
            f"{sys.executable} could not create the virtual environment {VENV}; "
            "its message is above."
        )


def install_python_packages(kind: str) -> None:
    """Install the project in place with the tested versions of everything that it needs.

    Raises:
        SetUpError: pip failed.
    """
    say(f"installing Python packages for '{kind}'; the first time this takes some minutes")
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    project = f".{EXTRAS[kind]}"
    if not run(VENV_PYTHON, "-m", "pip", "install", *quiet, "-c", CONSTRAINTS, "-e", project):
        raise SetUpError(
            "pip could not install the Python packages; its messages are above. "
            "Where the network failed, run make again."
        )
    for finished in EXTRAS if kind == "dev" else [kind]:
        stamp(finished).write_text(fingerprint(), encoding="utf-8")


def is_current(kind: str) -> bool:
    """Return whether `kind` was installed from the files as they are now."""
    path = stamp(kind)
    return VENV_PYTHON.exists() and path.exists() and path.read_text("utf-8") == fingerprint()


def stamp(kind: str) -> Path:
    """Return the file that remembers what `kind` was installed from."""
    return VENV / f"set-up-{kind}"


def fingerprint() -> str:
    """Return a digest of everything that decides what is installed, and where."""
    content = (ROOT / "pyproject.toml").read_bytes() + CONSTRAINTS.read_bytes()
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def run(*command: str | Path, quiet: bool = False) -> bool:
    """Run a command in the project's folder and return whether it succeeded."""
    output = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    try:
        return subprocess.call(words, cwd=ROOT, stdout=output, stderr=output) == 0
    except OSError:
        return False


def say(message: str) -> None:
    """Tell the user what takes time."""
    print(f"set-up: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

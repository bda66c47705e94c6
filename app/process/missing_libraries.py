"""What is said when a package or a system library is missing."""

from __future__ import annotations

from collections.abc import Sequence

from app.errors import AppError
from app.process.display import missing_qt_libraries


def check_qt_libraries() -> None:
    """Name the packages that a window needs before Qt aborts for want of them.

    Raises:
        AppError: Some are missing.
    """
    packages = missing_qt_libraries()
    if packages:
        raise AppError(_install_sentence(packages))


def library_sentence(error: Exception) -> str | None:
    """Return the sentence for a package or library that is missing; None for other errors."""
    if isinstance(error, ModuleNotFoundError):
        return (
            f"The Python package {error.name} is not installed; run 'make demo', or install what "
            "is needed with 'python -m pip install -e .'."
        )
    if not isinstance(error, ImportError) or "cannot open shared object file" not in str(error):
        return None
    packages = missing_qt_libraries()
    if packages:
        return _install_sentence(packages)
    return f"A system library is missing ({error}); install the package that brings it."


def _install_sentence(packages: Sequence[str]) -> str:
    return (
        "The window needs system libraries that are missing; install them with "
        f"'sudo apt-get install -y {' '.join(packages)}', or run with --headless."
    )

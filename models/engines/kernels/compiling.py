"""How the kernels are compiled, and where the compiled code is kept.

Numba keeps code under the name of the source file of one function and would not notice a change in
another file. So the code lives in a folder named after the content of all of them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba import njit
from numba.core.caching import NullCache

from models.engines.cache import cache_folder

Function = TypeVar("Function", bound=Callable[..., Any])


def sources_digest() -> str:
    """Return a digest of all that the compiled code depends on, besides the processor."""
    content = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def pasted(function: Function) -> Function:
    """Paste a function's text into those that call it.

    Unlike `inlined`, it is not compiled on its own first, which would take as long again for a
    function with much below it.
    """
    return cast(Function, njit(nogil=True, error_model="numpy", inline="always")(function))


def kept_code() -> Path:
    """Return the folder of the compiled code."""
    return cache_folder() / f"kernels-{sources_digest()}"


def stop_keeping(function: Any) -> None:
    """Make an entry point compile anew, for this process alone."""
    function._cache = NullCache()


def is_kept(function: Any) -> bool:
    """Return whether an entry point's code is kept on disk."""
    return not isinstance(function._cache, NullCache)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def inlined(function: Function) -> Function:
    """Compile a function as a part of those that call it."""
    return cast(Function, njit(nogil=True, error_model="numpy")(function))


def entry_point(function: Function) -> Function:
    """Compile a function that Python calls; it runs without the interpreter lock.

    The code is kept on disk where that is possible.
    """
    folder = kept_code()
    keep = _writable(folder)
    configuration: Any = numba.config
    before = configuration.CACHE_DIR
    configuration.CACHE_DIR = str(folder)
    try:
        compiled: Any = njit(nogil=True, error_model="numpy", cache=keep)(function)
    finally:
        configuration.CACHE_DIR = before
    return cast(Function, compiled)

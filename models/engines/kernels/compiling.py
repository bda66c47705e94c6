"""How the kernels are compiled, and where the compiled code is cached.

Numba caches code under the name of the source file of one function and would not notice a change in
another file. So the code lies in a folder named after the content of all of them.
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
    """Return a digest of everything that the compiled code depends on, besides the processor."""
    content = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        content.update(path.read_bytes())
    return content.hexdigest()[:16]


def pasted(function: Function) -> Function:
    """Compile a function as text of those that call it.

    Unlike `inlined`, it is not compiled on its own first, which would double the time for a
    function that calls many others.
    """
    return cast(Function, njit(nogil=True, error_model="numpy", inline="always")(function))


def kernel_cache() -> Path:
    """Return the folder that caches the compiled code."""
    return cache_folder() / f"kernels-{sources_digest()}"


def disable_cache(function: Any) -> None:
    """Compile an entry point anew, for this process alone."""
    function._cache = NullCache()


def is_cached(function: Any) -> bool:
    """Return whether an entry point's code is cached on disk."""
    return not isinstance(function._cache, NullCache)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


def inlined(function: Function) -> Function:
    """Compile a function together with those that call it."""
    return cast(Function, njit(nogil=True, error_model="numpy")(function))


def entry_point(function: Function) -> Function:
    """Compile a function that Python calls; it runs without the interpreter lock.

    The code is cached on disk where that is possible.
    """
    folder = kernel_cache()
    cache = _writable(folder)
    configuration: Any = numba.config
    before = configuration.CACHE_DIR
    configuration.CACHE_DIR = str(folder)
    try:
        compiled: Any = njit(nogil=True, error_model="numpy", cache=cache)(function)
    finally:
        configuration.CACHE_DIR = before
    return cast(Function, compiled)

"""A run that a signal ends says so, and tells the shell by its exit code."""

from __future__ import annotations

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from models.errors import ModelError


class RunEnded(BaseException):
    """The command was ended from outside; no error, and nothing may take it for one.

    Args:
        signum: The signal that ended it.
        resumable: Whether the command can go on later.
    """

    def __init__(self, signum: int, *, resumable: bool) -> None:
        sentence = f"The run was ended by {signal.Signals(signum).name}"
        advice = "; the same command with --resume true goes on from its last checkpoint."
        super().__init__(sentence + (advice if resumable else "."))
        self.exit_code = 128 + signum


@contextmanager
def signals_end_the_run(*, resumable: bool) -> Iterator[None]:
    """Turn SIGTERM and Ctrl+C into `RunEnded`, which Lightning would turn into other exits.

    Lightning keeps a handler of SIGTERM that is there already beside its own, and would without it
    end the process as if all were well.

    Args:
        resumable: Whether the command can go on later.

    Raises:
        RunEnded: A signal came.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def end(signum: int, _: FrameType | None) -> None:
        # Another signal would break off what tidies up after this one.
        for number in earlier:
            signal.signal(number, signal.SIG_IGN)
        if signum == signal.SIGINT:
            raise KeyboardInterrupt
        raise RunEnded(signum, resumable=resumable)

    if main_thread:
        for number, handler in earlier.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, end)
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise RunEnded(signal.SIGINT, resumable=resumable) from interrupt
    except SystemExit as leaving:
        # Lightning takes Ctrl+C for itself, and leaves with another code.
        if isinstance(leaving.__context__, KeyboardInterrupt):
            raise RunEnded(signal.SIGINT, resumable=resumable) from leaving
        raise
    finally:
        if main_thread:
            for number, handler in earlier.items():
                signal.signal(number, handler)


CANNOT_WRITE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS),
    # A folder of runs below something that holds no folders, such as a file or /proc.
    *(errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
)


@contextmanager
def fit_errors_in_words() -> Iterator[None]:
    """Turn what Lightning and PyTorch raise where the surroundings fail into `ModelError`.

    What was given to read (data, weights, checkpoints) has been looked at by then, so that what
    the system refuses now is to write.

    Raises:
        ModelError: One of these came.
    """
    # The command line needs this module before it needs them, and they take seconds to load.
    import torch
    from lightning.fabric.utilities.exceptions import MisconfigurationException

    try:
        yield
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        place = f" {error.filename}" if error.filename else ""
        raise ModelError(
            f"The run cannot be written{place} ({error.strerror}); make room or give another "
            "trainer.default_root_dir, and start it again with --resume true."
        ) from error
    except torch.OutOfMemoryError as error:
        raise ModelError(
            "The device has too little memory; take a smaller data.batch_size, and as many more "
            "trainer.accumulate_grad_batches."
        ) from error
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        raise ModelError(
            "The checkpoint holds another network than this version of AdaFuse Live builds from "
            "its recipe; start afresh with --resume false."
        ) from error
    except MisconfigurationException as error:
        raise ModelError(" ".join(str(error).split())) from error

"""How a run ends early: by a signal, with the exit code for it, or by an error, in one sentence."""

from __future__ import annotations

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from models.errors import ModelError


class RunEnded(BaseException):
    """A signal ended the command; not an `Exception`, so that nothing handles it as an error."""

    def __init__(self, signum: int, *, resumable: bool) -> None:
        """Compose the message.

        Args:
            signum: The signal that ended it.
            resumable: Whether the command can resume later.
        """
        sentence = f"The run was ended by {signal.Signals(signum).name}"
        advice = "; the same command with --resume true resumes from its last checkpoint."
        super().__init__(sentence + (advice if resumable else "."))
        self.exit_code = 128 + signum


@contextmanager
def signals_end_the_run(*, resumable: bool) -> Iterator[None]:
    """Turn SIGTERM and Ctrl+C into `RunEnded`.

    Lightning keeps an existing handler of SIGTERM beside its own; without one, it would end the
    process with exit code 0.

    Args:
        resumable: Whether the command can resume later.

    Raises:
        RunEnded: A signal arrived.
    """
    main_thread = threading.current_thread() is threading.main_thread()
    earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def end(signum: int, _: FrameType | None) -> None:
        # Another signal would interrupt the cleanup after this one.
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
        # Lightning catches Ctrl+C and exits with another code.
        if isinstance(leaving.__context__, KeyboardInterrupt):
            raise RunEnded(signal.SIGINT, resumable=resumable) from leaving
        raise
    finally:
        if main_thread:
            for number, handler in earlier.items():
                signal.signal(number, handler)


CANNOT_WRITE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS),
    # A folder of runs below something that cannot hold folders, such as a file or /proc.
    *(errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
)
"""Errors of the system that mean that a run cannot be written."""


@contextmanager
def fit_errors_in_words() -> Iterator[None]:
    """Turn errors of the system, PyTorch and Lightning into `ModelError`.

    All inputs (data, weights, checkpoints) have been checked by then, so that an error of the
    system means that something cannot be written.

    Raises:
        ModelError: Such an error occurred.
    """
    # They take seconds to load, and `training.cli` imports this module for --help too.
    import torch
    from lightning.fabric.utilities.exceptions import MisconfigurationException

    try:
        yield
    except OSError as error:
        if error.errno not in CANNOT_WRITE:
            raise
        path = f" {error.filename}" if error.filename else ""
        raise ModelError(
            f"The run cannot be written{path} ({error.strerror}); make room or set another "
            "trainer.default_root_dir, and start it again with --resume true."
        ) from error
    except torch.OutOfMemoryError as error:
        raise ModelError(
            "The device has too little memory; use a smaller data.batch_size and correspondingly "
            "more trainer.accumulate_grad_batches."
        ) from error
    except RuntimeError as error:
        if "loading state_dict" not in str(error):
            raise
        raise ModelError(
            "The checkpoint holds another network than this version of AdaFuse Live builds from "
            "its recipe; start a new run with --resume false."
        ) from error
    except MisconfigurationException as error:
        raise ModelError(" ".join(str(error).split())) from error

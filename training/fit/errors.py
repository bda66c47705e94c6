"""What breaks a fit from outside, in one sentence: a full disk, or too little memory."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException

from models.errors import ModelError

CANNOT_WRITE = (
    *(errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS),
    # A folder of runs below something that holds no folders, such as a file or /proc.
    *(errno.ENOENT, errno.ENOTDIR, errno.EEXIST, errno.ENAMETOOLONG),
)


@contextmanager
def fitting_errors_in_words() -> Iterator[None]:
    """Turn what Lightning and PyTorch raise where the surroundings fail into `ModelError`.

    What was given to read (data, weights, checkpoints) has been looked at by then, so that what
    the system refuses now is to write.

    Raises:
        ModelError: One of these came.
    """
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

"""A directory that appears whole or not at all.

- Everything is written beside the target and renamed at the end; whatever fails before that leaves nothing behind.
- An operating system error becomes a text of our own: which step, and what to do now.
"""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from kernel_guard.errors import DatasetError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def whole_directory(target: Path, mode: int = 0o755, *, replace: bool = False) -> Iterator[Path]:
    """A scratch directory that becomes `target` when the block ends well; `replace`: in the place of an earlier one."""
    if replace and target.is_dir():
        shutil.rmtree(target)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise DatasetError("The output directory exists and is not empty.", hint="Name a new one, or remove it first.")
    scratch: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
        yield scratch
        scratch.chmod(mode)
        _flush([*(p for p in scratch.iterdir() if p.is_file()), scratch])
        os.replace(scratch, target)
        _flush([target.parent])
    except OSError as error:
        # The exception's text may quote a cell (a codec error does), so only its number is looked at.
        raise _writing_failed(error) from None
    finally:
        if scratch is not None and scratch.exists():
            shutil.rmtree(scratch, ignore_errors=True)


def _flush(paths: Iterable[Path]) -> None:
    """Onto the disk, so that a rename never outlives what it names."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _writing_failed(error: OSError) -> DatasetError:
    if error.errno in _FULL:
        return DatasetError(
            "The disk is full: the data set was not written, nothing was left behind.",
            hint="Free some space (about twice the size of the source) and run it again.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DatasetError(
            "The output directory cannot be written: nothing was left behind.",
            hint="Check who owns it and run this as that user.",
        )
    return DatasetError(
        "The data set could not be written: nothing was left behind.",
        hint="Check the disk and the directory's permissions, then run it again.",
    )

"""Files that only their owner may read: signing keys and the store's database.

- A file is made with mode 0600 and is complete or absent: written beside, synced, then linked into place.
- Of two processes that make the same file at once, one wins and the other is told so.
- A file that group or others may open, a link, or anything but a regular file is refused.
"""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from kernel_guard.errors import ConfigError

OWNER_ONLY = 0o600


def create(path: Path, content: bytes) -> bool:
    """Put `content` at `path`; False when the file is already there, which is then left as it is."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        _write_synced(beside, content)
        try:
            os.link(beside, path)
        except FileExistsError:
            return False
        _sync_folder(path.parent)
        return True
    except OSError:
        raise ConfigError(
            f"The file {path.name!r} cannot be written.",
            hint="Its folder must exist, belong to the user who runs this, and have space left.",
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def read(path: Path, limit: int = 65_536) -> bytes:
    """The content of an owner-only file of at most `limit` bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise ConfigError(
            f"The file {path.name!r} cannot be opened.",
            hint="It must exist, belong to the user who runs this, and not be a link.",
        ) from None
    with os.fdopen(handle, "rb") as stream:
        _check_mode(path, os.fstat(stream.fileno()))
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise ConfigError(f"The file {path.name!r} is too large to be what it should be.")
    return content


def check(path: Path) -> None:
    """Refuse a file that others may open (used where a library opens the file itself)."""
    _check_mode(path, os.lstat(path))


def _write_synced(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNER_ONLY)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_mode(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path.name!r} is not a regular file.")
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise ConfigError(
            f"The file {path.name!r} can be opened by other users of this machine.",
            hint=f"Run: chmod 600 {path}",
        )

"""A user id of its own for every guest, where the launcher may give one away.

- Ids run from 64001 to 64999, above the users and below `nobody` of every distribution.
- An id is held by a lock on a file that only the super-user can create; the kernel frees it with the launcher.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from kernel_guard.errors import SandboxUnavailable

FIRST, LAST = 64001, 64999
_CAP_SETGID, _CAP_SETUID, _CAP_SYS_ADMIN = 6, 7, 21
_HOMES = (Path("/run/kernel-guard"), Path("/tmp/.kernel-guard-uids"))


def is_root() -> bool:
    return os.geteuid() == 0


def can_change_user() -> bool:
    return _holds(_CAP_SETUID) and _holds(_CAP_SETGID)


def can_mount() -> bool:
    return _holds(_CAP_SYS_ADMIN)


def reserve_uid() -> tuple[int, int]:
    """A free id and the lock that holds it; close the lock when the guest is gone."""
    folder = _lock_folder()
    for uid in range(FIRST, LAST + 1):
        lock_fd = os.open(folder / str(uid), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock_fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock_fd)
            continue
        return uid, lock_fd
    raise SandboxUnavailable("Every user id for guests is taken.", hint="Stop kernels that are no longer needed.")


def _holds(capability: int) -> bool:
    with open("/proc/self/status", encoding="ascii") as status:
        effective = next(line for line in status if line.startswith("CapEff:"))
    return bool(int(effective.split()[1], 16) >> capability & 1)


def _lock_folder() -> Path:
    for folder in _HOMES:
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            facts = folder.lstat()
        except OSError:
            continue
        if facts.st_uid == 0 and not facts.st_mode & 0o077 and not folder.is_symlink():
            return folder
    raise SandboxUnavailable(
        "No folder can hold the user ids of guests.", hint="Make /run/kernel-guard, owned by root, mode 0700."
    )

"""This process and its private folder.

- The folder is 0700 and named after the process, so that what a killed wrapper left behind is swept by the next one.
- The process cannot be traced, dumped or read through /proc by others of the same user.
"""

from __future__ import annotations

import ctypes
import os
import re
import resource
import shutil
import tempfile
from pathlib import Path

_PR_SET_DUMPABLE = 4
_PREFIX = "kg-kernel-"
_LEFT_BEHIND = re.compile(rf"{_PREFIX}(\d+)-\w+\Z")


def harden_process() -> None:
    """No core dump, no ptrace, no /proc/PID/mem: another process of this user holds neither key nor token."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def make_folder(root: Path) -> Path:
    """A fresh private folder; folders of wrappers that were killed go first."""
    sweep(root)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=root))


def remove_folder(folder: Path) -> None:
    """Best effort: the next start sweeps what is left."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove our own folders whose process is gone."""
    try:
        entries = list(os.scandir(root))
    except OSError:
        return
    for entry in entries:
        match = _LEFT_BEHIND.match(entry.name)
        if match and entry.is_dir(follow_symlinks=False) and _is_ours(entry) and not _is_alive(int(match.group(1))):
            shutil.rmtree(entry.path, ignore_errors=True)


def _is_ours(entry: os.DirEntry[str]) -> bool:
    return entry.stat(follow_symlinks=False).st_uid == os.geteuid()


def _is_alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}")

"""The private folder of one guest and the sockets in it.

- Sockets are bound here and handed down already listening: a guest that could create them in a shared folder could
  swap one for a link and make the wrapper connect to any socket of the host.
- The folder is mode 0700, outside every sandbox, and locked while its launcher lives. What a killed launcher left
  behind is found by its free lock and removed at the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import stat
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

CHANNELS = ("shell", "control", "stdin", "iopub", "hb")
_PREFIX = "kg-"
_LOCK = "lock"
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes, ZeroMQ adds none
_BACKLOG = 16


@dataclass
class Channels:
    """Folder, listening sockets and key of one guest, with everything that is locked on its behalf."""

    folder: Path
    key: bytes
    folders: list[Path] = field(default_factory=list)
    locks: list[int] = field(default_factory=list)
    sockets: dict[str, socket.socket] = field(default_factory=dict)

    def endpoints(self) -> dict[str, str]:
        return {name: f"ipc://{self.folder / name}" for name in self.sockets}

    def boot_memo(self) -> int:
        """A descriptor with the key and the numbers of the sockets; read once by the guest."""
        memo = {"key": self.key.decode(), "sockets": {name: item.fileno() for name, item in self.sockets.items()}}
        return memory_file(json.dumps(memo).encode())

    def own(self, folder: Path, lock: int) -> None:
        """Remove this folder, too, when the guest is gone."""
        self.folders.append(folder)
        self.locks.append(lock)

    def close_sockets(self) -> None:
        """From here on only the guest listens."""
        for item in self.sockets.values():
            item.close()

    def remove(self) -> None:
        self.close_sockets()
        for path in self.folders:
            shutil.rmtree(path, ignore_errors=True)
        while self.locks:
            os.close(self.locks.pop())


def open_channels(runtime_dir: Path, *, with_sockets: bool) -> Channels:
    """Make the folder, lock it and listen. The key is 256 fresh bits, written in hexadecimal."""
    folder, lock = locked_folder(_short_enough(runtime_dir))
    channels = Channels(folder, secrets.token_hex(32).encode())
    channels.own(folder, lock)
    for name in CHANNELS if with_sockets else ():
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        channels.sockets[name] = listener
        listener.bind(str(folder / name))
        listener.listen(_BACKLOG)
    return channels


def locked_folder(base: Path) -> tuple[Path, int]:
    """A new private folder and the lock that says that its launcher lives."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, lock
        os.close(lock)  # another launcher swept it between the two lines above


def sweep(runtime_dir: Path) -> list[Path]:
    """Remove the folders of launchers that no longer run; answers what was removed."""
    bases = {runtime_dir, Path(tempfile.gettempdir())}
    candidates = [folder for base in bases for folder in base.glob(_PREFIX + "*")]
    return [folder for folder in candidates if _is_ours(folder) and _removed_if_abandoned(folder)]


def memory_file(content: bytes) -> int:
    """An unnamed file that holds the content, at its start."""
    fd = os.memfd_create("kernel-guard", os.MFD_CLOEXEC)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _short_enough(runtime_dir: Path) -> Path:
    runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    longest = len(os.fsencode(runtime_dir)) + len("/" + _PREFIX + "12345678/probe.sock")
    return runtime_dir if longest <= _LONGEST_SOCKET_PATH else Path(tempfile.gettempdir())


def _is_ours(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        facts = folder.lstat()
        return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid()
    return False


def _removed_if_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False  # still being made, or not one of ours
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return False
    finally:
        os.close(lock)
    return True

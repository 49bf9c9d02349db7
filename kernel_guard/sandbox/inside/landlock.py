"""Landlock through ctypes: which files, TCP ports and other processes this process may still reach.

- Everything that no rule names is denied; a rule for a path that does not exist allows nothing.
- Explicit about what the running kernel is too old to enforce (`gaps`); the seccomp filter closes those.
- Rights are named after the kernel's documentation, `Documentation/userspace-api/landlock.rst`.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
from collections.abc import Iterable

from . import libc

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (
    1 << bit for bit in range(4, 13)
)
REFER, TRUNCATE, IOCTL_DEV, RESOLVE_UNIX = 1 << 13, 1 << 14, 1 << 15, 1 << 16

# What each ABI version added. A ruleset may only handle what the running kernel knows.
_FILES_BY_ABI = {1: (1 << 13) - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV, 9: RESOLVE_UNIX}
_TCP_BY_ABI = {4: 0b11}  # bind, connect
_SCOPES_BY_ABI = {6: 0b11}  # abstract unix sockets, signals
_RIGHTS_OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV | RESOLVE_UNIX

_READ = READ_FILE | READ_DIR | EXECUTE
_MAKE = MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM
RIGHTS = {
    "read": _READ,
    "write": _READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | _MAKE | REFER | TRUNCATE,
    "device": READ_FILE | WRITE_FILE,
    "terminal": READ_FILE | WRITE_FILE | IOCTL_DEV | READ_DIR,
}
_CREATE_VERSION = 1
_RULE_PATH_BENEATH = 1


def abi() -> int:
    """The version of the running kernel; 0 when absent, switched off or filtered by an outer sandbox."""
    try:
        return libc.syscall("landlock_create_ruleset", None, ctypes.c_size_t(0), ctypes.c_uint32(_CREATE_VERSION))
    except (OSError, KeyError):
        return 0


def gaps(version: int) -> list[str]:
    """What a kernel of this version does not enforce, in words for the doctor."""
    added = {1: "files", 2: "renames between folders", 3: "truncation", 4: "TCP", 5: "device ioctls"}
    added |= {6: "signals and abstract unix sockets", 9: "unix sockets in folders"}
    return [words for since, words in added.items() if version < since]


def restrict(rules: Iterable[tuple[str, str]], *, version: int, network: bool) -> None:
    """Confine this process for good. `rules` are (path, key of RIGHTS); no_new_privs must be set."""
    handled = _up_to(_FILES_BY_ABI, version)
    tcp = _up_to(_TCP_BY_ABI, version) if network else 0
    attributes = struct.pack("QQQ", handled, tcp, _up_to(_SCOPES_BY_ABI, version))
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = libc.syscall(
        "landlock_create_ruleset", ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )
    for path, kind in rules:
        _allow(ruleset, path, RIGHTS[kind] & handled)
    libc.syscall("landlock_restrict_self", ctypes.c_int(ruleset), ctypes.c_uint32(0))
    os.close(ruleset)


def _up_to(table: dict[int, int], version: int) -> int:
    return sum(bits for since, bits in table.items() if since <= version)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(target).st_mode):
            rights &= _RIGHTS_OF_A_FILE  # a directory's right on a file is EINVAL
        if rights:
            beneath = ctypes.c_char_p(struct.pack("=Qi", rights, target))
            libc.syscall(
                "landlock_add_rule",
                ctypes.c_int(ruleset),
                ctypes.c_int(_RULE_PATH_BENEATH),
                beneath,
                ctypes.c_uint32(0),
            )
    finally:
        os.close(target)

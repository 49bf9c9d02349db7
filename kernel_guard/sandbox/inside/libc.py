"""The few C library calls that Python does not offer.

- Every wrapper raises `OSError` with the errno; nobody has to look at a return value.
"""

from __future__ import annotations

import ctypes
import os

from .syscalls import NUMBERS

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_GET_NO_NEW_PRIVS = 39
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(option: int, value: int = 0) -> int:
    """Call prctl(2) with one argument."""
    rest = (ctypes.c_ulong(0),) * 3
    return _checked(_libc.prctl(ctypes.c_int(option), ctypes.c_ulong(value), *rest), "prctl")


def syscall(name: str, *arguments: object) -> int:
    """Call by name on this machine; an int argument is passed as a long."""
    number = NUMBERS[os.uname().machine][name]
    passed = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return _checked(_libc.syscall(ctypes.c_long(number), *passed), name)


def unshare(flags: int) -> int:
    """Leave the given namespaces; used to prove that it is refused."""
    return _checked(_libc.unshare(ctypes.c_int(flags)), "unshare")


def drop_bounding_set() -> None:
    """No capability can ever be gained again by this process or its children."""
    for capability in range(64):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:
            return  # EINVAL after the last one; EPERM when we hold none, and then there is nothing to drop


def drop_capabilities() -> None:
    """Empty the ambient, effective, permitted and inheritable sets."""
    prctl_rest = (ctypes.c_ulong(0),) * 3
    _libc.prctl(ctypes.c_int(PR_CAP_AMBIENT), ctypes.c_ulong(PR_CAP_AMBIENT_CLEAR_ALL), *prctl_rest)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, nothing), "capset")

"""What a hostile guest tries, run inside a sandbox; the targets are real and held open outside.

- An attack that ends in an exception was stopped. One that returns something true got what it must not have.
- Some return nothing and leave a mark outside, such as a signal or a changed file; `trusted.py` looks for it.
- The sources travel as text: a guest cannot see the tests' folder.
- The negative control runs the same list without isolation, so that an attack that cannot work is found out.
"""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from collections.abc import Callable
from typing import Any

from kernel_guard.sandbox.inside.syscalls import NUMBERS

ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {}
Target = dict[str, Any]
libc = ctypes.CDLL(None, use_errno=True)


def attack(function: Callable[[Target], object]) -> Callable[[Target], object]:
    ATTACKS[function.__name__] = function
    return function


def syscall(name: str, *arguments: Any) -> int:
    passed = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return checked(libc.syscall(ctypes.c_long(NUMBERS[os.uname().machine][name]), *passed))


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def secret_in(target: Target, content: bytes) -> bool:
    return target["secret"][::-1].encode() in content


def read(target: Target, path: str) -> bool:
    with open(path, "rb") as file:
        return secret_in(target, file.read(1 << 16))


def main() -> None:
    """Try everything; the findings go out on the vault's descriptor, as one line of JSON."""
    target = json.loads(sys.argv[1])
    found = {name: _outcome(function, target) for name, function in ATTACKS.items()}
    vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
    vault.sendall(json.dumps(found).encode() + b"\n")
    vault.recv(1)


def _outcome(function: Callable[[Target], object], target: Target) -> str:
    try:
        gained = function(target)
    except Exception as problem:
        return f"stopped: {type(problem).__name__} {problem}"
    return f"succeeded: {gained}" if gained else "gained nothing"

"""Where the public keys of this user's kernels stand, for whoever verifies what they signed.

- Each kernel makes its key when it starts and keeps it in its own memory: a private key is never on a disk, and ends
  with its kernel. Only the public half is written, and told to the vault (`vouching`).
- The file holds one hexadecimal key per line: what earlier kernels signed stays provable. The oldest go when there are
  too many; the vault remembers them.
- A file that is missing, or holds something else, vouches for nothing.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterable
from pathlib import Path

from kernel_guard.errors import ConfigError
from kernel_guard.trust.signing import keyid_of
from kernel_guard.wrapper.settings import public_file

MOST_KEYS = 8_192
_LINE = re.compile(r"[0-9a-f]{64}\Z")
_MAX_BYTES = 1 << 20


def publish(public: bytes, key_file: str | Path) -> None:
    """List a kernel's public key; kernels that start together wait for each other."""
    handle = os.open(public_file(key_file), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    with os.fdopen(handle, "r+", encoding="ascii", errors="replace") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = file.read(_MAX_BYTES).split()
        if len(known) >= MOST_KEYS:
            file.seek(0)
            file.truncate()
            file.write("".join(f"{line}\n" for line in known[-MOST_KEYS // 2 :]))
        file.write(public.hex() + "\n")


def prepare(key_file: str | Path) -> None:
    """Make the file before any kernel has started, so that a notebook can be checked against no key at all."""
    public_file(key_file).touch(0o644)


def read_public_keys(paths: Iterable[Path]) -> dict[str, bytes]:
    """Key id → raw public key, from files of public keys."""
    found: dict[str, bytes] = {}
    for path in paths:
        try:
            text = path.read_bytes()[:_MAX_BYTES].decode("ascii")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                f"The file {path.name!r} with public keys cannot be read.",
                hint="It is written when a guarded kernel first starts.",
            ) from None
        keys = [bytes.fromhex(line) for line in text.split() if _LINE.match(line)]
        found |= {keyid_of(key): key for key in keys}
    return found

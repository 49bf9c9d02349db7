"""The wrapper's key pair: the private half in its own file, the public half beside it for whoever verifies.

- The public file holds one hexadecimal key per line, and keeps the keys of earlier wrappers: what they signed stays
  provable after a key was replaced.
- A public file that is missing, or holds something else, vouches for nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from kernel_guard.errors import ConfigError
from kernel_guard.trust.signing import SigningKey, keyid_of

_LINE = re.compile(r"[0-9a-f]{64}\Z")
_MAX_BYTES = 1 << 20


def public_file(key_file: str | Path) -> Path:
    """Where the public keys stand that belong to a private key file."""
    return Path(key_file).with_suffix(".pub")


def load_and_publish(key_file: str | Path) -> SigningKey:
    """The wrapper's key, made on first use; its public half is listed beside it."""
    key = SigningKey.load_or_create(key_file)
    path, line = public_file(key_file), key.public_bytes.hex()
    if line not in (path.read_text("ascii").split() if path.exists() else []):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(line + "\n")
    return key


def read_public_keys(paths: Iterable[Path]) -> dict[str, bytes]:
    """Key id → raw public key, from files of public keys."""
    found: dict[str, bytes] = {}
    for path in paths:
        try:
            text = path.read_bytes()[:_MAX_BYTES].decode("ascii")
        except (OSError, UnicodeDecodeError):
            raise ConfigError(
                f"The file {path.name!r} with public keys cannot be read.",
                hint="It is written beside the wrapper's key when a guarded kernel first starts.",
            ) from None
        keys = [bytes.fromhex(line) for line in text.split() if _LINE.match(line)]
        found |= {keyid_of(key): key for key in keys}
    return found

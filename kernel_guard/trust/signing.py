"""Ed25519 keys: who vouches for a release, a message, an audit row.

- A private key lives in one owner-only file (PKCS#8 PEM) and leaves this module only as signatures.
- A key id is the start of the SHA-256 of the raw public key: a name to look a key up by, never a proof.
- `verify` returns nothing or raises `SignatureError`; there is no boolean to forget.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kernel_guard.errors import ConfigError, SignatureError
from kernel_guard.trust import private_file

KEYID_LENGTH = 32


class SigningKey:
    """A private Ed25519 key; its repr shows the key id only."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self.public_bytes = private.public_key().public_bytes_raw()
        self.keyid = keyid_of(self.public_bytes)

    @classmethod
    def generate(cls) -> SigningKey:
        """A fresh key that is nowhere on disk."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: str | Path) -> SigningKey:
        """The key in an owner-only file; `ConfigError` when it is absent, open to others, or not such a key."""
        pem = private_file.read(Path(path))
        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey):
            raise ConfigError(
                f"The file {Path(path).name!r} does not hold an Ed25519 private key.",
                hint="Restore it from a backup. A new key would not vouch for earlier releases.",
            )
        return cls(private)

    @classmethod
    def load_or_create(cls, path: str | Path) -> SigningKey:
        """The key at `path`, made on first use; processes that start together get the same key."""
        path = Path(path)
        if not path.exists() and not path.is_symlink():
            private_file.create(path, cls.generate()._pem())
        return cls.load(path)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature of `data`."""
        return self._private.sign(data)

    def _pem(self) -> bytes:
        return self._private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def __repr__(self) -> str:
        return f"SigningKey({self.keyid})"

    def __reduce__(self) -> str:
        raise TypeError("A signing key does not leave its process.")


def keyid_of(public_bytes: bytes) -> str:
    """The name of a raw public key."""
    return hashlib.sha256(public_bytes).hexdigest()[:KEYID_LENGTH]


def verify(public_bytes: bytes, signature: bytes, data: bytes) -> None:
    """Raise `SignatureError` unless `signature` is `data`'s by the key `public_bytes`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_bytes).verify(signature, data)
    except (InvalidSignature, ValueError, TypeError):
        raise SignatureError(
            "The signature does not match.",
            hint="The content was changed, or another key signed it. Fetch it again from the vault.",
        ) from None

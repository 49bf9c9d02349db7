"""The release keys of a vault: which one signs now, which signed before, which must not be believed any more.

- The public record (`release-keys.json`) is what a reader keeps; who holds it can check every bundle offline.
- A new key is introduced by a signature of the one before it: a reader who trusts an old record can follow the chain
  that a bundle brings, and cannot be led to a key that the vault never introduced.
- A key that was replaced vouches for what it signed until then. A key that was compromised vouches for nothing: who
  holds it can write any date.
- The private half is one owner-only file each; a revoked key's file is deleted.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError, SignatureError
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust import private_file
from kernel_guard.trust.signing import SigningKey, keyid_of, verify

RECORD = "release-keys.json"
REPLACED, COMPROMISED = "replaced", "compromised"
_CONTEXT = b"kernel-guard release key v1\n"


@dataclass(frozen=True)
class KnownKey:
    """A public key and what is known of it; `introduced_by` is (key id, signature) of the key before it."""

    public: bytes
    since: str
    until: str = ""
    reason: str = ""
    introduced_by: tuple[str, str] = ("", "")

    @property
    def keyid(self) -> str:
        return keyid_of(self.public)

    def to_json(self) -> dict[str, Any]:
        return {
            "keyid": self.keyid, "public_key": b64encode(self.public).decode(), "since": self.since,
            "until": self.until, "reason": self.reason, "introduced_by": list(self.introduced_by),
        }  # fmt: skip

    def introduction(self) -> bytes:
        """What the key before it signs."""
        return _CONTEXT + canonical_json({"keyid": self.keyid, "since": self.since})


class KeyRing:
    """The keys in one owner-only folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def open(cls, folder: Path, moment: str) -> KeyRing:
        """The ring at `folder`; its first key is made on first use."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ring = cls(folder)
        if not (folder / RECORD).exists():
            key = SigningKey.load_or_create(folder / "first.key")
            private_file.create(folder / RECORD, _record([KnownKey(key.public_bytes, moment)]))
        return ring

    def known(self) -> list[KnownKey]:
        """Every key, oldest first."""
        return read_record(private_file.read(self._folder / RECORD))

    def signer(self) -> SigningKey:
        """The key that signs now."""
        current = self.known()[-1]
        if current.until:
            raise ConfigError("The release key was revoked.", hint="Run 'kernel-guard key rotate' first.")
        for path in self._folder.glob("*.key"):
            key = SigningKey.load(path)
            if key.keyid == current.keyid:
                return key
        raise ConfigError("The release key's file is missing.", hint="Restore it, or 'kernel-guard key rotate'.")

    def rotate(self, moment: str, *, compromised: bool = False) -> KnownKey:
        """A new key, introduced by the old one; the old one ends now, and where it was compromised for good."""
        known = self.known()
        old = known[-1]
        new_path = self._folder / f"since-{moment.replace(':', '-')}.key"
        new = SigningKey.load_or_create(new_path)
        entry = KnownKey(new.public_bytes, moment)
        if not compromised and not old.until:
            signature = b64encode(self.signer().sign(entry.introduction())).decode()
            entry = KnownKey(new.public_bytes, moment, introduced_by=(old.keyid, signature))
        ended = KnownKey(
            old.public, old.since, old.until or moment, COMPROMISED if compromised else REPLACED, old.introduced_by
        )  # fmt: skip
        self._replace([*known[:-1], ended, entry])
        for path in self._folder.glob("*.key"):
            if SigningKey.load(path).keyid != entry.keyid:
                path.unlink()
        return entry

    def _replace(self, known: list[KnownKey]) -> None:
        beside = self._folder / f"{RECORD}.new"
        beside.unlink(missing_ok=True)
        private_file.create(beside, _record(known))
        beside.replace(self._folder / RECORD)


def read_record(text: bytes) -> list[KnownKey]:
    """The keys of a public record; raises `SignatureError` when it is none."""
    try:
        value = json.loads(text)
        return [
            KnownKey(
                b64decode(k["public_key"], validate=True), str(k["since"]), str(k["until"]), str(k["reason"]),
                (str(k["introduced_by"][0]), str(k["introduced_by"][1])),
            )
            for k in value["keys"]
        ]  # fmt: skip
    except (ValueError, KeyError, TypeError, IndexError):
        raise SignatureError(
            "This is not a record of public keys.", hint="Ask the vault's operator for 'kernel-guard key export'."
        ) from None


def read_vault_key(text: bytes) -> bytes:
    """The public key that signs releases and the audit log, in a public record."""
    try:
        entry = json.loads(text)["vault"]
    except (ValueError, KeyError, TypeError):
        raise SignatureError(
            "This record does not name the vault's own key.", hint="Make it with 'kernel-guard key export'."
        ) from None
    return read_record(json.dumps({"keys": [entry]}).encode())[0].public


def believed(trusted: Iterable[KnownKey], brought: Iterable[KnownKey]) -> dict[str, KnownKey]:
    """Key id → key, of those trusted and those that they introduce; what is compromised is left out."""
    found = {k.keyid: k for k in trusted}
    for key in brought:
        by, signature = key.introduced_by
        introducer = found.get(by)
        if key.keyid in found or introducer is None or introducer.reason == COMPROMISED:
            continue
        try:
            verify(introducer.public, b64decode(signature, validate=True), key.introduction())
        except (SignatureError, ValueError):
            continue
        found[key.keyid] = key
    return {name: key for name, key in found.items() if key.reason != COMPROMISED}


def check_time(key: KnownKey, moment: str) -> None:
    """Raise unless a signature of `key` at `moment` lies within the key's time."""
    if moment < key.since or (key.until and moment > key.until):
        raise SignatureError("The signature's date lies outside the key's time.", hint="Ask the vault's operator.")


def _record(known: Iterable[KnownKey]) -> bytes:
    document: Mapping[str, Any] = {"version": 1, "keys": [k.to_json() for k in known]}
    return json.dumps(document, indent=1).encode() + b"\n"

"""What is proven about a bundle of released files: by the vault's public keys, offline."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.review import bundle
from kernel_guard.trust.keyring import read_record


@dataclass(frozen=True)
class Genuine:
    """A bundle that holds; one that does not is an error."""

    name: str
    verdict: bundle.Verdict
    ok: bool = True

    def to_json(self) -> dict[str, Any]:
        return {"ok": self.ok, "keyid": self.verdict.keyid, "files": self.verdict.files, **self.verdict.statement}

    def __str__(self) -> str:
        return bundle.report(self.name, self.verdict)


def verify_bundle(file: Path, key: Path | None) -> Genuine:
    """Judge a bundle by the vault's public keys in `key`."""
    if key is None:
        raise SignatureError("A bundle is checked with the vault's public keys.", hint="Add --key KEYS.json.")
    try:
        content, record = file.read_bytes(), key.read_bytes()
    except OSError:
        raise SignatureError("The bundle or the keys cannot be read.", hint="Check both paths.") from None
    return Genuine(file.name, bundle.judge(content, read_record(record)))

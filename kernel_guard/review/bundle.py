"""Judging a bundle anywhere, offline, with the vault's public keys alone.

 1 it is a zip with one top folder and no name that leads out of it
 2 it is a bag: declaration, SHA-512 of every payload file, no file more or less
 3 the envelope is signed by a believed key, within that key's time
 4 the signed statement names this very manifest and these tag files
 5 the statement says what was released, from which data, who signed off
- Any failure ends the list with a `SignatureError` that names the file; nothing is proven in part.
- Sizes are bounded before anything is unpacked; nothing is written to disk.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.trust import dsse, keyring
from kernel_guard.trust.keyring import KnownKey

BUNDLE_TYPE = "https://kernel-guard.org/bundle/v1"
MANIFEST, TAG_MANIFEST, ENVELOPE, KEYS = (
    "manifest-sha512.txt", "tagmanifest-sha512.txt", "signature.dsse.json", "release-keys.json",
)  # fmt: skip
DECLARATION, INFO = "bagit.txt", "bag-info.txt"
TAGS = frozenset({MANIFEST, TAG_MANIFEST, ENVELOPE, KEYS, DECLARATION, INFO})
BAGIT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MAX_FILES, MAX_BYTES = 5_000, 512 * 1024 * 1024


@dataclass(frozen=True)
class Verdict:
    """What is proven of a bundle."""

    statement: Mapping[str, Any]
    keyid: str
    payload: Mapping[str, str]  # path of each file that left → its SHA-512

    @property
    def files(self) -> int:
        return len(self.payload)


def judge(content: bytes, trusted: Iterable[KnownKey]) -> Verdict:
    """The verdict on a bundle's bytes; raises `SignatureError` for anything that does not hold."""
    return judge_files(_unpack(content), trusted)


def judge_files(files: Mapping[str, bytes], trusted: Iterable[KnownKey]) -> Verdict:
    """The same for a bundle that was unpacked: path below its top folder → bytes."""
    _check_bag(files)
    envelope = _json(files[ENVELOPE])
    keys = keyring.believed(trusted, keyring.read_record(files[KEYS]))
    statement = dsse.open_statement(envelope, [k.public for k in keys.values()], BUNDLE_TYPE)
    _check_statement(statement, files)
    predicate = statement["predicate"]
    keyid = _signer(envelope, keys)
    keyring.check_time(keys[keyid], str(predicate["released"]))
    return Verdict(predicate, keyid, _manifest(files[MANIFEST]))


def report(name: str, verdict: Verdict) -> str:
    """One screen that says what is proven."""
    said = verdict.statement
    sign_offs = [f"  {s['by']} ({s['role']}), {s['time']}" for s in said["sign_offs"]]
    items = [f"  {i['name']}: {i['kind']}, {i['class']}, {', '.join(i['files'])}" for i in said["items"][:12]]
    more = [f"  … and {len(said['items']) - 12} more"] if len(said["items"]) > 12 else []
    studies = [f"  {s['study']} {s['data_version']}{' (synthetic)' if s['synthetic'] else ''}" for s in said["studies"]]
    lines = [
        f"{name} is genuine: signed by the vault's key {verdict.keyid}, and not a byte has changed since.",
        f"Request {said['request']['number']} of project {said['project']}, version {said['request']['version']},"
        f" released {said['released']}: {verdict.files} files.",
        "Items", *items, *more,
        "Made from", *(studies or ["  no release is named"]),
        "Signed off by", *(sign_offs or ["  the vault itself, as the project's policy allows"]),
        "Not proven: that the numbers are right, or that nobody can learn more by combining them with other sources.",
    ]  # fmt: skip
    return "\n".join(lines)


def _unpack(content: bytes) -> dict[str, bytes]:
    """Path below the top folder → bytes."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > MAX_BYTES:
                raise _wrong("it is larger than a bundle may be")
            names = [e.filename for e in entries]
            tops = {n.partition("/")[0] for n in names}
            if len(tops) != 1 or len(set(names)) != len(names):
                raise _wrong("it does not have one top folder with each file once")
            if any(".." in n.split("/") or n.startswith("/") or "\\" in n for n in names):
                raise _wrong("a name in it leads elsewhere")
            return {n.partition("/")[2]: archive.read(n) for n in names if not n.endswith("/")}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise _wrong("it is no readable zip file") from None
    except Exception as error:
        # zlib's own error type is not a documented part of zipfile's interface.
        if isinstance(error, SignatureError):
            raise
        raise _wrong("it is no readable zip file") from None


def _check_bag(files: Mapping[str, bytes]) -> None:
    missing = sorted(TAGS - set(files))
    if missing:
        raise _wrong(f"the file {missing[0]!r} is missing")
    if files[DECLARATION] != BAGIT:
        raise _wrong(f"{DECLARATION!r} does not declare a bag of version 1.0")
    listed = _manifest(files[MANIFEST])
    payload = {n for n in files if n.startswith("data/")}
    strange = sorted(set(files) - payload - TAGS)
    if strange:
        raise _wrong(f"{strange[0][:80]!r} does not belong in it")
    for name in sorted(payload ^ set(listed)):
        raise _wrong(f"{name[:80]!r} is {'not in the manifest' if name in payload else 'missing'}")
    for manifest in (listed, _manifest(files[TAG_MANIFEST])):
        for name, digest in manifest.items():
            if name not in files or hashlib.sha512(files[name]).hexdigest() != digest:
                raise _wrong(f"{name[:80]!r} was changed")
    if set(_manifest(files[TAG_MANIFEST])) != TAGS - {TAG_MANIFEST}:
        raise _wrong("the tag manifest does not list every tag file")


def _manifest(content: bytes) -> dict[str, str]:
    """File → SHA-512; lines end with a line feed and nothing else, so that no byte of a manifest can be another."""
    found = {}
    *lines, rest = content.decode("utf-8", "replace").split("\n")
    for line in lines:
        digest, _, name = line.partition("  ")
        if len(digest) != 128 or not name or name in found:
            raise _wrong("a manifest has a line that is none")
        found[name] = digest
    if rest:
        raise _wrong("a manifest does not end with a line")
    return found


def _check_statement(statement: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    digest = hashlib.sha256(files[MANIFEST]).hexdigest()
    if statement.get("subject") != [{"name": MANIFEST, "digest": {"sha256": digest}}]:
        raise _wrong("the signature belongs to another manifest")
    tags = statement["predicate"].get("tags", {})
    for name in (INFO, DECLARATION, KEYS):
        if tags.get(name) != hashlib.sha512(files[name]).hexdigest():
            raise _wrong(f"{name!r} was changed")


def _signer(envelope: Mapping[str, Any], keys: Mapping[str, KnownKey]) -> str:
    return next(s["keyid"] for s in envelope["signatures"] if s["keyid"] in keys)


def _json(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise _wrong("its signature cannot be read")
    return value


def _wrong(what: str) -> SignatureError:
    return SignatureError(f"This bundle proves nothing: {what}.", hint="Fetch it again from the vault.")

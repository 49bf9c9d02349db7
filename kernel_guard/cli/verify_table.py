"""What is proven about a table: that it is a release of the vault, or a file of a bundle that left.

- A release as JSON (statement and envelope) proves itself by the vault's key.
- A CSV or Parquet file needs its proof beside it: the bundle that it came in, packed or unpacked, where every byte
  counts; or the release as JSON, where every key and value is compared with what was signed.
- Without a proof nothing is said; a column that the release does not have, a row more or less, another order: refused.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.review import bundle
from kernel_guard.trust import dsse
from kernel_guard.trust.keyring import read_record, read_vault_key

RELEASE_TYPE = "https://kernel-guard.org/release/v1"
MAX_BYTES, MAX_FOLDERS_UP = 512 << 20, 6
Json = dict[str, Any]
_READ: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "float": float,
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
}


@dataclass(frozen=True)
class Released:
    """A table that holds; one that does not is an error."""

    name: str
    said: str
    facts: Mapping[str, Any]
    ok: bool = True

    def to_json(self) -> Json:
        return {"ok": self.ok, **self.facts}

    def __str__(self) -> str:
        return f"{self.name} is genuine: {self.said}"


def verify_table(file: Path, key: Path | None, proof: Path | None) -> Released:
    """Judge a CSV, Parquet or JSON file by the vault's public keys in `key`."""
    if key is None:
        raise SignatureError("A table is checked with the vault's public keys.", hint="Add --key KEYS.json.")
    content, keys = _bytes(file), _bytes(key)
    if proof is None and file.suffix.lower() == ".json" and (own := _release(content)) is not None:
        return _of_release(file.name, _signed(own, keys))
    if proof is not None and proof.suffix.lower() == ".json":
        given = _release(_bytes(proof))
        if given is None:
            raise SignatureError(f"{proof.name!r} holds no release.", hint="It needs a statement and its envelope.")
        return _same_numbers(file, content, _signed(given, keys))
    trusted = read_record(keys)
    if proof is not None:
        return _in_bundle(file, content, bundle.judge(_bytes(proof), trusted))
    return _in_bundle(file, content, bundle.judge_files(_unpacked(_folder_of(file)), trusted))


def _signed(given: Json, keys: bytes) -> Json:
    """The statement, when the vault signed this very one."""
    statement = dsse.open_statement(given["envelope"], [read_vault_key(keys)], RELEASE_TYPE)["predicate"]
    if statement != given["statement"]:
        raise SignatureError("The numbers are not those that were signed.", hint="Fetch the release again.")
    return dict(statement)


def _of_release(name: str, statement: Json) -> Released:
    cost = statement["cost"]["epsilon"]
    lines = [
        "signed by the vault, and not a number has changed since.",
        f"Release {statement['id']} of {statement['created']}, to project {statement['project']}:",
        f"  {statement['words']}",
        f"  {statement['study']} {statement['data_version']}{' (synthetic)' if statement['synthetic'] else ''},"
        f" route {statement['route']}, ε {cost}",
        "Not proven: that it was approved to leave. A bundle proves that.",
    ]
    return Released(name, "\n".join(lines), {"release": statement["id"], "statement": statement})


def _same_numbers(file: Path, content: bytes, statement: Json) -> Released:
    """A table against the signed statement, value by value; status columns may be absent."""
    names, rows = _table(file, content)
    known = {column["name"]: i for i, column in enumerate(statement["columns"])}
    strange = [name for name in names if name not in known]
    keys = {c["name"] for c in statement["columns"] if c["role"] == "key"}
    if strange or not keys <= set(names) or len(names) == len(keys):
        raise SignatureError("The table does not have the release's columns.", hint="Each key and at least one value.")
    if len(rows) != len(statement["rows"]):
        raise SignatureError("The table does not have the release's rows.", hint="Compare it with the release.")
    for number, (row, signed) in enumerate(zip(rows, statement["rows"], strict=True), 1):
        for name, value in zip(names, row, strict=True):
            if not _equal(value, signed[known[name]], statement["columns"][known[name]]["type"]):
                raise SignatureError(f"Row {number}, column {name!r} is not what was signed.")
    return _of_release(file.name, statement)


def _equal(value: Any, signed: Any, kind: str) -> bool:
    if signed is None or value is None or value == "":
        return signed is None and value in (None, "")
    try:
        return bool((_READ[kind](value) if isinstance(value, str) and kind in _READ else value) == signed)
    except (ValueError, KeyError):
        return False


def _table(file: Path, content: bytes) -> tuple[list[str], list[list[Any]]]:
    if file.suffix.lower() == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            table = pq.read_table(pa.BufferReader(content))
        except pa.ArrowException:
            raise SignatureError(f"{file.name!r} cannot be read as Parquet.") from None
        return list(table.column_names), [list(row) for row in zip(*table.to_pydict().values(), strict=True)]
    try:
        lines = list(csv.reader(content.decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error):
        lines = []
    if len(lines) < 1 or any(len(line) != len(lines[0]) for line in lines):
        raise SignatureError(f"{file.name!r} cannot be read as a table.")
    return lines[0], [list(line) for line in lines[1:]]


def _in_bundle(file: Path, content: bytes, verdict: bundle.Verdict) -> Released:
    said = verdict.statement
    digest = hashlib.sha512(content).hexdigest()
    names = {name.removeprefix("data/") for name, known in verdict.payload.items() if known == digest}
    item = next((i for i in said["items"] if names & set(i["files"])), None)
    if item is None:
        raise SignatureError("The bundle does not hold this file.", hint="It was changed, or came in another bundle.")
    lines = [
        f"a file of a bundle that the vault's key {verdict.keyid} signed, and not a byte has changed since.",
        f"Item {item['name']!r} ({item['kind']}, {item['class']}) of request {said['request']['number']},"
        f" project {said['project']}, released {said['released']}.",
        "Signed off by",
        *([f"  {s['by']} ({s['role']}), {s['time']}" for s in said["sign_offs"]] or ["  the vault itself"]),
    ]
    return Released(file.name, "\n".join(lines), {"keyid": verdict.keyid, "item": item, "request": said["request"]})


def _folder_of(file: Path) -> Path:
    for folder in list(file.resolve().parents)[:MAX_FOLDERS_UP]:
        if (folder / bundle.MANIFEST).is_file():
            return folder
    raise SignatureError(
        f"{file.name!r} carries no signature of its own.",
        hint="Name its proof: --proof BUNDLE.zip, or --proof RELEASE.json; or leave it in its unpacked bundle.",
    )


def _unpacked(folder: Path) -> dict[str, bytes]:
    found = {}
    for number, path in enumerate(sorted(folder.rglob("*"))):
        if number > bundle.MAX_FILES or path.is_symlink():
            raise SignatureError("This folder is no unpacked bundle.")
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = _bytes(path)
    return found


def _release(content: bytes) -> Json | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    whole = isinstance(value, dict) and isinstance(value.get("statement"), dict) and "envelope" in value
    return value if whole else None


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise SignatureError(f"{path.name!r} is too large to be checked.")
        return path.read_bytes()
    except OSError:
        raise SignatureError(f"{path.name!r} cannot be read.", hint="Check the path.") from None

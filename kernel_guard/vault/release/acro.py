"""The same outputs in the form that ACRO writes and SACRO's viewer reads: `results.json`, version 1.0.

- What a viewer needs to list and open the files; the disclosure summary of a released item is that it was approved.
- ACRO's flagged-cell list (`sdc`) is left empty: it names masked cells with their reasons.
- A file's SHA-256 stands where ACRO writes it, in `checksums/`: the viewer marks a file without one as changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

VERSION = "1.0.2"


def results(items: Iterable[Mapping[str, Any]], moment: str) -> bytes:
    """`results.json` of items with `uid`, `kind`, `name`, `files` and `comment`."""
    entries = {item["uid"]: _entry(item, moment) for item in items}
    return json.dumps({"version": VERSION, "results": entries}, ensure_ascii=False, indent=1).encode()


def checksums(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Path → content of the checksum file of each output."""
    return {f"checksums/{name}.txt": hashlib.sha256(content).hexdigest().encode() for name, content in files.items()}


def _entry(item: Mapping[str, Any], moment: str) -> dict[str, Any]:
    kind = {"model": "regression", "figure": "survival plot" if item["chart"] == "survival" else "custom"}
    return {
        "uid": item["uid"],
        "status": "pass",
        "type": kind.get(item["kind"], "table" if item["kind"] in ("table", "release") else "custom"),
        "properties": {"method": item["kind"]},
        "files": [{"name": name, "sdc": {}} for name in item["files"]],
        "outcome": {},
        "fair": {},
        "command": item["name"],
        "summary": "approved",
        "timestamp": moment,
        "comments": [item["comment"]] if item["comment"] else [],
        "exception": "",
    }

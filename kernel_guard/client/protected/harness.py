"""The process beside the rows: load what the code imports, wait for the rows, run, hand over, stop.

- Everything comes by inherited descriptors: a memo (read once), a pipe that says when the rows are there, one
  descriptor of rows for each table, and one pipe for what is handed over.
- Output, errors and exit code go nowhere; they are silenced here for tidiness, outside nobody listens to them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from kernel_guard.client.protected import frames, running
from kernel_guard.plan.protected import Output

READY = b"!"


def main(memo_fd: int) -> None:
    """Entry point inside the vault's sandbox."""
    os.environ["MPLBACKEND"] = "Agg"
    with os.fdopen(memo_fd, "rb") as file:
        memo = json.load(file)
    _silence()
    # Loaded now: rows come only when all of this is done.
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401

    running.warm(memo["code"])
    os.write(memo["out"], READY)
    if os.read(memo["go"], 1):
        _work(memo)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nowhere, fd)


def _work(memo: dict[str, Any]) -> None:
    rows = {table["name"]: frames.read_frame(table["fd"], table["types"]) for table in memo["tables"]}
    if memo["outputs"] is not None:
        outputs = [Output(*fields) for fields in memo["outputs"]]
        _send(memo["out"], {"answer": running.private_answer(memo["code"], rows, outputs)})
    else:
        running.review_documents(memo["code"], rows, lambda document: _send(memo["out"], document))


def _send(fd: int, document: dict[str, Any]) -> None:
    _write_all(fd, json.dumps(document, allow_nan=False).encode() + b"\n")


def _write_all(fd: int, data: Sequence[int] | bytes) -> None:
    view = memoryview(bytes(data))
    while view:
        view = view[os.write(fd, view) :]

"""The seals that guarded kernels of this user have written, found by the digests in them.

- Reads only what was added since the last time; a line that is not whole yet is read again next time.
- Believes nothing: whoever uses a seal checks its signature.
- Bounded: the oldest seals are forgotten first; a saved notebook carries its own.
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

MAX_DIGESTS = 200_000
_MAX_READ = 64 << 20


class Journals:
    """An index over the journals of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._seals: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def find(self, digest: str) -> Iterator[dict[str, Any]]:
        """The newest seal that lists this digest."""
        if digest in self._seals:
            yield self._seals[digest]

    def refresh(self) -> None:
        """Read what kernels wrote since the last time."""
        for path in sorted(self._folder.glob("*.jsonl")):
            # A journal that was swept or cut meanwhile is read anew the next time.
            with contextlib.suppress(OSError):
                self._read_more(path)

    def _read_more(self, path: Path) -> None:
        start = self._read.get(path, 0)
        size = path.stat().st_size
        if size == start:
            return
        if size < start:
            start = 0
        with path.open("rb") as file:
            file.seek(start)
            whole, newline, _ = file.read(_MAX_READ).rpartition(b"\n")
        for line in whole.split(b"\n") if newline else ():
            self._index(line)
        self._read[path] = start + len(whole) + len(newline)

    def _index(self, line: bytes) -> None:
        try:
            seal = orjson.loads(line)
            digests = [*seal["errors"], *(one for states in seal["streams"].values() for one in states)]
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return
        for digest in digests:
            self._seals[digest] = seal
            self._seals.move_to_end(digest)
        while len(self._seals) > MAX_DIGESTS:
            self._seals.popitem(last=False)

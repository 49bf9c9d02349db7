"""One signed seal for each cell: the digests of what its streams and errors said, which have no place for a label.

- Written to a journal beside the list of public keys, because no message of Jupyter's carries it into the notebook: a
  save through the server looks the seal up and puts it into the cell's metadata, where it travels with the file.
- A seal lists every state that a front end may save: one digest for each piece of a stream since the last seal.
- It holds digests, never text. One line of JSON each; a journal that has grown too long, or old, goes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from kernel_guard.trust.labels import data_digest
from kernel_guard.wrapper.labels import Labeller
from kernel_guard.wrapper.transcript import Transcript

MAX_JOURNAL_BYTES = 32 << 20
MAX_STATES = 64
_KEPT_SECONDS = 30 * 24 * 3_600
FOLDER = "seals"


class CellRecord:
    """What one cell's streams and errors have said since its output was last cleared."""

    def __init__(self) -> None:
        self._streams: dict[str, Transcript] = {}
        self._states: dict[str, dict[str, None]] = {}
        self._errors: dict[str, None] = {}
        self._clear_waits = False
        self.dirty = False

    def stream(self, name: str, text: str) -> None:
        """A piece of a stream was shown."""
        self._output()
        transcript = self._streams.setdefault(name, Transcript())
        transcript.feed(text)
        if not transcript.has_long_line:
            self._note(name, transcript)
        self.dirty = True

    def error(self, content: dict[str, Any]) -> None:
        """An error was shown."""
        self._output()
        self._errors[error_digest(content)] = None
        self.dirty = True

    def other(self) -> None:
        """Something with a label of its own was shown."""
        if self._clear_waits:
            self._output()

    def clear(self, wait: bool) -> None:
        """The cell's output was cleared, or will be when the next one comes."""
        self._clear_waits = True
        if not wait:
            self._output()

    def take(self) -> tuple[dict[str, list[str]], list[str]]:
        """Digests of the streams and of the errors, for a seal."""
        for name, transcript in self._streams.items():
            self._note(name, transcript)
        streams = {name: list(states) for name, states in self._states.items()}
        for name, transcript in self._streams.items():
            self._states[name] = dict.fromkeys(transcript.digests())
        self.dirty = False
        return streams, list(self._errors)

    def _note(self, name: str, transcript: Transcript) -> None:
        states = self._states.setdefault(name, {})
        states.update(dict.fromkeys(transcript.digests()))
        while len(states) > MAX_STATES:
            del states[next(iter(states))]

    def _output(self) -> None:
        if self._clear_waits:
            self._streams, self._states, self._errors = {}, {}, {}
            self._clear_waits = False


class Journal:
    """Where one kernel's seals are written; None of it where there is no key file to stand beside."""

    def __init__(self, key_file: str | None, kernel_id: str, labeller: Labeller) -> None:
        self._labeller = labeller
        self._path = Path(key_file).with_name(FOLDER) / f"{kernel_id}.jsonl" if key_file else None

    def write(self, record: CellRecord, code: str, releases: list[str]) -> None:
        """Sign what a cell has shown by now."""
        streams, errors = record.take()
        if self._path is None:
            return
        line = orjson.dumps(self._labeller.seal(code, releases, streams, errors)) + b"\n"
        # A full disk costs the notebook its proof at the next save, never the kernel its life.
        with contextlib.suppress(OSError):
            self._append(self._path, line)

    def _append(self, path: Path, line: bytes) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if os.fstat(handle).st_size > MAX_JOURNAL_BYTES:
                os.ftruncate(handle, 0)
            os.write(handle, line)
        finally:
            os.close(handle)


def sweep(key_file: str | None) -> None:
    """Remove journals that no kernel has written to for a month."""
    if key_file is None:
        return
    oldest = time.time() - _KEPT_SECONDS
    with contextlib.suppress(OSError):
        for path in Path(key_file).with_name(FOLDER).glob("*.jsonl"):
            if path.stat().st_mtime < oldest:
                path.unlink()


def error_digest(content: dict[str, Any]) -> str:
    """Digest of an error output, the same before and after saving."""
    lines: Iterable[Any] = content.get("traceback") or []
    return data_digest({"ename": content.get("ename"), "evalue": content.get("evalue"), "traceback": list(lines)})

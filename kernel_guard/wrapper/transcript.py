"""A digest of a stream's text that survives how front ends store it.

- A notebook's stream output has no place for a signature, and front ends join its pieces and play carriage returns and
  backspaces through before they save. So text is compared after that play, line by line.
- Two plays are in use: JupyterLab overwrites from the left, nbclient drops what stood before. A text that has neither
  control gives the same digest under both.
"""

from __future__ import annotations

import hashlib
import re

_BEFORE_RETURN = re.compile(r"(?s).*\r(?=.)")
_BACKSPACED = re.compile(r"[^\x08]\x08")
# A line that grows without end is compared only where the cell ends, not at each of its pieces.
LONG_LINE = 4_096


class Transcript:
    """The text of one stream of one cell, fed piece by piece; only its unfinished line is kept."""

    def __init__(self) -> None:
        # One hash serves both plays until a line differs under them.
        self._done = {_overwritten: hashlib.sha256()}
        self._pieces: list[str] = []
        self._length = 0

    def feed(self, text: str) -> None:
        """Add what was shown next."""
        finished, newline, rest = text.rpartition("\n")
        if newline:
            self._pieces.append(finished)
            self._finish("".join(self._pieces))
            self._pieces, self._length = [], 0
        if rest:
            self._pieces.append(rest)
            self._length += len(rest)

    @property
    def has_long_line(self) -> bool:
        """Is the unfinished line too long to be digested at each piece?"""
        return self._length > LONG_LINE

    def digests(self) -> list[str]:
        """The digests of everything so far, one for each play, without repetition."""
        line = "".join(self._pieces)
        plays = _PLAYS if _is_played(line) else self._done
        found = []
        for play in plays:
            copy = self._done.get(play, self._done[_overwritten]).copy()
            copy.update(_bytes(play(line)))
            found.append(copy.hexdigest())
        return list(dict.fromkeys(found))

    def _finish(self, lines: str) -> None:
        if _is_played(lines):
            self._done.setdefault(_replaced, self._done[_overwritten].copy())
            texts = {play: "\n".join(map(play, lines.split("\n"))) for play in self._done}
        else:
            texts = dict.fromkeys(self._done, lines)
        for play, hashed in self._done.items():
            hashed.update(_bytes(texts[play] + "\n"))


def digests_of(text: str) -> list[str]:
    """The digests of a whole text."""
    transcript = Transcript()
    transcript.feed(text)
    return transcript.digests()


def _is_played(text: str) -> bool:
    return "\r" in text or "\b" in text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _overwritten(line: str) -> str:
    """The line as JupyterLab keeps it."""
    if not _is_played(line):
        return line
    kept: list[str] = []
    at = 0
    for character in line:
        if character == "\r":
            at = 0
        elif character == "\b":
            if at > 0:
                del kept[at - 1 : at + 1]
                at -= 1
        else:
            kept[at : at + 1] = [character]
            at += 1
    return "".join(kept)


def _replaced(line: str) -> str:
    """The line as nbclient keeps it."""
    if not _is_played(line):
        return line
    while (shorter := _BACKSPACED.sub("", line)) != line:
        line = shorter
    return _BEFORE_RETURN.sub("", line)


_PLAYS = (_overwritten, _replaced)

"""What one output of a saved notebook is: released and untouched, computed from named releases, or not ours.

- A display carries its own label; streams and errors are proven by the cell's seal, which stands in the cell's metadata
  or, before the first save, in the kernel's journal.
- A signature counts only from a key that the caller trusts, over exactly the content that is there.
- Whatever cannot be read is not ours; nothing in a notebook can make this raise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.trust.labels import CELL, KEY, code_digest, data_digest, is_signed
from kernel_guard.wrapper.notebook.notice import is_notice
from kernel_guard.wrapper.seals import error_digest
from kernel_guard.wrapper.transcript import digests_of

Json = dict[str, Any]
RELEASED, OPEN, GUARD, NOT_OURS = "released", "open", "guard", "not_ours"
_ZONES = {"release": RELEASED, "open": OPEN, "withheld": GUARD, "notice": GUARD}
_DISPLAYS = ("display_data", "execute_result")
WIDGETS = "widgets"  # in a notebook's metadata; no label and no seal covers it
FindSeals = Callable[[str], Iterable[Json]]  # a digest of a stream or an error → seals that may hold it


@dataclass(frozen=True)
class Verdict:
    """What one output is, with the label or the seal that proves it."""

    kind: str
    releases: tuple[str, ...] = ()
    time: str = ""
    code_unchanged: bool = False
    proof: Json | None = None


class Judge:
    """Judges outputs by the keys that it was given."""

    def __init__(self, keys: Mapping[str, bytes], find_seals: FindSeals = lambda _: ()) -> None:
        self._keys, self._find_seals = keys, find_seals

    def cell(self, cell: Any) -> list[Verdict]:
        """One verdict for each output of a code cell."""
        outputs = cell.get("outputs") if isinstance(cell, dict) else None
        if not isinstance(outputs, list):
            return []
        streams = _streams(outputs)
        return [self._output(output, cell, streams) for output in outputs]

    def _output(self, output: Any, cell: Json, streams: Mapping[str, str]) -> Verdict:
        try:
            return self._judge(output, cell, streams)
        except (TypeError, ValueError, AttributeError, KeyError, RecursionError, OverflowError):
            return Verdict(NOT_OURS)

    def _judge(self, output: Json, cell: Json, streams: Mapping[str, str]) -> Verdict:
        kind = output["output_type"]
        if kind in _DISPLAYS:
            return self._display(output, cell)
        if kind == "stream":
            return self._sealed(cell, digests_of(streams[output["name"]]), lambda seal: seal["streams"][output["name"]])
        if kind == "error":
            return self._sealed(cell, [error_digest(output)], lambda seal: seal["errors"])
        return Verdict(NOT_OURS)

    def _display(self, output: Json, cell: Json) -> Verdict:
        data = joined(output["data"])
        if is_notice(data):
            return Verdict(GUARD)
        label = output["metadata"].get(KEY)
        if not is_signed(label, self._keys) or label.get("data_sha256") != data_digest(data):
            return Verdict(NOT_OURS)
        return _verdict(_ZONES.get(label["zone"], NOT_OURS), label, cell)

    def _sealed(self, cell: Json, digests: list[str], listed: Callable[[Json], list[str]]) -> Verdict:
        """The seal that lists one of the digests, from the cell itself or from a journal."""
        own = cell["metadata"].get(KEY)
        for seal in [own, *(found for one in digests for found in self._find_seals(one))]:
            if is_signed(seal, self._keys) and seal.get("zone") == CELL and _lists(seal, listed, digests):
                return _verdict(OPEN, seal, cell)
        return Verdict(NOT_OURS)


def joined(data: Any) -> Json:
    """A MIME bundle with each value as it was shown: notebooks keep text as lists of lines."""
    return {
        kind: "".join(value) if isinstance(value, list) and not kind.endswith("json") else value
        for kind, value in data.items()
    }


def holds_widgets(notebook: Any) -> bool:
    """Whether the state of widgets was saved along: what an Output widget caught, what a text field said."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    return isinstance(metadata, dict) and WIDGETS in metadata


def source_of(cell: Json) -> str:
    """A cell's code."""
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _streams(outputs: list[Any]) -> dict[str, str]:
    """All text of each stream: a display between two pieces does not make two texts of it."""
    texts: dict[str, str] = {}
    for output in outputs:
        if isinstance(output, dict) and output.get("output_type") == "stream":
            text, name = output.get("text"), str(output.get("name"))
            pieces = text if isinstance(text, list) else [text]
            texts[name] = texts.get(name, "") + "".join(piece for piece in pieces if isinstance(piece, str))
    return texts


def _lists(seal: Json, listed: Callable[[Json], list[str]], digests: list[str]) -> bool:
    try:
        return any(one in listed(seal) for one in digests)
    except (KeyError, TypeError):
        return False


def _verdict(kind: str, label: Json, cell: Json) -> Verdict:
    unchanged = label.get("code_sha256") == code_digest(source_of(cell))
    return Verdict(kind, tuple(map(str, label["releases"])), str(label["time"]), unchanged, label)

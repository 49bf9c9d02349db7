"""`%%protected` in the kernel: the trial on mock rows, where every error shows.

- The guard takes the cell from here on: a kernel has no way to send protected code to the vault.
- Mock rows have the form that rows have beside the vault: same tables, open columns, dtypes.
- `%%protected --try …` is the trial alone. Without it the guard runs the trial first, and stops where it fails.
"""

from __future__ import annotations

import linecache
import time
from collections.abc import Mapping
from typing import Any

from kernel_guard.client import display, session
from kernel_guard.client.protected.running import FILENAME, private_answer, review_documents, warm
from kernel_guard.plan.codec import dumps_protected
from kernel_guard.plan.protected import ProtectedAsk, SampleAndAggregate, check_protected
from kernel_guard.plan.protected_line import parse_line
from kernel_guard.plan.schema import Study

MOCK_PATIENTS = 500
_SHOWN_ROWS = 20


def protected(line: str, cell: str) -> None:
    """Run this cell's code beside the rows.

    %%protected study.person                                          what is released waits for a checker
    %%protected --private epsilon=1 bounds=0:10 study.person          a private answer, at once
    %%protected --try study.person                                    on mock rows only
    """
    __tracebackhide__ = True
    parsed = parse_line(line)
    opened = session._session()
    ask = parsed.ask(cell, [study.name for study in opened.studies()])
    seconds = try_on_mock_rows(ask, opened.open(ask.study)._declared)
    if "--before-run" not in parsed.flags:
        print(_forecast(opened._transport.post_json("/v1/protected/quote", dumps_protected(ask))))
    if not parsed.flags & {"--before-run", "--try"}:
        print("This was the trial alone: to run beside the rows, %%protected must be the first line of a cell.")
    allowed = ask.private.seconds if ask.private else ask.seconds
    if seconds > allowed / 2:
        print(f"On mock rows it took {seconds:.1f} s; it has {allowed:g} s beside the rows. Write seconds=… for more.")


def try_on_mock_rows(ask: ProtectedAsk, study: Study) -> float:
    """Run the code on mock rows and read what it hands over, as beside the rows; gives the seconds it took."""
    __tracebackhide__ = True
    frames = mock_frames(ask, study)
    # So that an error shows the line it is on.
    linecache.cache[FILENAME] = (len(ask.code), None, ask.code.splitlines(keepends=True), FILENAME)
    warm(ask.code)  # beside the rows, imports are loaded before the clock starts
    began = time.perf_counter()
    if ask.private is not None:
        _show_numbers(ask.private, private_answer(ask.code, frames, ask.private.outputs))
    else:
        handed: list[dict[str, Any]] = []
        review_documents(ask.code, frames, handed.append)
        _show_objects(handed)
    return time.perf_counter() - began


def mock_frames(ask: ProtectedAsk, study: Study) -> dict[str, Any]:
    """Mock rows of each table, with about as many patients as a block may have."""
    from kernel_guard.client.mock import mock_table

    frames = {}
    for table, columns in check_protected(ask, study):
        key = [table.patient_key] if table.patient_key else []
        frames[table.name] = mock_table(table, MOCK_PATIENTS, 0, {})[key + [column.name for column in columns]]
    return frames


def _show_numbers(private: SampleAndAggregate, found: list[float]) -> None:
    print("MOCK rows give " + ", ".join(f"{o.name} = {n:.6g}" for o, n in zip(private.outputs, found, strict=True)))
    outside = [o.name for o, n in zip(private.outputs, found, strict=True) if not o.lower <= n <= o.upper]
    if outside:
        print(f"Outside its bounds, where it would be clamped: {', '.join(outside)}.")


def _show_objects(handed: list[dict[str, Any]]) -> None:
    if not handed:
        print("MOCK rows: the code ended without releasing anything.")
    for document in handed:
        head = [column for column, _ in document["columns"]]
        print(f"MOCK rows, {document['kind']} {document['name']!r}, {len(document['rows'])} rows:")
        print(display.text_table(head, document["rows"][:_SHOWN_ROWS]))


def _forecast(quote: Mapping[str, Any]) -> str:
    cost = "no budget" if quote.get("free") else f"ε {quote['cost']['epsilon']}"
    errors = "".join(f" {error['measure']}: {error['text']}." for error in quote.get("errors", []))
    after = "the answer comes at once" if quote.get("kind") == "private" else "what it releases waits for a checker"
    told = f" Error to expect from the noise:{errors}" if errors else ""
    return f"A run takes {cost} and about {quote['seconds']:.0f} s; {after}.{told}"

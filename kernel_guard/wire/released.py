"""A release as Arrow IPC: the typed table, with the signed statement in the schema's metadata.

- Written by the vault, read by clients. The vault never reads Arrow that a client sent.
- The statement holds the same rows as JSON; that JSON is what is signed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kernel_guard.errors import VaultUnavailable

if TYPE_CHECKING:
    import pyarrow as pa

METADATA_KEY = b"kernel_guard.release"
_ARROW = {"integer": "int64", "float": "float64", "boolean": "bool_", "string": "string"}


@dataclass(frozen=True)
class ReleasedTable:
    """A release as received: statement and envelope (JSON values) and its rows as an Arrow table."""

    statement: dict[str, Any]
    envelope: dict[str, Any]
    table: pa.Table


def write_release(statement: dict[str, Any], envelope: dict[str, Any]) -> bytes:
    """Arrow IPC stream of a sealed statement."""
    import pyarrow as pa

    columns = statement["columns"]
    fields = [pa.field(c["name"], getattr(pa, _ARROW.get(c["type"], "string"))()) for c in columns]
    document = json.dumps({"statement": statement, "envelope": envelope}).encode()
    schema = pa.schema(fields, metadata={METADATA_KEY: document})
    arrays = [pa.array([row[i] for row in statement["rows"]], type=f.type) for i, f in enumerate(fields)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
    return bytes(sink.getvalue().to_pybytes())


def read_release(data: bytes) -> ReleasedTable:
    """Parse `write_release`'s bytes."""
    import pyarrow as pa

    try:
        table = pa.ipc.open_stream(data).read_all()
        document = json.loads((table.schema.metadata or {})[METADATA_KEY])
        return ReleasedTable(document["statement"], document["envelope"], table.replace_schema_metadata(None))
    except (pa.ArrowException, KeyError, ValueError, TypeError):
        raise VaultUnavailable(
            "The release could not be read.",
            hint="It is stored: run the same question again, it costs nothing.",
        ) from None


def table_of(released: ReleasedTable, number: int) -> ReleasedTable:
    """One table of a composed release, cut out by the statement's index: its rows and columns, its words."""
    statement = released.statement
    entry = statement["tables"][number]
    start, end = entry["rows"]
    every = [column["name"] for column in statement["columns"]]
    places = [every.index(column["in"]) for column in entry["columns"]]
    own = {column["in"]: column["name"] for column in entry["columns"]}
    columns = [
        {**statement["columns"][place], "name": own[every[place]], "of": own.get(statement["columns"][place]["of"])}
        for place in places
    ]
    rows = [[row[place] for place in places] for row in statement["rows"][start:end]]
    cut = {**statement, "columns": columns, "rows": rows, "words": entry["words"], "table": entry["name"]}
    table = released.table.slice(start, end - start).select(places).rename_columns([c["name"] for c in columns])
    return ReleasedTable(cut, released.envelope, table)

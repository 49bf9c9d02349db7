"""A whole vault in this process over rows of one's own, and everything that it ever let out."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kernel_guard.errors import KernelGuardError, from_public
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.codec import encode, loads_question
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.admin import add_grant, opened
from kernel_guard.vault.config import init_folder, load_config
from kernel_guard.vault.gate import Gate
from kernel_guard.vault.ledger import Scope
from kernel_guard.vault.policy.dataset import DatasetPolicy
from kernel_guard.vault.wiring import open_gate
from kernel_guard.wire.released import ReleasedTable, read_release, write_release

T = ColumnType
NAME = "clinic"
ARROW = {
    T.INTEGER: pa.int64(), T.FLOAT: pa.float64(), T.BOOLEAN: pa.bool_(), T.DATE: pa.date32(),
    T.STRING: pa.string(), T.DATETIME: pa.timestamp("us"),
}  # fmt: skip


def categories(*values: Any) -> tuple[Category, ...]:
    return tuple(Category(v) for v in values)


PERSON = Table(
    "person",
    TableKind.PATIENT,
    (
        Column("pid", T.INTEGER, nullable=False),
        Column("sex", T.STRING, categories=categories("f", "m")),
        Column("site", T.INTEGER, categories=categories(1, 2, 3, 4)),
        Column("smoker", T.BOOLEAN, categories=categories(False, True)),
        Column("born", T.DATE, lower="1900-01-01", upper="2030-12-31"),
        Column("age", T.INTEGER, lower=0, upper=120, step=1),
        Column("cost", T.FLOAT, lower=-1000, upper=1_000_000),
        Column("weight", T.FLOAT, lower=0, upper=300, step=0.5),
    ),
    "pid",
)
VISIT = Table(
    "visit",
    TableKind.EVENT,
    (
        Column("pid", T.INTEGER, nullable=False),
        Column("ward", T.STRING, categories=categories("a", "b", "c")),
        Column("at", T.DATE, lower="2000-01-01", upper="2030-12-31"),
        Column("paid", T.FLOAT, lower=0, upper=10_000),
    ),
    "pid",
)
Rows = Sequence[Mapping[str, Any]]


@dataclass
class Clinic:
    """A vault over a study `clinic`; `left` holds every byte that a question brought out."""

    gate: Gate
    token: str
    settings: Path
    left: list[bytes] = field(default_factory=list)

    def ask(self, plan: Aggregate, token: str | None = None) -> dict[str, Any] | KernelGuardError:
        """The statement of an exact answer, or the refusal; what left is kept."""
        try:
            sealed = self.gate.release(token or self.token, Ask(plan, Route.SDC))
        except KernelGuardError as error:
            self.left.append(json.dumps(error.public(), ensure_ascii=False).encode())
            return error
        data = write_release(sealed.statement, sealed.envelope)
        self.left += [data, json.dumps(sealed.statement, ensure_ascii=False).encode()]
        return sealed.statement

    def cells(self, plan: Aggregate) -> dict[tuple[Any, ...], Any] | None:
        """Keys → values of the answer; None when it was refused."""
        statement = self.ask(plan)
        if isinstance(statement, KernelGuardError):
            return None
        table = read_release(self.left[-2]).table.to_pylist()
        keys = [c["name"] for c in statement["columns"] if c["role"] == "key"]
        values = [c["name"] for c in statement["columns"] if c["role"] == "value"]
        return {tuple(row[k] for k in keys): tuple(row[v] for v in values) for row in table}

    @property
    def everything(self) -> bytes:
        """All that left, without ids, hashes and signatures: they hold any three digits sooner or later."""
        return re.sub(rb"[A-Za-z0-9+/=_-]{20,}", b"", b"\n".join(self.left))

    def replace(self, person: Rows, visit: Rows = (), version: str = "v2") -> None:
        """A later version of the data."""
        with opened(self.settings) as parts:
            policy = parts.registry.get(NAME).policy
            _put(parts, self.settings, person, visit, version, policy)


@contextmanager
def clinic(person: Rows, visit: Rows = (), **policy: Any) -> Iterator[Clinic]:
    """A vault over these rows, with a policy that opens the exact route."""
    with tempfile.TemporaryDirectory(prefix="kgx-") as folder:
        settings = init_folder(Path(folder))
        checked = DatasetPolicy.from_json({"routes": ["sdc", "dp"], **policy})
        with opened(settings) as parts:
            _put(parts, settings, person, visit, "v1", checked)
            parts.ledger.allot(Scope.of_study(NAME), checked.dataset_budget, by="steward")
        token = add_grant(settings, user="ana", project="p1", studies=[NAME], purpose="tests", days=1)
        gate = open_gate(load_config(settings))
        try:
            yield Clinic(gate, token, settings)
        finally:
            gate.close()


def _put(parts: Any, settings: Path, person: Rows, visit: Rows, version: str, policy: DatasetPolicy) -> None:
    folder = settings.parent / "data" / NAME / version
    folder.mkdir(parents=True)
    for table, rows in ((PERSON, person), (VISIT, visit)):
        schema = pa.schema([(c.name, ARROW[c.type]) for c in table.columns])
        filled = [{c.name: row.get(c.name) for c in table.columns} for row in rows]
        pq.write_table(pa.Table.from_pylist(filled, schema=schema), folder / f"{table.name}.parquet")
    parts.registry.put(Study(NAME, "A clinic", (PERSON, VISIT), version), policy, by=f"steward {utc_now():%Y}")


def population(number: int = 240, **changed: Any) -> list[dict[str, Any]]:
    """People spread evenly over sex, site and smoking; `changed` gives columns of one's own, by pid."""
    made = []
    for pid in range(1, number + 1):
        row = {
            "pid": pid, "sex": "fm"[pid % 2], "site": 1 + pid // 2 % 4, "smoker": pid // 8 % 2 == 0,
            "born": None, "age": 20 + pid * 7 % 60, "cost": 100.0 + pid * 13 % 97, "weight": 50.0 + pid * 11 % 60,
        }  # fmt: skip
        made.append({**row, **{name: f(pid) for name, f in changed.items()}})
    return made


class Socket:
    """A client's way to a clinic, without a process between them."""

    def __init__(self, clinic: Clinic) -> None:
        self._clinic = clinic

    def get_json(self, path: str) -> dict[str, Any]:
        gate, token = self._clinic.gate, self._clinic.token
        if path.endswith("/repairs"):
            return {"repairs": json.loads(json.dumps(gate.repairs(token, path.split("/")[-2])))}
        if path == "/v1/budget":
            return {"budgets": gate.budgets(token)}
        return {"studies": [encode(s) for s in gate.studies(token)]}

    def post_json(self, path: str, body: bytes) -> dict[str, Any]:
        return self._clinic.gate.quote(self._clinic.token, loads_question(body))

    def post_arrow(self, path: str, body: bytes) -> ReleasedTable:
        try:
            sealed = self._clinic.gate.release(self._clinic.token, loads_question(body))
        except KernelGuardError as error:
            raise from_public(json.loads(json.dumps(error.public()))) from None
        return read_release(write_release(sealed.statement, sealed.envelope))

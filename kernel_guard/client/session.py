"""The way in: a session with the vault, the studies of one's grant, and the tables of a study.

- Inside the sandbox the session speaks over the one inherited socket; it holds no token.
- Opening a study fetches its schema, never a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kernel_guard.client import display
from kernel_guard.client.errors import explain_missing
from kernel_guard.client.frame import Frame
from kernel_guard.client.quote import left_text
from kernel_guard.client.scope import Scope, Transport
from kernel_guard.errors import NotFound
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema
from kernel_guard.plan.codec import study_from_json


class Session:
    """A conversation with one vault.

    >>> session.open("demo").title
    'A small demonstration'
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def studies(self) -> Studies:
        """The studies that your grant covers.

        >>> session.studies()
        study  title                  patients’ tables  data
        demo   A small demonstration  2                 synthetic
        """
        listed = self._transport.get_json("/v1/studies").get("studies", [])
        return Studies([study_from_json(entry) for entry in listed])

    def open(self, name: str) -> Study:
        """A study by name."""
        found = self.studies()
        for study in found:
            if study.name == name:
                return Study(self._transport, study)
        raise NotFound(
            f"There is no study {name!r} for you here.",
            hint=schema.suggest(name, [s.name for s in found]) if len(found) else "Ask the data steward for a grant.",
            details={"study": name},
        )

    def protected_objects(self) -> ProtectedObjects:
        """What your project's protected code handed over to a checker, and what was decided."""
        return ProtectedObjects(self._transport.get_json("/v1/protected").get("objects", []))

    def budget(self) -> Budgets:
        """What is granted, spent and left.

        >>> session.budget().left("demo")
        '9.5'
        """
        return Budgets(self._transport.get_json("/v1/budget").get("budgets", []))


class Study:
    """A protected data set as seen from outside: tables by name, `study["person"]` or `study.person`.

    >>> study.tables
    ['person', 'visit', 'concept']
    """

    def __init__(self, transport: Transport, declared: schema.Study) -> None:
        self._transport = transport
        self._declared = declared

    @property
    def name(self) -> str:
        return self._declared.name

    @property
    def title(self) -> str:
        return self._declared.title

    @property
    def synthetic(self) -> bool:
        """Whether the patients are made up."""
        return self._declared.synthetic

    @property
    def tables(self) -> list[str]:
        return [t.name for t in self._declared.tables]

    def budget(self) -> Budgets:
        """What is left for this study."""
        return Budgets([b for b in Session(self._transport).budget() if b.get("study") == self.name])

    def __getitem__(self, name: str) -> Frame:
        self._declared.table(name)
        return Frame(Scope(self._transport, self._declared, rel.Source(self.name, name)))

    def __getattr__(self, name: str) -> Frame:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.tables:
            return self[name]
        raise explain_missing("study", name, ["tables", "budget", *self.tables])

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.tables]

    def _ipython_key_completions_(self) -> list[str]:
        return self.tables

    def _about(self) -> str:
        data = "synthetic patients" if self.synthetic else "protected patients"
        return f"{data}; privacy unit: {self._declared.privacy_unit}; data version {self._declared.version}"

    def _rows(self) -> list[tuple[object, ...]]:
        return [(t.name, t.kind, len(t.columns), t.description) for t in self._declared.tables]

    def __repr__(self) -> str:
        head = f"{self.name}: {self.title}\n  {self._about()}"
        return f"{head}\n{display.text_table(_TABLES, self._rows())}"

    def _repr_html_(self) -> str:
        about = display.line(self._declared.description) if self._declared.description else ""
        table = display.html_table(_TABLES, self._rows())
        return display.box(f"{self.name}: {self.title}", about, display.line(self._about()), table)


_TABLES = ("table", "kind", "columns", "meaning")


class Studies(list[schema.Study]):
    """Studies, shown as a table."""

    _HEAD = ("study", "title", "patients’ tables", "data")

    def _rows(self) -> list[tuple[object, ...]]:
        return [
            (s.name, s.title, sum(t.kind is not schema.TableKind.REFERENCE for t in s.tables),
             "synthetic" if s.synthetic else "protected")
            for s in self
        ]  # fmt: skip

    def __repr__(self) -> str:
        return display.text_table(self._HEAD, self._rows())

    def _repr_html_(self) -> str:
        return display.box("Studies", display.html_table(self._HEAD, self._rows()))


class Budgets(list[dict[str, Any]]):
    """Budgets as the vault states them, shown as a table."""

    _HEAD = ("study", "project", "left", "spent", "routes", "until")

    def left(self, study: str) -> str:
        """The ε left for a study, as the vault writes it."""
        for budget in self:
            if budget.get("study") == study:
                return str(budget["epsilon"]["left"])
        raise NotFound(f"There is no budget for {study!r}.", hint="kg.studies() lists what your grant covers.")

    def routes(self, study: str) -> list[str]:
        """The routes open for a study: "dp", "sdc"."""
        return [str(r) for b in self if b.get("study") == study for r in b.get("routes", [])]

    def _rows(self) -> Iterator[tuple[object, ...]]:
        for b in self:
            spent = f"ε {display.amount(b['epsilon']['spent'])}"
            yield (b["study"], b["project"], left_text(b), spent, ", ".join(b.get("routes", [])), b.get("expires", ""))

    def __repr__(self) -> str:
        return display.text_table(self._HEAD, self._rows())

    def _repr_html_(self) -> str:
        return display.box("Privacy budget", display.html_table(self._HEAD, self._rows()))


class ProtectedObjects(list[dict[str, Any]]):
    """What protected code handed over, shown as a table: names and states, no more."""

    _HEAD = ("name", "study", "state", "reason", "release", "created")

    def _rows(self) -> list[tuple[object, ...]]:
        return [tuple(item.get(key) or "" for key in self._HEAD) for item in self]

    def __repr__(self) -> str:
        return display.text_table(self._HEAD, self._rows())

    def _repr_html_(self) -> str:
        return display.box("Protected code", display.html_table(self._HEAD, self._rows()))


_default: Session | None = None


def connect(transport: Transport | None = None) -> Session:
    """A session over `transport`; without one, over the socket that the guarded kernel inherited."""
    global _default
    if transport is None:
        from kernel_guard.wire.http import open_inherited

        transport = open_inherited()
    _default = Session(transport)
    return _default


def _session() -> Session:
    return _default if _default is not None else connect()


def open(name: str) -> Study:
    """Open a study: its schema, and the way to ask about it."""
    return _session().open(name)


def studies() -> Studies:
    """The studies that your grant covers."""
    return _session().studies()


def protected_objects() -> ProtectedObjects:
    """What your project's protected code handed over to a checker, and what was decided."""
    return _session().protected_objects()


def budget() -> Budgets:
    """What is granted, spent and left of your privacy budget."""
    return _session().budget()

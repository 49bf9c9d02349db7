"""A frame: the pandas verbs over protected rows, as an immutable builder of plans.

- No row is ever here. A verb makes a new frame, checked against the schema at once; an aggregate makes a `Query`.
- The patient key is always there without being selected; merges are on it.
- What pandas can do and this cannot is answered with the reason and the nearest thing that can be done.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, overload

from kernel_guard.client import display
from kernel_guard.client.asking import Asking
from kernel_guard.client.column import Column, PatientKey, column_of
from kernel_guard.client.errors import explain_missing
from kernel_guard.client.literals import plain
from kernel_guard.client.reductions import reduction
from kernel_guard.client.scope import Scope, descends
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema as declared
from kernel_guard.plan.words import relation as in_words

if TYPE_CHECKING:
    from kernel_guard.client.mock import MockFrame


class Frame(Asking):
    """Rows of a study that can be asked about and not seen.

    >>> old = person[person["year_of_birth"] < 1950]
    >>> old.count_patients().words
    'Number of patients, of person where year_of_birth < 1950.'
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    # --- looking

    @property
    def columns(self) -> list[str]:
        """Names of the columns that may be asked about.

        >>> person[["sex", "smoker"]].columns
        ['sex', 'smoker']
        """
        return [c.name for c in self._schema() if not c.blocked]

    @property
    def dtypes(self) -> dict[str, str]:
        """Column → declared type.

        >>> person[["sex", "weight"]].dtypes
        {'sex': 'string', 'weight': 'float'}
        """
        return {c.name: str(c.type) for c in self._schema() if not c.blocked}

    @property
    def blocked(self) -> dict[str, str]:
        """Column → why it cannot be asked about.

        >>> person.blocked
        {'name': 'direct identifier'}
        """
        return {c.name: c.blocked_reason for c in self._schema() if c.blocked}

    def schema(self, name: str) -> declared.Column:
        """What is declared about a column: type, meaning, bounds, categories.

        >>> person.schema("year_of_birth").lower
        1900
        """
        return self._table.column(name) if self._reference else self._scope.column(name)

    def mock(self, rows: int = 20, seed: int = 0) -> MockFrame:
        """Mock rows made from the schema alone, run through this frame's verbs: to try code on. Marked as mock.

        >>> person[person["sex"] == "F"].mock(3)["sex"].tolist()
        ['F', 'F', 'F']
        """
        from kernel_guard.client.mock import mock_rows

        return mock_rows(self._scope.study, self._scope.relation, self.columns, rows, seed)

    # --- selecting and deriving

    @overload
    def __getitem__(self, key: str) -> Column: ...
    @overload
    def __getitem__(self, key: Column) -> Frame: ...
    @overload
    def __getitem__(self, key: list[str]) -> Frame: ...
    def __getitem__(self, key: object) -> Column | Frame | PatientKey:
        if isinstance(key, str):
            return column_of(self._scope, key)
        if isinstance(key, Column):
            return self._filter(key)
        if isinstance(key, (list, tuple)) and all(isinstance(k, str) for k in key):
            return self._select([str(k) for k in key])
        raise PlanError(
            "A frame is indexed by a column name, a list of names, or a condition.",
            hint="frame['a'], frame[['a', 'b']], frame[frame['a'] > 1]. Rows have no positions here.",
        )

    def derive(self, **named: object) -> Frame:
        """Add columns: expressions, constants, or functions of the frame.

        >>> person.derive(age=2020 - person["year_of_birth"]).schema("age").upper
        120.0
        """
        frame = self
        for name, value in named.items():
            frame = Frame(frame._derive(name, value(frame) if callable(value) else value))
        return frame

    assign = derive

    def merge(self, other: Frame, how: Literal["inner", "left"] = "inner", on: str | None = None) -> Frame:
        """Add the columns of the same patient in `other`, which must have one row per patient.

        >>> stays = visit.per_patient(stays="count")
        >>> person.merge(stays, how="left").columns[-1]
        'stays'
        """
        if not isinstance(other, Frame):
            raise PlanError(
                "A frame can only be merged with a frame.", hint="person.merge(events.per_patient(n='count'))"
            )
        key = self._scope.shape.patient_key
        if on not in (None, key):
            raise PlanError(f"Merges are on the patient key {key!r}.", hint="Leave out on=.")
        if how not in ("inner", "left"):
            raise PlanError(f"A merge is 'inner' or 'left', not {how!r}.", hint="Swap the frames for a right merge.")
        visible = None
        if self._scope.visible is not None or other._scope.visible is not None:
            visible = tuple(n for n in (*self.columns, *other.columns) if n != other._scope.shape.patient_key)
        joined = rel.Join(self._scope.relation, other._scope.relation, how)
        return Frame(replace(self._scope, visible=None).on(joined).show(visible))

    def per_patient(self, **reductions: object) -> Frame:
        """Reduce to one row per patient.

        - `n="count"`, `n=("count", 20)` (at most 20), `had="exists"`
        - `total=("sum", "cost")`, likewise `mean`, `min`, `max` (of a column with bounds)
        - `last=("last", "value", "date")`, likewise `first`; the date may be left out where there is only one

        >>> visit.per_patient(stays="count", paid=("sum", "cost")).columns
        ['person_id', 'stays', 'paid']
        """
        made = tuple(reduction(self._scope, name, spec) for name, spec in reductions.items())
        return Frame(replace(self._scope, visible=None).on(rel.PerPatient(self._scope.relation, made)))

    # --- protocol

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        known = {c.name for c in self._schema()}
        if name in known:
            return self[name]
        raise explain_missing("frame", name, [n for n in dir(type(self)) if not n.startswith("_")] + sorted(known))

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns]

    def _ipython_key_completions_(self) -> list[str]:
        return self.columns

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __len__(self) -> int:
        raise explain_missing("frame", "len", [])

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Any:
        return iter(self.columns)

    def __repr__(self) -> str:
        return display.card_text(*self._card())

    def _repr_html_(self) -> str:
        return display.card_html(*self._card())

    # --- building

    @property
    def _reference(self) -> bool:
        """Whether this is a public table without patients, which can be looked at and not asked."""
        source = self._scope.relation
        return isinstance(source, rel.Source) and self._table.patient_key is None

    @property
    def _table(self) -> declared.Table:
        assert isinstance(self._scope.relation, rel.Source)
        return self._scope.study.table(self._scope.relation.table)

    def _schema(self) -> list[declared.Column]:
        if self._reference:
            return list(self._table.columns)
        if self._scope.visible is not None:
            return self._scope.columns()
        return list(self._scope.shape.columns)

    def _filter(self, condition: Column) -> Frame:
        if not descends(self._scope.relation, condition._scope.relation):
            raise PlanError(
                "This condition was written for another frame.",
                hint="Use the frame's own columns: frame[frame['a'] > 1], or frame.derive(…) first.",
            )
        return Frame(self._scope.on(rel.Filter(self._scope.relation, condition._open())))

    def _select(self, names: list[str]) -> Frame:
        for name in names:
            self.schema(name)
        return Frame(self._scope.show(tuple(dict.fromkeys(names))))

    def _derive(self, name: str, value: object) -> Scope:
        if isinstance(value, PatientKey):
            value._refuse()
        if not isinstance(value, Column):
            return self._scope.derive(name, ex.Literal(plain(value)), None)
        if not descends(self._scope.relation, value._scope.relation):
            raise PlanError(
                f"The expression for {name!r} was written for another frame.",
                hint="Use the frame's own columns, or a function: frame.derive(x=lambda f: f['a'] + 1).",
            )
        return self._scope.derive(name, value._node, value._bounds)

    def _card(self) -> tuple[str, list[str], list[declared.Column], str | None]:
        study, source = self._scope.study, self._scope.relation
        if isinstance(source, rel.Source):
            table = self._table
            return f"{study.name}.{table.name}", [table.description, _kind(table)], self._schema(), table.patient_key
        shape = self._scope.shape
        rows = "one row per patient" if shape.one_row_per_patient else "many rows per patient"
        return f"{study.name}: derived frame", [in_words(source), rows], self._schema(), shape.patient_key


def _kind(table: declared.Table) -> str:
    match table.kind:
        case declared.TableKind.PATIENT:
            return "patient table: one row per patient"
        case declared.TableKind.EVENT:
            most = table.max_rows_per_patient
            return "event table: many rows per patient" + (f", at most {most:,} count" if most else "")
    return "reference table: public, without patients"

"""Where an expression or a question stands: a relation of one study, and the way to its vault.

- Immutable: every verb makes a new scope. Nothing here asks the vault anything.
- A selection hides columns here; the plan itself carries no projection.
- An expression may only be used on rows that descend from the rows it was written for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

from kernel_guard.errors import PlanError, UnknownColumn
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema
from kernel_guard.plan.expressions import Expression
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import shape_of
from kernel_guard.wire.released import ReleasedTable


class Transport(Protocol):
    """What a session needs of a way to the vault; `kernel_guard.wire.http.VaultClient` is one."""

    def get_json(self, path: str) -> dict[str, Any]: ...

    def post_json(self, path: str, body: bytes) -> dict[str, Any]: ...

    def post_arrow(self, path: str, body: bytes) -> ReleasedTable: ...


@dataclass(frozen=True)
class Bounds:
    """Declared bounds of a derived column, from `.clip()`."""

    lower: float
    upper: float
    step: float | None = None


@dataclass(frozen=True, eq=False)
class Scope:
    """A relation over a study; `visible` names the selected columns (None: all)."""

    transport: Transport
    study: schema.Study
    relation: rel.Relation
    visible: tuple[str, ...] | None = None

    @cached_property
    def shape(self) -> Shape:
        """Schema of the relation, patient key and bounds, inferred without the vault."""
        return shape_of(self.relation, self.study)

    def columns(self) -> list[schema.Column]:
        """Visible columns that may be asked about, in order."""
        usable = [c for c in self.shape.columns if not c.blocked]
        if self.visible is None:
            return usable
        found = {c.name: c for c in usable}
        return [found[name] for name in self.visible]

    def column(self, name: str) -> schema.Column:
        """A visible column by name, or an error that says what there is."""
        column = self.shape.column(name)
        if self.visible is not None and name not in (*self.visible, self.shape.patient_key):
            raise UnknownColumn(
                f"Column {name!r} was left out by a selection.",
                hint="It has: " + ", ".join(self.visible) + ". Select it too, or filter before you select.",
                details={"column": name},
            )
        return column

    def on(self, relation: rel.Relation, *more: str) -> Scope:
        """The scope of a relation built on this one; `more` columns become visible. Checked at once."""
        visible = None if self.visible is None else (*self.visible, *more)
        scope = replace(self, relation=relation, visible=visible)
        scope.shape  # noqa: B018 - an impossible relation is refused where it is written
        return scope

    def derive(self, name: str, node: Expression, bounds: Bounds | None) -> Scope:
        """This scope with one more column."""
        derived = rel.Derive(self.relation, name, node)
        if bounds is not None:
            derived = replace(derived, lower=bounds.lower, upper=bounds.upper, step=bounds.step)
        return self.on(derived, name)

    def show(self, visible: tuple[str, ...] | None) -> Scope:
        """The same rows with other columns selected."""
        return replace(self, visible=visible)

    def fresh(self, wish: str) -> str:
        """A column name that is not taken yet, close to `wish`."""
        taken = {c.name for c in self.shape.columns}
        clean = "".join(c if c.isalnum() or c == "_" else "_" for c in wish)[:56] or "value"
        name, number = clean if clean.isidentifier() else f"value_{clean}", 2
        while name in taken:
            name, number = f"{clean}_{number}", number + 1
        return name


def meet(one: Scope, other: Scope) -> Scope:
    """The scope in which columns of both can be used together."""
    if descends(one.relation, other.relation):
        return one
    if descends(other.relation, one.relation):
        return other
    raise PlanError(
        "These columns come from different frames.",
        hint="Merge the frames first, then use the columns of the merged one: both = a.merge(b).",
    )


def descends(relation: rel.Relation, ancestor: rel.Relation) -> bool:
    """Whether rows of `relation` carry the columns of `ancestor` unchanged."""
    pending = [relation]
    while pending:
        node = pending.pop()
        if node == ancestor:
            return True
        if isinstance(node, (rel.Filter, rel.Derive)):
            pending.append(node.source)
        elif isinstance(node, rel.Join):
            pending.extend((node.left, node.right))
    return False

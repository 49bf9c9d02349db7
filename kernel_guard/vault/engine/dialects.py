"""What differs between the engines' SQL: a compiler, and three functions for each.

- Queries are written once, with functions of this file where databases disagree; `Dialect.sql` puts each one's own in.
- None of the functions can fail, whatever its arguments: see the table for how.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import sqlglot
from ibis.backends.sql.compilers import DuckDBCompiler, PostgresCompiler, PySparkCompiler

from kernel_guard.plan.expressions import Value

Build = Callable[..., Any]
HELPERS = "kernel_guard"  # schema of PostgreSQL that holds the two functions below


@ibis.udf.scalar.builtin(name="kg_whole_divide")  # type: ignore[untyped-decorator]
def whole_divide(a: int, b: int) -> int:
    """Integer division towards zero, without a detour over floats; b is above zero."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_wide", signature=(("int64",), "decimal(38, 0)"))
def wide(a):  # type: ignore[no-untyped-def]
    """A whole number whose sums cannot overflow."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_code")  # type: ignore[untyped-decorator]
def code(a: int) -> int:
    """A patient's code, or the place of a row: 32 bits without a sign where the database has such."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_multiply")  # type: ignore[untyped-decorator]
def multiply(a: float, b: float) -> float:
    """a · b of finite floats; too small is 0, too large is anything beyond ±1e300."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_divide")  # type: ignore[untyped-decorator]
def divide(a: float, b: float) -> float:
    """a / b of finite floats with b ≠ 0; too small is 0, too large is anything beyond ±1e300."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_in_steps")  # type: ignore[untyped-decorator]
def in_steps(a: float, step: float) -> float:
    """a / step for a constant step; anything within ±1/4 may be 0."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_binary")  # type: ignore[untyped-decorator]
def binary(text: str) -> str:
    """A text that is ordered by its code points."""
    raise AssertionError("written as SQL, never called")


@ibis.udf.scalar.builtin(name="kg_sha256")  # type: ignore[untyped-decorator]
def sha256(text: str) -> str:
    """The SHA-256 digest of a text's UTF-8 bytes, in lower-case hexadecimal."""
    raise AssertionError("written as SQL, never called")


def member(column: Any, values: Sequence[Value]) -> Any:
    """Whether a column has one of many values; Ibis takes a quarter of a second over a thousand of them."""
    kind = str(column.type()).lstrip("!")

    @ibis.udf.scalar.builtin(name="kg_member", signature=((kind, "string"), "boolean"))
    def found(one, listed):  # type: ignore[no-untyped-def]
        raise AssertionError("written as SQL, never called")

    return found(column, json.dumps(values))


def _is_one_of(column: Any, listed: Any) -> Any:
    return sqlglot.exp.In(this=column, expressions=[sqlglot.exp.convert(v) for v in json.loads(listed.this)])


def distinct(listed: Any) -> Any:
    """A list without its repetitions; its values are not missing. Ibis looks for missing ones."""
    kind = str(listed.type()).lstrip("!")

    @ibis.udf.scalar.builtin(name="list_distinct", signature=((kind,), kind))
    def found(one):  # type: ignore[no-untyped-def]
        raise AssertionError("the database's own, never called")

    return found(listed)


def cut(number: Any, edges: Sequence[float], labels: Sequence[str]) -> Any:
    """The label of the interval [edge, next edge) that a float is in, the last one closed; missing outside."""
    kind = str(number.type()).lstrip("!")

    @ibis.udf.scalar.builtin(name="kg_cut", signature=((kind, "string"), "string"))
    def found(one, listed):  # type: ignore[no-untyped-def]
        raise AssertionError("written as SQL, never called")

    return found(number, json.dumps([edges, labels]))


# A cut mentions its number once: databases put what a name stands for in each of its places, and deep arithmetic in 600
# of them takes minutes to plan. PostgreSQL can search a sorted array; the others name an array's only element.


def _bucket(number: Any, listed: Any) -> Any:
    edges, labels = json.loads(listed.this)
    ends = [*edges[:-1], math.nextafter(edges[-1], math.inf)]
    array = sqlglot.exp.Literal.string("{" + ",".join(map(repr, ends)) + "}")
    place = sqlglot.exp.func("width_bucket", number, sqlglot.exp.cast(array, "double precision[]", dialect="postgres"))
    named = sqlglot.exp.Array(expressions=[sqlglot.exp.convert(label) for label in labels])
    return sqlglot.exp.Bracket(this=sqlglot.exp.paren(named), expressions=[place], offset=1)


def _searched(template: str, dialect: str) -> Build:
    """A cut by comparisons, each of which halves what is left; `template` names :a x and has :b in terms of x."""
    named = _template(template, dialect)

    def build(number: Any, listed: Any) -> Any:
        edges, labels = json.loads(listed.this)
        ends = [*edges[:-1], math.nextafter(edges[-1], math.inf)]
        return named(number, _halving(ends, [None, *labels, None]))

    return build


def _halving(ends: list[float], labels: list[str | None]) -> Any:
    """The label of x among `labels`, between which are `ends`."""
    if not ends:
        return sqlglot.exp.convert(labels[0])
    middle = len(ends) // 2
    below = _halving(ends[:middle], labels[: middle + 1])
    above = _halving(ends[middle + 1 :], labels[middle + 1 :])
    end = sqlglot.exp.cast(sqlglot.exp.Literal.string(repr(ends[middle])), "double")
    test = sqlglot.exp.LT(this=sqlglot.exp.column("x"), expression=end)
    return sqlglot.exp.Case(ifs=[sqlglot.exp.If(this=test, true=below)], default=above)


def _template(sql: str, dialect: str) -> Build:
    """SQL with :a and :b in place of arguments."""
    parsed = sqlglot.parse_one(sql, dialect=dialect)

    def build(*arguments: Any) -> Any:
        names = dict(zip("ab", map(sqlglot.exp.paren, arguments), strict=False))
        return parsed.transform(
            lambda node: names[node.name].copy() if isinstance(node, sqlglot.exp.Placeholder) else node
        )

    return build


def _functions(dialect: str, **templates: str) -> Mapping[str, Build]:
    made = {f"kg_{name}": _template(sql, dialect) for name, sql in templates.items()}
    return made | {"kg_member": _is_one_of, "kg_cut": _CUTS[dialect]}


_CUTS = {
    "duckdb": _searched("list_transform([:a], lambda x: :b)[1]", "duckdb"),
    "postgres": _bucket,
    "spark": _searched("transform(array(:a), x -> :b)[0]", "spark"),
}


@dataclass(frozen=True)
class Dialect:
    """One database's SQL.

    - recompute: whether what was not grouped is read again rather than kept for a second use
    - largest: whether `max(x, n)` gives the n largest values of a group
    - lists: whether a list for each patient is cheaper than a row for each patient and cell
    """

    name: str
    compiler: Callable[[], Any]
    functions: Mapping[str, Build]
    recompute: bool
    largest: bool = False
    lists: bool = False

    def sql(self, query: Any) -> str:
        """A query as SQL text."""
        tree = self.compiler().to_sqlglot(query).copy()  # a copy, because Ibis hangs one node into several places
        # Deepest first, so that an argument has its own functions in place before it moves.
        for node in reversed(list(tree.find_all(sqlglot.exp.Anonymous))):
            if build := self.functions.get(node.name.lower()):
                node.replace(sqlglot.exp.paren(build(*node.expressions)))
        for shared in tree.find_all(sqlglot.exp.CTE) if self.recompute else ():
            if not shared.find(sqlglot.exp.Group):
                shared.set("materialized", False)
        return str(tree.sql(dialect=self.name))


def _spark() -> Any:
    # Ibis reads an option that exists only once its Spark backend has been looked up.
    assert ibis.pyspark
    return PySparkCompiler()


DUCKDB = Dialect(
    "duckdb",
    DuckDBCompiler,
    _functions(
        "duckdb",
        whole_divide="divide(:a, :b)",
        wide=":a",
        code="CAST(:a AS UINTEGER)",
        multiply=":a * :b",
        divide=":a / :b",
        in_steps=":a / :b",
        binary=":a",
        sha256="sha256(:a)",
    ),
    recompute=True,
    largest=True,
    lists=True,
)
# PostgreSQL raises an error where a product or a quotient of floats leaves their range, at either end.
POSTGRES = Dialect(
    "postgres",
    PostgresCompiler,
    _functions(
        "postgres",
        whole_divide="CAST(:a AS BIGINT) / CAST(:b AS BIGINT)",
        wide=":a",
        code="CAST(:a AS BIGINT)",
        multiply=f"{HELPERS}.multiply(:a, :b)",
        divide=f"{HELPERS}.divide(:a, :b)",
        in_steps="CASE WHEN abs(:a) < :b / 4.0 THEN 0.0 ELSE :a / :b END",
        binary=':a COLLATE "C"',
        sha256="encode(sha256(convert_to(:a, 'UTF8')), 'hex')",
    ),
    recompute=True,
)
SPARK = Dialect(
    "spark",
    _spark,
    _functions(
        "spark",
        whole_divide="CAST(:a AS BIGINT) DIV CAST(:b AS BIGINT)",
        wide="CAST(:a AS DECIMAL(20, 0))",
        code="CAST(:a AS BIGINT)",
        multiply=":a * :b",
        divide=":a / :b",
        in_steps=":a / :b",
        binary=":a",
        sha256="sha2(:a, 256)",
    ),
    recompute=False,
)

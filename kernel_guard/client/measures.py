"""From a scope and a column name to a query: one small function for each measure.

- Keys get their declared values here, so that empty groups appear and no key is learnt from data.
- Measures are named after what they say: `patients`, `rows`, `mean_age`, `q90_age`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kernel_guard.client.query import Query
from kernel_guard.client.scope import Scope
from kernel_guard.errors import PlanError
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.schema import ColumnType, Scalar

Keys = Mapping[str, tuple[Scalar, ...]]


def rows(scope: Scope, keys: Keys | None = None) -> Query:
    return _ask(scope, agg.CountRows(_name("rows", keys)), keys)


def patients(scope: Scope, keys: Keys | None = None) -> Query:
    """In each group; of one key without declared values, those groups that enough patients are in."""
    if keys is not None and len(keys) == 1 and not next(iter(keys.values())):
        column = next(iter(keys))
        if undeclared(scope, column):
            return _ask(scope, agg.CommonValues(_name("patients", keys), column), None)
    return _ask(scope, agg.CountPatients(_name("patients", keys)), keys)


def mean(scope: Scope, column: str, keys: Keys | None = None) -> Query:
    return _ask(scope, agg.Mean(_name(f"mean_{column}", keys), column), keys)


def total(scope: Scope, column: str, keys: Keys | None = None) -> Query:
    return _ask(scope, agg.Sum(_name(f"sum_{column}", keys), column), keys)


def variance(scope: Scope, column: str, keys: Keys | None = None, *, root: bool = False) -> Query:
    return _ask(scope, agg.Variance(_name(f"{'std' if root else 'var'}_{column}", keys), column, root), keys)


def quantiles(scope: Scope, column: str, keys: Keys | None, qs: Iterable[float], *, interval: bool = True) -> Query:
    made = [agg.Quantile(_name(f"{_quantile_name(q)}_{column}", keys), column, float(q), interval) for q in qs]
    return Query(scope, tuple(made), _keys(keys))


def covariance(scope: Scope, column: str, keys: Keys | None, other: str, *, scaled: bool = False) -> Query:
    scope.column(other)
    name = f"{'corr' if scaled else 'cov'}_{column}_{other}"
    return _ask(scope, agg.Covariance(_name(name, keys), column, other, scaled), keys)


def distinct(scope: Scope, column: str, keys: Keys | None = None) -> Query:
    return _ask(scope, agg.CountDistinct(_name(f"distinct_{column}", keys), column), keys)


def top(scope: Scope, column: str, keys: Keys | None, k: int, values: Iterable[Scalar] | None) -> Query:
    """Of declared or given values; where there are none, of those that enough patients have."""
    if values is None and not keys and undeclared(scope, column):
        return _ask(scope, agg.CommonValues(_name("patients", {column: ()}), column, k), None)
    vocabulary = keys_of(scope, {column: values})[column]
    return _ask(scope, agg.TopK(_name("patients", keys), column, k, vocabulary), keys)


def rate(scope: Scope, events: str, time: str, per: float, keys: Keys | None = None) -> Query:
    scope.column(events), scope.column(time)
    return _ask(scope, agg.Rate(_name(f"rate_{events}", keys), events, time, float(per)), keys)


def survival(scope: Scope, time: str, event: str, at: Iterable[float], causes: Iterable[Scalar] | None,
             keys: Keys | None = None) -> Query:  # fmt: skip
    """Of a yes-or-no column, yes is the event; of any other, `causes` says which values are."""
    column = scope.column(event)
    scope.column(time)
    if causes is None and column.type is not ColumnType.BOOLEAN:
        raise PlanError(
            f"Which values of {event!r} are events?", hint="Say causes=['death']; every other value ends observation."
        )
    found = (True,) if causes is None else tuple(causes)
    name = "survival" if len(found) == 1 else "incidence"
    measure = agg.Survival(_name(name, keys), time, event, tuple(float(t) for t in at), found)
    return _ask(scope, measure, keys)


def counts(scope: Scope, columns: Iterable[str], unit: str | None = None, *, wide: int = 0,
           given: Keys | None = None, totals: bool = False) -> Query:  # fmt: skip
    """Counts keyed by declared categories: of patients where each has one row, of rows otherwise."""
    if unit is None:
        unit = "patients" if scope.shape.one_row_per_patient else "rows"
    if unit not in ("patients", "rows"):
        raise PlanError("Counts are of patients or of rows.", hint="Give unit='patients' or unit='rows'.")
    names = tuple(columns)
    if len(names) == 1 and not (given or {}).get(names[0]) and undeclared(scope, names[0]):
        return _found(scope, names[0], unit)
    columns = names
    keys = keys_of(scope, {c: (given or {}).get(c) for c in columns})
    make: type[agg.CountPatients] | type[agg.CountRows] = agg.CountPatients if unit == "patients" else agg.CountRows
    return Query(scope, (make(_name(unit, keys)),), _keys(keys), wide=wide, totals=totals)


def undeclared(scope: Scope, column: str) -> bool:
    """Whether a column's values are for the data to tell: none is declared, and they are texts or whole numbers."""
    if column == scope.shape.patient_key:
        return False
    found = scope.column(column)
    return found.categories is None and found.type in (ColumnType.STRING, ColumnType.INTEGER)


def _found(scope: Scope, column: str, unit: str) -> Query:
    """Values that nobody declared are counted in patients: a threshold protects patients, not rows."""
    if unit == "rows" and not scope.shape.one_row_per_patient:
        raise PlanError(
            f"The values of {column!r} are not declared: they can be found by patients, not by rows.",
            hint="Give unit='patients'; or ask the steward to declare the values.",
        )
    return _ask(scope, agg.CommonValues(_name("patients", {column: ()}), column), None)


def several(scope: Scope, named: Mapping[str, object], keys: Keys | None = None, *, wide: int = 0,
            totals: bool = False) -> Query:  # fmt: skip
    """The measures of `.agg(n="patients", mean_age=("age", "mean"))`."""
    made = tuple(_measure(scope, name, spec) for name, spec in named.items())
    return Query(scope, made, _keys(keys), wide=wide, totals=totals)


def keys_of(scope: Scope, wanted: Mapping[str, Iterable[Scalar] | None]) -> dict[str, tuple[Scalar, ...]]:
    """Each key with its public values: those given, or all that are declared."""
    found: dict[str, tuple[Scalar, ...]] = {}
    for name, values in wanted.items():
        column = scope.shape.column(name) if name == scope.shape.patient_key else scope.column(name)
        declared = tuple(c.value for c in column.categories or ())
        found[name] = tuple(values) if values is not None else declared
    return found


def _measure(scope: Scope, name: str, spec: object) -> agg.Measure:
    parts = (spec,) if isinstance(spec, str) else spec
    match parts:
        case ("patients",) | ("count_patients",):
            return agg.CountPatients(name)
        case ("rows",) | ("count",) | ("size",):
            return agg.CountRows(name)
        case (str(column), str(function), *rest):
            return _of_column(scope, name, column, function, rest)
    raise PlanError(
        f"The measure {name!r} is not understood.",
        hint=f"Write {name}='patients', {name}='rows' or {name}=('column', 'mean').",
    )


def _of_column(scope: Scope, name: str, column: str, function: str, rest: list[object]) -> agg.Measure:
    if function == "nunique" and column == scope.shape.patient_key:
        return agg.CountPatients(name)
    scope.column(column)
    match (function, rest):
        case ("mean", []):
            return agg.Mean(name, column)
        case ("sum", []):
            return agg.Sum(name, column)
        case ("var" | "std", []):
            return agg.Variance(name, column, function == "std")
        case ("nunique", []):
            return agg.CountDistinct(name, column)
        case ("cov" | "corr", [str(other)]):
            scope.column(other)
            return agg.Covariance(name, column, other, function == "corr")
        case ("rate", [str(time)]):
            scope.column(time)
            return agg.Rate(name, column, time)
        case ("rate", [str(time), int() | float() as per]):
            scope.column(time)
            return agg.Rate(name, column, time, float(per))
        case ("median", []):
            return agg.Quantile(name, column, interval=True)
        case ("quantile", [int() | float() as q]):
            return agg.Quantile(name, column, float(q), interval=True)
        case ("patients", []):
            return agg.CountPatients(name, column)
    raise PlanError(
        f"The measure {name!r} does not know {function!r}.",
        hint="There are 'mean', 'sum', 'var', 'std', 'median', 'nunique', 'patients' (with a value in it), and with "
        "more: ('column', 'quantile', 0.9), ('a', 'corr', 'b'), ('events', 'rate', 'years', 1000).",
    )


def _ask(scope: Scope, measure: agg.Measure, keys: Keys | None) -> Query:
    return Query(scope, (measure,), _keys(keys))


def _keys(keys: Keys | None) -> tuple[agg.Key, ...]:
    return tuple(agg.Key(name, values) for name, values in (keys or {}).items())


def _name(wish: str, keys: Keys | None) -> str:
    """A measure may not be called like a key."""
    name = wish[:60]
    while keys and name in keys:
        name = f"n_{name}"
    return name


def _quantile_name(q: float) -> str:
    if isinstance(q, bool) or not isinstance(q, (int, float)):
        raise PlanError("A quantile must lie between 0 and 1.", hint="The median is q=0.5.")
    return "median" if q == 0.5 else "q" + f"{q * 100:g}".replace(".", "_").replace("-", "_").replace("+", "")

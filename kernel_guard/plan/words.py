"""A plan in one plain English sentence, for the quote, the release and the reviewer."""

from __future__ import annotations

from collections.abc import Sequence

from kernel_guard.plan import aggregates as agg
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.composed import ComposedAsk, Question

_COMPARE = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "gt": ">", "ge": "≥"}
_ARITHMETIC = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷"}


def describe(plan: agg.Aggregate) -> str:
    """Such as: Number of patients by sex, of person where year_of_birth < 1950."""
    measures = " and ".join(_measure(m) for m in plan.measures)
    by = f" by {' and '.join(k.column for k in plan.by)}" if plan.by else ""
    text = f"{measures}{by}, of {relation(plan.source)}."
    return text[0].upper() + text[1:]


def question(asked: Question) -> str:
    """Any question; of several tables each by its name."""
    if not isinstance(asked, ComposedAsk):
        return describe(asked.plan)
    return " ".join(f"{t.name}: {describe(t.plan)}" for t in asked.tables)


def _measure(measure: agg.Measure) -> str:
    match measure:
        case agg.CountRows():
            return "number of rows"
        case agg.CountPatients():
            return "number of patients" + (f" with {measure.column}" if measure.column else "")
        case agg.Quantile():
            name = "median" if measure.q == 0.5 else f"{measure.q:g} quantile"
            return f"{name} of {measure.column}"
        case agg.Variance():
            return f"{'standard deviation' if measure.root else 'variance'} of {measure.column}"
        case agg.Covariance():
            return f"{'correlation' if measure.scaled else 'covariance'} of {measure.column} and {measure.other}"
        case agg.Rate():
            return f"rate of {measure.column} per {_unit(measure.per)}{measure.time}"
        case agg.CountDistinct():
            return f"number of distinct values of {measure.column}"
        case agg.TopK():
            return f"the {measure.k} most frequent of {len(measure.values)} values of {measure.column}, by patients"
        case agg.Survival():
            return _survival(measure)
        case agg.CommonValues():
            most = f"{measure.k} most frequent of the " if measure.k is not None else ""
            return f"the {most}values of {measure.column} that enough patients have, with their numbers of patients"
    return f"{type(measure).__name__.lower()} of {measure.column}"


def _unit(per: float) -> str:
    return "" if per == 1 else f"{per:,g} of "


def _survival(measure: agg.Survival) -> str:
    causes, ends = _some(measure.causes), f"{measure.edges[0]:g} to {measure.edges[-1]:g}"
    table = f"on {len(measure.edges)} times from {ends}, events {measure.event} in {causes}"
    name = "survival" if len(measure.causes) == 1 else "cumulative incidence"
    return f"{name} over {measure.column} {table}"


def _some(values: Sequence[object]) -> str:
    return f"{{{', '.join(map(str, values[:8])) + (' …' if len(values) > 8 else '')}}}"


def relation(node: rel.Relation) -> str:
    """A relation in words."""
    if isinstance(node, rel.Source):
        return node.table
    if isinstance(node, rel.Filter):
        joiner = " and " if isinstance(node.source, rel.Filter) else " where "
        return relation(node.source) + joiner + expression(node.predicate)
    if isinstance(node, rel.Derive):
        return f"{relation(node.source)} with {node.name} = {expression(node.expression)}"
    if isinstance(node, rel.Join):
        return f"{relation(node.left)} merged by patient with ({relation(node.right)})"
    made = ", ".join(f"{r.name} = {r.function}{f' of {r.column}' if r.column else ''}" for r in node.reductions)
    return f"patients in ({relation(node.source)}) with {made}"


def expression(node: ex.Expression) -> str:
    """An expression in words."""
    if isinstance(node, ex.ColumnRef):
        return node.name
    if isinstance(node, ex.Literal):
        return str(node.value)
    if isinstance(node, ex.Compare):
        return f"{expression(node.left)} {_COMPARE[node.operator]} {expression(node.right)}"
    if isinstance(node, (ex.And, ex.Or)):
        word = "and" if isinstance(node, ex.And) else "or"
        return f"({expression(node.left)} {word} {expression(node.right)})"
    if isinstance(node, ex.Not):
        return f"not ({expression(node.operand)})"
    if isinstance(node, ex.IsIn):
        return f"{expression(node.operand)} in {_some(node.values)}"
    if isinstance(node, ex.IsMissing):
        return f"{expression(node.operand)} is missing"
    if isinstance(node, ex.Arithmetic):
        return f"({expression(node.left)} {_ARITHMETIC[node.operator]} {expression(node.right)})"
    if isinstance(node, ex.DatePart):
        return f"{node.part} of {expression(node.operand)}"
    if isinstance(node, ex.DaysBetween):
        return f"days from {expression(node.start)} to {expression(node.end)}"
    if isinstance(node, ex.Case):
        return _case(node)
    return f"{expression(node.operand)} cut at {', '.join(f'{e:g}' for e in node.edges)}"


def _case(node: ex.Case) -> str:
    cases = [f"{label} where {expression(c)}" for c, label in zip(node.conditions, node.labels, strict=True)]
    shown = [*cases[:4], *([f"… ({len(cases) - 4} more)"] if len(cases) > 4 else [])]
    return f"({'; '.join(shown)}{f'; else {node.otherwise}' if node.otherwise is not None else ''})"

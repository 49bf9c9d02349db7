"""Plan values ↔ JSON, with a closed registry.

- A node is `{"node": "<ClassName>", …fields}`; only classes in the registry can be built, each field is checked
  against its annotation, an unknown or missing field is refused.
- Limits on depth, number of nodes and size hold before anything is built.
- Canonical bytes: sorted keys, no spaces, UTF-8, no NaN; the digest is their SHA-256.
- A fraction is the text "numerator/denominator"; an enum is its value; a tuple is a list.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import hashlib
import json
import math
import types
import typing
from fractions import Fraction
from typing import Any

from kernel_guard.errors import PlanError
from kernel_guard.plan import aggregates, composed, expressions, privacy, protected, relations, schema

VERSION = 1
MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_NODES = 20_000

_CLASSES: tuple[type, ...] = (
    expressions.ColumnRef, expressions.Literal, expressions.Compare, expressions.And, expressions.Or,
    expressions.Not, expressions.IsIn, expressions.IsMissing, expressions.Arithmetic, expressions.DatePart,
    expressions.DaysBetween, expressions.Cut, expressions.Case,
    relations.Source, relations.Filter, relations.Derive, relations.Join, relations.Reduction,
    relations.PerPatient,
    aggregates.CountRows, aggregates.CountPatients, aggregates.Sum, aggregates.Mean, aggregates.Quantile,
    aggregates.Variance, aggregates.Covariance, aggregates.Rate, aggregates.CountDistinct, aggregates.TopK,
    aggregates.Survival, aggregates.CommonValues, aggregates.Key, aggregates.Aggregate,
    privacy.Contribution, privacy.Ask, composed.NamedTable, composed.ComposedAsk,
    protected.TableUse, protected.Output, protected.SampleAndAggregate, protected.ProtectedAsk,
)  # fmt: skip
REGISTRY: dict[str, type] = {cls.__name__: cls for cls in _CLASSES}
# Schema values travel without a node tag: the field they stand in says what they are.
_UNTAGGED: tuple[type, ...] = (schema.Category, schema.Column, schema.Table, schema.Study)


def canonical_json(value: Any) -> bytes:
    """The one byte form of a JSON value, for digests and signatures."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(
        "utf-8", "strict"
    )


def digest(value: Any) -> str:
    """SHA-256 (hex) of a plan value, or of any JSON value, in canonical form."""
    return hashlib.sha256(canonical_json(encode(value))).hexdigest()


def encode(value: Any) -> Any:
    """A plan value as plain JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        body = {f.name: encode(getattr(value, f.name)) for f in dataclasses.fields(value)}
        if type(value) in _UNTAGGED:
            return body
        if type(value) not in _CLASSES:
            raise PlanError("This value is not part of the plan language.")
        return {"node": type(value).__name__, **body}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, (tuple, list)):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in value.items()}
    return value


def dumps_ask(ask: composed.Question) -> bytes:
    """A question with its version, ready to send."""
    return canonical_json({"version": VERSION, "ask": encode(ask)})


def loads_ask(body: bytes) -> privacy.Ask:
    """Parse and check an `Ask`; `PlanError` says which node is wrong."""
    return typing.cast(privacy.Ask, decode(privacy.Ask, _versioned(body)))


def loads_question(body: bytes) -> composed.Question:
    """Parse and check a question of either kind; `PlanError` says which node is wrong."""
    return question_from_json(_versioned(body))


def question_from_json(value: Any) -> composed.Question:
    """A question from the JSON of `encode`."""
    return typing.cast(composed.Question, decode(composed.Question, value))


def dumps_protected(ask: protected.ProtectedAsk) -> bytes:
    """A `ProtectedAsk` with its version, ready to send."""
    return canonical_json({"version": VERSION, "ask": encode(ask)})


def loads_protected(body: bytes) -> protected.ProtectedAsk:
    """Parse and check a `ProtectedAsk`; `PlanError` says what is wrong."""
    return typing.cast(protected.ProtectedAsk, decode(protected.ProtectedAsk, _versioned(body)))


def parse_json(body: bytes) -> Any:
    """JSON with the limits of this codec: size, depth, nodes, no NaN, no repeated keys."""
    if len(body) > MAX_BYTES:
        raise PlanError("The question is too large.", hint=f"At most {MAX_BYTES:,} bytes.")
    try:
        value = json.loads(body, parse_constant=_refuse, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise PlanError("The question is not valid JSON.") from None
    _check_limits(value)
    return value


def _versioned(body: bytes) -> Any:
    """The question in its envelope."""
    payload = parse_json(body)
    if not isinstance(payload, dict) or set(payload) != {"version", "ask"}:
        raise PlanError("A question is a JSON object with 'version' and 'ask'.")
    if payload["version"] != VERSION or isinstance(payload["version"], bool):
        raise PlanError(
            "The question is in a version of the plan language that this vault does not read.",
            hint=f"Use a client that writes version {VERSION}.",
        )
    return payload["ask"]


def study_from_json(value: Any) -> schema.Study:
    """A `Study` from the JSON of `encode`."""
    return typing.cast(schema.Study, decode(schema.Study, value))


def decode(annotation: Any, value: Any, where: str = "ask") -> Any:
    """Build what `annotation` says from JSON, or refuse with the path to the fault."""
    origin = typing.get_origin(annotation)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(typing.get_args(annotation), value, where)
    if origin is typing.Literal:
        if isinstance(value, str) and value in typing.get_args(annotation):
            return value
        raise PlanError(f"{where}: expected one of {', '.join(map(str, typing.get_args(annotation)))}.")
    if origin is tuple:
        if not isinstance(value, list):
            raise PlanError(f"{where}: expected a list.")
        item = typing.get_args(annotation)[0]
        return tuple(decode(item, v, f"{where}[{i}]") for i, v in enumerate(value))
    if dataclasses.is_dataclass(annotation):
        return _decode_dataclass(typing.cast(type, annotation), value, where)
    return _decode_scalar(annotation, value, where)


def _decode_union(options: tuple[Any, ...], value: Any, where: str) -> Any:
    if value is None and type(None) in options:
        return None
    if isinstance(value, dict) and "node" in value:
        cls = REGISTRY.get(value["node"]) if isinstance(value["node"], str) else None
        if cls is None or cls not in options:
            raise PlanError(f"{where}: this kind of node is not allowed here.")
        return decode(cls, value, where)
    if isinstance(value, list):
        lists = [o for o in options if typing.get_origin(o) is tuple]
        if lists:
            return decode(lists[0], value, where)
    for option in (bool, int, float, str, Fraction):
        if option in options and _fits(option, value):
            return _decode_scalar(option, value, where)
    enums = [o for o in options if isinstance(o, type) and dataclasses.is_dataclass(o)]
    if len(enums) == 1 and isinstance(value, dict):
        return decode(enums[0], value, where)
    raise PlanError(f"{where}: this value has a type that is not allowed here.")


def _fits(option: type, value: Any) -> bool:
    if option is bool:
        return isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if option is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, str)


def _decode_dataclass(cls: type, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise PlanError(f"{where}: expected an object.")
    body = dict(value)
    if cls not in _UNTAGGED and body.pop("node", None) != cls.__name__:
        raise PlanError(f"{where}: expected a {cls.__name__}.")
    hints, required = _shape(cls)
    if set(body) - set(hints):
        raise PlanError(f"{where}: {cls.__name__} has a field that it should not have.")
    missing = required - set(body)
    if missing:
        raise PlanError(f"{where}: {cls.__name__} lacks {', '.join(sorted(missing))}.")
    return cls(**{k: decode(hints[k], v, f"{where}.{k}") for k, v in body.items()})


@functools.cache
def _shape(cls: type) -> tuple[dict[str, Any], frozenset[str]]:
    """Resolved annotations of a class and the names of its required fields."""
    hints = typing.get_type_hints(cls)
    required = frozenset(
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    )
    return {f.name: hints[f.name] for f in dataclasses.fields(cls)}, required


def _decode_scalar(annotation: Any, value: Any, where: str) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        try:
            return annotation(value)
        except ValueError:
            raise PlanError(f"{where}: expected one of {', '.join(str(e.value) for e in annotation)}.") from None
    if annotation is Fraction and isinstance(value, str):
        return privacy.exact(value)
    if annotation in (bool, int, float, str) and _fits(annotation, value):
        if annotation is int and abs(value) >= 2**63:
            raise PlanError(f"{where}: this integer is too large.")
        try:
            return float(value) if annotation is float else value
        except OverflowError:
            raise PlanError(f"{where}: this number is too large.") from None
    raise PlanError(f"{where}: this value has a type that is not allowed here.")


def _refuse(_: str) -> Any:
    raise ValueError


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError
    return result


def _check_limits(value: Any) -> None:
    pending: list[tuple[Any, int]] = [(value, 0)]
    nodes = 0
    while pending:
        item, depth = pending.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise PlanError("The question is too large or nested too deeply.")
        if isinstance(item, float) and not math.isfinite(item):
            raise PlanError("The question holds a number that is not finite.")
        children = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
        pending.extend((child, depth + 1) for child in children)

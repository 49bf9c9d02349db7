"""A rule pack: the values that the rules of the exact route are run with.

- A pack is data: a TOML file of this package, or one's own. Each value stands in a section of its own and cites its
  source; what a value means is written once, in `MEANING`.
- A value that is unknown, unsafe or without a source refuses the pack.
- Of two packs the stricter value wins, one by one (`stricter`).
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError

FOLDER = importlib.resources.files("kernel_guard.vault.disclosure.packs")
MEANING: dict[str, str] = {
    "threshold": "Fewest distinct patients with a value behind any number.",
    "zeros": "Whether an empty cell, and its opposite, a cell with everybody in it, is shown or masked.",
    "rounding": "Counts are rounded to this base before anything is derived from them; 1: no rounding.",
    "rounding_form": "nearest: to the nearest multiple of the base; midpoint: to the middle of each run of the base.",
    "dominance_patients": "n of the (n,k) rule: how many of the largest patients are looked at.",
    "dominance_share": "k of the (n,k) rule: the per cent of a cell's total that they may not exceed.",
    "p_percent": "p of the p% rule: how closely (per cent) the second largest may estimate the largest patient.",
    "degrees_of_freedom": "Fewest residual degrees of freedom of a fitted number.",
    "parameter_share": "Most parameters of a model, in per cent of its patients.",
    "survival": "Fewest patients between two steps of a survival curve, and at risk at each.",
    "quantile_side": "Fewest patients on either side of a quantile.",
    "digits": "Significant digits of a quantile, which is one or two patients' own value.",
    "differencing": "What happens when a new release and earlier ones isolate too few: refuse, round or review.",
    "scope": "Whose earlier releases are compared: the project's, or those of anybody in it too.",
}
DIFFERENCING_BASE = 5


@dataclass(frozen=True)
class RulePack:
    """Checked values; see `MEANING`. The defaults are those of a value that a pack does not name."""

    name: str
    title: str
    threshold: int = 10
    zeros: str = "mask"
    rounding: int = 1
    rounding_form: str = "nearest"
    dominance_patients: int = 2
    dominance_share: int = 90
    p_percent: int = 10
    degrees_of_freedom: int = 10
    parameter_share: int = 33
    survival: int = 10
    quantile_side: int = 10
    digits: int = 4
    differencing: str = "refuse"
    scope: str = "project"
    sources: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def zeros_masked(self) -> bool:
        return self.zeros == "mask"

    def to_json(self) -> dict[str, Any]:
        """As a pack of one's own would be written: each value in its section."""
        values = {name: getattr(self, name) for name in _RANGES}
        return {"title": self.title, **{n: {"value": v, "source": self._source(n)} for n, v in values.items()}}

    def _source(self, name: str) -> str:
        return self.sources.get(name, "this product's default, as far as ACRO 1.0 has one its own")


Allowed = range | tuple[str, ...]
# What a value may be. Bounds keep a pack from switching a rule off.
_RANGES: dict[str, Allowed] = {
    "threshold": range(3, 1001),
    "zeros": ("show", "mask"),
    "rounding": range(1, 1001),
    "rounding_form": ("midpoint", "nearest"),
    "dominance_patients": range(1, 5),
    "dominance_share": range(1, 101),
    "p_percent": range(1, 101),
    "degrees_of_freedom": range(1, 1001),
    "parameter_share": range(1, 101),
    "survival": range(3, 1001),
    "quantile_side": range(3, 1001),
    "digits": range(2, 7),
    "differencing": ("round", "review", "refuse"),
    "scope": ("project", "people"),
}
_LESS_IS_STRICTER = ("dominance_share", "parameter_share", "digits")


def pack_names() -> tuple[str, ...]:
    """The packs of this product."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in FOLDER.iterdir() if f.name.endswith(".toml")))


@functools.cache
def load_pack(name: str) -> RulePack:
    """A pack of this product by name; `ConfigError` lists those that there are."""
    if name not in pack_names():
        raise ConfigError(f"There is no rule pack {name!r}.", hint=f"There are: {', '.join(pack_names())}.")
    return read_pack(name, tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8")))


def load_file(path: Path) -> RulePack:
    """A pack of one's own; the file's name is the pack's."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(f"The rule pack {path.name!r} cannot be read.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise ConfigError(f"The rule pack {path.name!r} is not valid TOML.") from None
    return read_pack(path.stem, document)


def read_pack(name: str, document: Mapping[str, Any]) -> RulePack:
    """Check the parsed TOML (or JSON) of a pack."""
    title = document.get("title")
    if not isinstance(title, str) or not title:
        raise ConfigError(f"pack {name}: title is missing.", hint='Write title = "…" at its top.')
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for key, section in document.items():
        if key != "title":
            values[key], sources[key] = _checked(name, key, section)
    threshold = values.get("threshold")
    if threshold is None or "zeros" not in values:
        raise ConfigError(f"pack {name}: threshold and zeros must be named.", hint="They are the heart of a pack.")
    # What a pack does not name follows its threshold, so that a stricter pack is stricter everywhere.
    followers = {n: max(threshold, 3) for n in ("quantile_side", "survival", "degrees_of_freedom")}
    return RulePack(name=name, title=title, **{**followers, **values}, sources=sources)


def _checked(pack: str, key: str, section: Any) -> tuple[Any, str]:
    if key not in _RANGES:
        raise ConfigError(f"pack {pack}: {key} is unknown.", hint=f"Known: {', '.join(_RANGES)}.")
    if not isinstance(section, dict) or set(section) != {"value", "source"}:
        raise ConfigError(f"pack {pack}: [{key}] needs exactly a value and the source that it is taken from.")
    value, source, allowed = section["value"], section["source"], _RANGES[key]
    if isinstance(value, bool) or not isinstance(value, type(allowed[0])) or value not in allowed:
        known = f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else " or ".join(allowed)
        raise ConfigError(f"pack {pack}: {key}.value must be {known}.")
    if not isinstance(source, str) or not source.strip():
        raise ConfigError(f"pack {pack}: {key}.source must say where the value is taken from.")
    return value, source


def stricter(first: RulePack, second: RulePack) -> RulePack:
    """Of each value the stricter one; sources go with the values."""
    if first.name == second.name:
        return first
    values = {n: _stricter_value(n, getattr(first, n), getattr(second, n)) for n in _RANGES}
    sources = {
        n: (first if getattr(first, n) == values[n] else second)._source(n) for n in _RANGES
    }  # fmt: skip
    merged = replace(first, **values, sources=sources)
    return replace(merged, name=f"{first.name}+{second.name}", title=f"{first.title}; {second.title}")


def _stricter_value(name: str, first: Any, second: Any) -> Any:
    allowed = _RANGES[name]
    if isinstance(allowed, tuple):  # from the laxest to the strictest
        return max(first, second, key=allowed.index)
    return min(first, second) if name in _LESS_IS_STRICTER else max(first, second)


assert {f.name for f in fields(RulePack)} == {"name", "title", "sources", *_RANGES} and set(MEANING) == set(_RANGES)

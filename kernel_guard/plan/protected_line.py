"""The first line of a `%%protected` cell, read the same way by the guard and by the kernel.

    %%protected study.person study.measurement[value_as_number]
    %%protected --private epsilon=1 blocks=64 bounds=0:10 study.person

- A table is `study.table`; `study` stands for the one study of a grant that has only one, else it is the study's name.
- `bounds` is lower:upper for one number, or name:lower:upper,name:lower:upper for several. `default`, for a block that
  gives no answer, is a number or name:number,…; without it the middle of the bounds.
- Every word is known or refused, with what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kernel_guard.errors import PlanError
from kernel_guard.plan.privacy import exact
from kernel_guard.plan.protected import Output, ProtectedAsk, SampleAndAggregate, TableUse
from kernel_guard.plan.schema import suggest

MAGIC = "%%protected"
ONLY_STUDY = "study"
ONLY_OUTPUT = "value"
_TABLE = re.compile(r"(?P<study>[A-Za-z0-9_-]+)\.(?P<table>[A-Za-z0-9_]+)(\[(?P<columns>[A-Za-z0-9_, ]+)\])?\Z")
_WORDS = re.compile(r"(?:\[[^\]]*\]|\S)+")
_OPTIONS = ("epsilon", "blocks", "bounds", "default", "combine", "seconds")
_FLAGS = ("--private", "--try", "--before-run")
_ONLY_PRIVATE = {"epsilon", "blocks", "bounds", "default", "combine"}
_EXAMPLE = f"{MAGIC} --private epsilon=1 blocks=64 bounds=0:10 study.person"


@dataclass(frozen=True)
class Line:
    """A line as written: study, tables, flags, options."""

    study: str
    tables: tuple[TableUse, ...]
    flags: frozenset[str] = frozenset()
    options: dict[str, str] = field(default_factory=dict)

    def ask(self, code: str, studies: Sequence[str]) -> ProtectedAsk:
        """The question that this line and its code are, for a grant of these studies."""
        study, seconds = _study(self.study, studies), self.options.get("seconds")
        if "--private" in self.flags:
            return ProtectedAsk(study, self.tables, code, self._private(seconds))
        ask = ProtectedAsk(study, self.tables, code)
        return replace(ask, seconds=_whole("seconds", seconds)) if seconds else ask

    def _private(self, seconds: str | None) -> SampleAndAggregate:
        for needed in ("epsilon", "bounds"):
            if needed not in self.options:
                raise PlanError(f"A private run needs {needed}=….", hint=_EXAMPLE)
        private = SampleAndAggregate(
            exact(self.options["epsilon"]),
            _whole("blocks", self.options.get("blocks", "64")),
            _outputs(self.options["bounds"], self.options.get("default", "")),
        )
        match self.options.get("combine", "mean"):
            case "mean" | "median" as combine:
                private = replace(private, combine=combine)
            case _:
                raise PlanError("combine is mean or median.", hint="combine=median")
        return replace(private, seconds=_number("seconds", seconds)) if seconds else private


def is_protected(cell: str) -> bool:
    """Whether a cell asks for protected code."""
    text = cell.lstrip()  # IPython, too, looks past empty lines
    return text.startswith(MAGIC) and text[len(MAGIC) : len(MAGIC) + 1] in ("", " ", "\t", "\n")


def split(cell: str) -> tuple[str, str]:
    """The rest of the first line, and the code under it."""
    first, _, code = cell.lstrip().partition("\n")
    return first[len(MAGIC) :].strip(), code


def parse_line(text: str) -> Line:
    """Read the words after `%%protected`."""
    flags: set[str] = set()
    options: dict[str, str] = {}
    places: list[tuple[str, TableUse]] = []
    for word in _WORDS.findall(text):
        key, equals, value = word.partition("=")
        if word in _FLAGS:
            flags.add(word)
        elif equals and key in _OPTIONS and key not in options and value:
            options[key] = value
        elif match := _TABLE.match(word):
            names = match["columns"]
            columns = tuple(name.strip() for name in names.split(",")) if names else None
            places.append((match["study"], TableUse(match["table"], columns)))
        else:
            raise PlanError(f"{MAGIC} does not know {word[:80]!r}.", hint=_help(key))
    if not places:
        raise PlanError(f"{MAGIC} needs the tables that the code reads.", hint=f"{MAGIC} study.person")
    if len({study for study, _ in places}) > 1:
        raise PlanError("Protected code reads the tables of one study.", hint="Run one cell for each study.")
    if "--private" not in flags and _ONLY_PRIVATE & set(options):
        raise PlanError(f"{sorted(_ONLY_PRIVATE & set(options))[0]}= is for private runs.", hint=_EXAMPLE)
    return Line(places[0][0], tuple(use for _, use in places), frozenset(flags), options)


def _help(word: str) -> str:
    if word.startswith("-"):
        return "Flags: --private, --try."
    return f"{suggest(word, list(_OPTIONS))} A table is written study.person or study.person[year_of_birth]."


def _study(word: str, studies: Sequence[str]) -> str:
    if word in studies:
        return word
    if word == ONLY_STUDY and len(studies) == 1:
        return studies[0]
    raise PlanError(
        f"Your grant has no study {word!r}.", hint=f"Write one of: {', '.join(f'{name}.table' for name in studies)}."
    )


def _outputs(bounds: str, default: str) -> tuple[Output, ...]:
    parts = [part.split(":") for part in bounds.split(",")]
    if any(len(part) not in (2, 3) for part in parts) or (len(parts) > 1 and any(len(p) == 2 for p in parts)):
        raise PlanError("Bounds are lower:upper, or name:lower:upper for each number.", hint="bounds=auc:0.5:1,n:0:100")
    named = [(part[0] if len(part) == 3 else ONLY_OUTPUT, *part[-2:]) for part in parts]
    defaults = _defaults(default)
    unknown = set(defaults) - {name for name, _, _ in named}
    if unknown:
        raise PlanError(f"default names {sorted(unknown)[0]!r}, which has no bounds.")
    return tuple(_output(name, lower, upper, defaults) for name, lower, upper in named)


def _output(name: str, lower: str, upper: str, defaults: dict[str, float]) -> Output:
    low, high = _number("bounds", lower), _number("bounds", upper)
    return Output(name, low, high, defaults.get(name, low + (high - low) / 2))


def _defaults(text: str) -> dict[str, float]:
    found = {}
    for part in text.split(",") if text else ():
        name, colon, value = part.rpartition(":")
        found[name if colon else ONLY_OUTPUT] = _number("default", value)
    return found


def _whole(name: str, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise PlanError(f"{name} must be a whole number, not {text[:40]!r}.")
    return int(text)


def _number(name: str, text: str) -> float:
    try:
        return float(exact(text))
    except (PlanError, OverflowError):
        raise PlanError(f"{name} must be a number, not {text[:40]!r}.") from None

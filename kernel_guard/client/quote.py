"""What a question would cost and how far off its answer would be, before anything is spent.

- A quote is the vault's, made from the plan and declared facts; asking for one is free.
- A question that cannot be quoted shows the reason instead of failing the display.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.client import display
from kernel_guard.errors import KernelGuardError
from kernel_guard.plan.privacy import Budget, Route


@dataclass(frozen=True)
class ExpectedError:
    """The answer to `measure` will be within ± `error` with probability `confidence`.

    Where the error depends on how many `values` a cell has, it is the one for so many, spread evenly. Where values are
    to be found, those of fewer patients than about `lost_below` are not.
    """

    measure: str
    error: float | None
    confidence: float
    text: str = ""
    values: int | None = None
    lost_below: int | None = None

    def __str__(self) -> str:
        if self.error is None:
            return f"{self.measure}: {self.text or 'error not known before'}"
        cell = f" for a cell of {self.values:,}" if self.values else ""
        lost = f", values below about {self.lost_below:,} lost" if self.lost_below else ""
        return f"{self.measure} ± {display.figure(self.error)}{cell} ({self.confidence:.0%}){lost}"


@dataclass(frozen=True)
class Quote:
    """The vault's price for one question."""

    route: str
    cost: Budget
    free: bool
    errors: tuple[ExpectedError, ...]
    words: str
    budget: Mapping[str, Any] | None
    more: int | None = None
    advice: tuple[str, ...] = ()

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Quote:
        """Read the vault's answer to POST /v1/quote."""
        cost = payload.get("cost") or {}
        errors = tuple(
            ExpectedError(
                str(e.get("measure", "")),
                e.get("error"),
                float(e.get("confidence", 0.95)),
                str(e.get("text", "")),
                e.get("values"),
                e.get("lost_below"),
            )
            for e in payload.get("errors") or ()
        )
        return cls(
            str(payload.get("route", "")), Budget.read(cost),
            bool(payload.get("free")), errors, str(payload.get("words", "")), payload.get("budget"),
            payload.get("more"), tuple(map(str, payload.get("advice") or ())),
        )  # fmt: skip

    @property
    def cost_text(self) -> str:
        """Such as: ε 0.5, or free (asked before)."""
        if self.route == Route.SDC:
            return "no ε (exact, disclosure-checked)"
        cost = display.cost(self.cost)
        return f"nothing: asked before (was {cost})" if self.free else cost

    @property
    def error_text(self) -> str:
        if self.route == Route.SDC:
            return "exact; small cells are masked"
        return "; ".join(map(str, self.errors)) or "not known before"

    @property
    def more_text(self) -> str:
        """How many such questions the budget holds."""
        return "" if self.more is None else f"{self.more:,} such question{'' if self.more == 1 else 's'}"

    def _lines(self) -> list[tuple[str, str]]:
        rows = [("cost", self.cost_text), ("expected error", self.error_text)]
        if self.budget:
            holds = f", enough for {self.more_text}" if self.more_text else ""
            rows.append(("budget left", left_text(self.budget) + holds))
        return rows + [("advice", text) for text in self.advice]

    def row(self) -> tuple[str, str, str]:
        return (call(self), self.cost_text, self.error_text)

    def __repr__(self) -> str:
        return "\n".join([self.words, *(f"  {name}: {text}" for name, text in self._lines())])

    def _repr_html_(self) -> str:
        rows = self._lines()
        return display.box("Quote", display.line(self.words), display.html_table(("", ""), rows))


def call(quote: Quote) -> str:
    """The call that would release at this price."""
    if quote.route == Route.SDC:
        return ".release()"
    name, amount = ("epsilon", quote.cost.epsilon) if quote.cost.rho is None else ("rho", quote.cost.rho)
    return f".release({name}={display.amount(amount).removeprefix('≈')})"


@dataclass(frozen=True)
class Explanation:
    """A question in words with some of its prices."""

    words: str
    quotes: tuple[Quote | KernelGuardError, ...]

    def _rows(self) -> list[tuple[str, str, str]]:
        return [q.row() for q in self.quotes if isinstance(q, Quote)]

    def _notes(self) -> list[str]:
        budgets = [q.budget for q in self.quotes if isinstance(q, Quote) and q.budget]
        problems = dict.fromkeys(str(q).replace("\n", " ") for q in self.quotes if isinstance(q, KernelGuardError))
        return [f"Budget left: {left_text(budgets[-1])}" for _ in budgets[:1]] + list(problems)

    def __repr__(self) -> str:
        table = display.text_table(_HEAD, self._rows()) if self._rows() else ""
        return "\n".join(part for part in (f"Question: {self.words}", table, *self._notes(), _FOOT) if part)

    def _repr_html_(self) -> str:
        table = display.html_table(_HEAD, self._rows()) if self._rows() else ""
        return display.box(f"Question: {self.words}", table, *map(display.line, self._notes()), note=_FOOT)


_HEAD = ("to release", "cost", "expected error")
_FOOT = "Nothing has been asked of the data yet, nothing spent."


def left_text(budget: Mapping[str, Any]) -> str:
    """What is left of a budget, as one short text."""
    epsilon = budget.get("epsilon", budget)
    left, granted = (epsilon.get("left"), epsilon.get("granted")) if isinstance(epsilon, Mapping) else (epsilon, None)
    if left is None:
        return "not told"
    of = f" of {display.amount(granted)}" if granted is not None else ""
    return f"ε {display.amount(left)}{of}"


def explained(words: str, quote: Callable[[str | None], Quote], epsilons: Iterable[str]) -> Explanation:
    """What is asked, at each ε and exact; a price that cannot be had is told by its reason, a failing vault once."""
    found: list[Quote | KernelGuardError] = []
    for epsilon in (*epsilons, None):
        try:
            found.append(quote(epsilon))
        except KernelGuardError as error:
            found.append(error)
            if error.status >= 500:
                break
    return Explanation(words, tuple(found))

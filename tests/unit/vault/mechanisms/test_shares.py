"""Tables asked together share ε so that the errors to expect add up to the least."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kernel_guard.errors import PlanError
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean, Quantile, Rate, Sum, TopK, Variance
from kernel_guard.plan.composed import ComposedAsk, NamedTable
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.mechanisms import Pricing, price
from kernel_guard.vault.mechanisms.shares import family_error, shared_out
from tests.lib.exact import NAME, PERSON, VISIT, Study

STUDY = Study(NAME, "A clinic", (PERSON, VISIT), "v1")
ROWS = Source(NAME, "person")
SEX, SITE = Key("sex", ("f", "m")), Key("site", (1, 2, 3, 4))
TABLES = (
    NamedTable("numbers", Aggregate(ROWS, (CountPatients("n"), Mean("age", "age"), Quantile("q", "age")), (SEX,))),
    NamedTable("sites", Aggregate(ROWS, (CountPatients("n"),), (SEX, SITE))),
    NamedTable("spread", Aggregate(ROWS, (Variance("v", "weight"), Sum("s", "age"), Rate("r", "age", "weight")))),
    NamedTable("top", Aggregate(ROWS, (TopK("n", "site", 2, (1, 2, 3)),))),
)


def _asks(weights: tuple[int, ...] | None = None, epsilon: Fraction = Fraction(1)) -> tuple[Ask, ...]:
    ask = ComposedAsk(TABLES, Route.DP, epsilon, weights=weights)
    return shared_out(ask, [check_aggregate(t.plan, STUDY) for t in TABLES], STUDY)


def _priced(asks: tuple[Ask, ...]) -> list[Pricing]:
    return [price(ask, check_aggregate(ask.plan, STUDY), STUDY) for ask in asks]


def _total(asks: tuple[Ask, ...]) -> float:
    """Σ c/ε over all families, in the units in which errors are compared."""
    found = [(p, check_aggregate(p.plan, STUDY), f) for p in _priced(asks) for q in p.queries for f in q.families]
    return sum(family_error(f, p, shape) / float(f.loss.amount) for p, shape, f in found)


@pytest.mark.parametrize("epsilon", [Fraction(1), Fraction(1, 3), Fraction(7, 5)])
def test_the_parts_add_up_exactly(epsilon: Fraction) -> None:
    assert sum(ask.epsilon or 0 for ask in _asks(epsilon=epsilon)) == epsilon
    assert sum(f.loss.amount for p in _priced(_asks(epsilon=epsilon)) for q in p.queries for f in q.families) == epsilon


def test_less_error_than_alike_shares_and_than_any_small_change() -> None:
    best = _asks()
    least = _total(best)
    alike = tuple(replace(ask, epsilon=Fraction(1, len(best)), weights=None) for ask in best)
    assert least < 0.95 * _total(alike)
    for i in range(len(best)):
        other = (i + 1) % len(best)
        moved = list(best)
        step = (best[i].epsilon or Fraction(0)) / 5
        moved[i] = replace(best[i], epsilon=(best[i].epsilon or Fraction(0)) - step)
        moved[other] = replace(best[other], epsilon=(best[other].epsilon or Fraction(0)) + step)
        assert _total(tuple(moved)) > 0.9999 * least


def test_a_weight_buys_accuracy() -> None:
    plain, heavy = _asks(), _asks((1, 100, 1, 1))
    assert (heavy[1].epsilon or 0) > 2 * (plain[1].epsilon or 0)


def test_what_cannot_be_composed_is_refused() -> None:
    with pytest.raises(PlanError, match="same name"):
        ComposedAsk((TABLES[0], TABLES[0]), Route.DP, Fraction(1))
    with pytest.raises(PlanError, match="need a cost"):
        ComposedAsk(TABLES, Route.DP)
    with pytest.raises(PlanError, match="no ε"):
        ComposedAsk(TABLES, Route.SDC, Fraction(1))
    with pytest.raises(PlanError, match="Weights"):
        ComposedAsk(TABLES, Route.DP, Fraction(1), weights=(1,))
    with pytest.raises(PlanError, match="1 to 50"):
        ComposedAsk((), Route.DP, Fraction(1))

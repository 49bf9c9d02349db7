"""Covariance with known vectors (Huth et al. 2023): sums of x weighted by vectors that the attacker knows give each x.

Products of the target with columns of one's own are values that read the target's column, so their populations are
compared like those of the target itself."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Sum
from kernel_guard.plan.relations import Derive, Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")


def test_weighted_sums_over_almost_the_same_patients_are_refused() -> None:
    rows = population(cost=lambda pid: 640_123.5 if pid == 9 else 200.0 + pid % 7)
    rows[8]["weight"] = 299.5
    weighted = Derive(
        PERSON, "y", ex.Arithmetic("multiply", ex.ColumnRef("cost"), ex.ColumnRef("age")), lower=-1e6, upper=1e8
    )
    without = Filter(weighted, ex.Compare("lt", ex.ColumnRef("weight"), ex.Literal(299)))
    with clinic(rows, pack="ohdsi") as c:
        first = c.cells(Aggregate(weighted, (Sum("s", "y"),)))
        second = c.cells(Aggregate(without, (Sum("s", "y"),)))
        plain = c.cells(Aggregate(Filter(PERSON, without.predicate), (Sum("s", "cost"),)))
        # The first is dominated by the target; whatever else is asked of the others, the pair is never given.
        assert first is None or first == {(): (None,)} or (second is None and plain is None)
        assert b"640123.5" not in c.everything


def test_a_covariance_has_no_rule_path_and_is_refused_exactly() -> None:
    from kernel_guard.errors import KernelGuardError
    from kernel_guard.plan.aggregates import Covariance
    from kernel_guard.vault.disclosure.paths import PATHS

    if Covariance not in PATHS:
        with clinic(population()) as c:
            assert isinstance(c.ask(Aggregate(PERSON, (Covariance("c", "age", "cost"),))), KernelGuardError)

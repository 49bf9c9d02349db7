"""Accounts in ρ: tighter than plain sums, exact, and never mixed with accounts in ε."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from kernel_guard.errors import BudgetExceeded, ConfigError
from kernel_guard.plan.privacy import Accounting, Budget
from kernel_guard.trust.audit import AuditLog
from kernel_guard.trust.identity import Grant, Grants, Role
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Store, sqlite_url, upgrade
from kernel_guard.trust.store.times import utc_now
from kernel_guard.vault.ledger import Ledger, Replay, Reservation, Scope, reconcile
from kernel_guard.vault.ledger.amounts import Amount
from kernel_guard.vault.mechanisms.conversion import allotment, cost_in_rho, epsilon_of, rho_cap
from kernel_guard.vault.mechanisms.loss import Loss

TEN = Budget.of(10, "1/1000000")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    upgrade(sqlite_url(tmp_path / "store.db"))
    store = Store.open(sqlite_url(tmp_path / "store.db"))
    yield store
    store.close()


def books(store: Store, cap: Budget) -> tuple[Ledger, Grant]:
    """A ledger whose three scopes have one cap, and a researcher."""
    audit = AuditLog(store, SigningKey.generate())
    ledger = Ledger(store, audit)
    for scope in (Scope.of_study("s"), Scope.of_project("s", "p"), Scope.of_user("s", "u")):
        ledger.allot(scope, cap, by="steward")
    grant, _ = Grants(store, audit).issue(
        user="u", project="p", role=Role.RESEARCHER.value, studies=["s"], purpose="test",
        expires=utc_now() + timedelta(days=1), by="steward",
    )  # fmt: skip
    return ledger, grant


def spend(ledger: Ledger, grant: Grant, cost: Budget) -> Reservation:
    """Pay for a question that is never answered."""
    name = uuid.uuid4().hex
    held = ledger.reserve(name, grant, "s", cost, name, "v1")
    assert not isinstance(held, Replay)
    ledger.mark_touched(held)
    ledger.settle_reservation(held)
    return held


def test_many_small_questions_cost_less_in_rho(store: Store) -> None:
    ledger, grant = books(store, allotment(Accounting.ZCDP, TEN))
    small = Budget.of("1/10")
    known = ledger.how_many("s", "p", "u", small)
    assert known is not None and known > 200  # plain sums would allow a hundred
    for _ in range(3):
        spend(ledger, grant, small)
    assert ledger.how_many("s", "p", "u", small) == known - 3
    assert ledger.spent(Scope.of_study("s")).rho == Fraction(3, 200)
    assert not reconcile(store)


def test_a_budget_in_rho_ends(store: Store) -> None:
    ledger, grant = books(store, Budget(Fraction(0), Fraction(0), Fraction(1)))
    spend(ledger, grant, Budget.of(1))
    spend(ledger, grant, Budget.of(1))
    with pytest.raises(BudgetExceeded, match="ρ"):
        spend(ledger, grant, Budget.of("1/1000"))
    assert ledger.spent(Scope.of_user("s", "u")).rho == 1


def test_a_question_with_a_delta_of_its_own_has_no_place_in_rho(store: Store) -> None:
    ledger, grant = books(store, Budget(Fraction(0), Fraction(0), Fraction(100)))
    with pytest.raises(BudgetExceeded):
        spend(ledger, grant, Budget.of("1/1000", "1/1000000"))


def test_a_question_paid_in_rho_fits_either_account(store: Store) -> None:
    """In an account of ρ it takes ρ; in one of (ε, δ) what ρ implies."""
    cost = cost_in_rho(Fraction(1, 20), Fraction(1, 10**8))
    ledger, grant = books(store, Budget(Fraction(0), Fraction(0), Fraction(1, 10)))
    spend(ledger, grant, cost)
    assert ledger.spent(Scope.of_project("s", "p")) == Budget(Fraction(0), Fraction(0), Fraction(1, 20))
    for scope in (Scope.of_study("t"), Scope.of_project("t", "p"), Scope.of_user("t", "u")):
        ledger.allot(scope, TEN, by="steward")
    wide = dataclasses.replace(grant, studies=("t",))
    held = ledger.reserve("one", wide, "t", cost, "one", "v1")
    assert not isinstance(held, Replay)
    assert held.cost.epsilon >= Fraction(epsilon_of(0.05, 1e-8)) and held.cost.delta == Fraction(1, 10**8)
    assert ledger.budget("t", "p").reserved == Budget(held.cost.epsilon, held.cost.delta)


def test_accounts_in_epsilon_do_not_look_at_rho(store: Store) -> None:
    ledger, grant = books(store, Budget.of(10))
    spend(ledger, grant, Budget(Fraction(10), rho=Fraction(1)))
    assert ledger.spent(Scope.of_study("s")) == Budget.of(10)
    with pytest.raises(BudgetExceeded, match="ε"):
        spend(ledger, grant, Budget.of("1/1000000000000"))
    assert not reconcile(store)


def test_a_spent_account_keeps_its_way_of_counting(store: Store) -> None:
    ledger, grant = books(store, Budget.of(10))
    spend(ledger, grant, Budget.of(1))
    with pytest.raises(ConfigError, match="another way of counting"):
        ledger.allot(Scope.of_study("s"), Budget(Fraction(0), Fraction(0), Fraction(9)), by="steward")
    with pytest.raises(ConfigError, match="not in both"):
        ledger.allot(Scope.of_study("s"), Budget(Fraction(1), Fraction(0), Fraction(9)), by="steward")


def test_conversions_round_against_the_researcher() -> None:
    rho = rho_cap(TEN)
    assert epsilon_of(float(rho), 1e-6) <= 10 < epsilon_of(float(rho) * 1.001, 1e-6)
    assert Loss(Fraction(1, 10)).rho == Fraction(1, 200)
    assert Amount.debit(Budget.of("1/3")).rho * Fraction(1, 10**12) >= Fraction(1, 18)
    with pytest.raises(ConfigError):
        rho_cap(Budget.of(10))


def test_the_curve_of_zcdp_is_the_known_one() -> None:
    """Below the closed form of Bun and Steinke, ρ + 2·√(ρ·ln(1/δ)), which OpenDP's map improves on."""
    for rho in (0.01, 0.1, 1.0):
        bound = rho + 2 * (rho * 13.8155) ** 0.5
        assert 0.7 * bound < epsilon_of(rho, 1e-6) <= bound

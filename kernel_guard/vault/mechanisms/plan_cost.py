"""The price of a question: what it loses, in which noise, and what it is charged as, before any row is touched.

- Asked in ε a question is pure ε. Asked in ρ it may have Gaussian noise, or Laplace noise at the same charge: whichever
  is expected to err less. An account in (ε, δ) is charged what ρ implies; one in ρ is charged ρ.
- `within` is solved for the least amount, rounded up: in ρ where the account counts in it, else in ε.
- Everything is computed from the plan, the schema and the declared bounds: a price tells nothing of data.
"""

from __future__ import annotations

import math
from fractions import Fraction

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan.aggregates import CommonValues
from kernel_guard.plan.privacy import Accounting, Ask, Budget, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.mechanisms.advice import advice
from kernel_guard.vault.mechanisms.conversion import cost_in_rho
from kernel_guard.vault.mechanisms.exact_cost import exact_pricing
from kernel_guard.vault.mechanisms.loss import Account, Divergence, Loss
from kernel_guard.vault.mechanisms.pricing import PricedQuery, Pricing
from kernel_guard.vault.mechanisms.question import Question, rho_of

STEPS = {Divergence.PURE: 1000, Divergence.ZCDP: 1_000_000}  # a solved amount is a whole number of these parts of 1
DEAREST = 1000  # the ε or ρ at which `within` gives up
FINE = 10**9


def price(ask: Ask, shape: Shape, study: Study, account: Account | None = None) -> Pricing:
    """Price a checked question (`check_aggregate` gave `shape`); on the SDC route the cost is zero."""
    if ask.route is Route.SDC:
        return exact_pricing(ask, shape)
    question = Question(ask, shape, study, account or Account())
    _check_currency(question)
    loss = _better(question, _wanted(question))
    priced, measures = question.priced(loss), tuple(question.measures(loss))
    hints = advice(ask, priced, shape)
    return Pricing(ask.route, loss, _cost(priced, loss, question), ask.plan, priced, measures, ask.confidence, hints)


def _check_currency(question: Question) -> None:
    """Refuse what the account cannot pay."""
    account, found = question.account, any(isinstance(m, CommonValues) for m in question.ask.plan.measures)
    if found and (account.accounting is Accounting.ZCDP or question.ask.rho is not None or not account.delta):
        raise PolicyForbids(
            "Values that are not declared cost a δ of their own, which is paid from a budget in (ε, δ) with epsilon=.",
            hint="Ask the steward to declare the values of this column: they are then counted in any budget.",
        )


def _wanted(question: Question) -> Loss:
    """The loss that was asked for, or the least one that keeps the wished error."""
    ask, account = question.ask, question.account
    if ask.epsilon is not None:
        return Loss(ask.epsilon)
    if ask.rho is None:
        return _solved(question, Divergence.ZCDP if account.accounting is Accounting.ZCDP else Divergence.PURE)
    if not account.delta:
        raise PolicyForbids(
            "The budget of this data set is pure ε: nothing can be paid in ρ, which needs a δ.",
            hint="Use .release(epsilon=…).",
        )
    return Loss(ask.rho, Divergence.ZCDP)


def _better(question: Question, loss: Loss) -> Loss:
    """The loss itself, or pure ε at the same charge where that is expected to err less over all measures."""
    if loss.pure:
        return loss
    other = _pure_at_the_same_charge(question, loss)
    if not other.amount:
        return loss
    pairs = zip(question.measures(loss), question.measures(other), strict=True)
    ratios = [math.log((a.error + 1e-300) / (b.error + 1e-300)) for a, b in pairs]
    return loss if sum(ratios) <= 0 else other


def _pure_at_the_same_charge(question: Question, loss: Loss) -> Loss:
    if question.account.accounting is Accounting.ZCDP:
        amount = math.sqrt(loss.amount / rho_of(question.priced(Loss(Fraction(1)))))
    else:
        amount = float(cost_in_rho(loss.amount, question.account.delta).epsilon)
    return Loss(Fraction(math.floor(amount * (1 - 1e-12) * FINE), FINE))


def _cost(priced: tuple[PricedQuery, ...], loss: Loss, question: Question) -> Budget:
    """What a loss is charged as."""
    if any(f.threshold for q in priced for f in q.families):
        return Budget(loss.amount, question.account.delta)
    if loss.pure:
        return Budget(loss.amount, rho=rho_of(priced))
    return cost_in_rho(loss.amount, question.account.delta)


def _solved(question: Question, divergence: Divergence) -> Loss:
    """The least amount, in steps, at which the first measure's error is at most `within`."""
    wished, steps = question.ask.within or 0.0, STEPS[divergence]

    def good(number: int) -> bool:
        return next(question.measures(Loss(Fraction(number, steps), divergence))).error <= wished

    low, high = 0, 1
    while not good(high):
        low, high = high, high * 2
        if high > DEAREST * steps:
            raise PlanError("No cost gives so small an error.", hint="Ask for a larger error: .release(within=…).")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return Loss(Fraction(high, steps), divergence)

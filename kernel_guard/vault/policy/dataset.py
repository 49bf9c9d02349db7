"""A data set's policy, as the steward declared it.

- Routes that are not listed are closed. Exact results need a threshold of distinct patients.
- Budgets: for the data set as a whole, for each project, and for each person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from kernel_guard.errors import ConfigError, PolicyForbids
from kernel_guard.plan.privacy import Accounting, Ask, Budget, Route, exact
from kernel_guard.vault.disclosure.pack import RulePack, load_pack, pack_names, read_pack, stricter

# private: sample and aggregate, released by itself. review: what the code hands over waits for a checker.
PROTECTED = ("private", "review")
QUESTIONS_WITH_DELTA = 100  # so many questions with a δ of their own does a project's budget hold


@dataclass(frozen=True)
class DatasetPolicy:
    """`pack`: the rule pack of exact results, by name, or one's own; `project_packs`: a project's own on top of it.

    `threshold`, `zeros_disclosive` and `rounding` make the pack stricter, where they are given; they never loosen it.
    """

    routes: tuple[Route, ...] = (Route.DP,)
    pack: str | Mapping[str, Any] = "uk_tre"
    project_packs: Mapping[str, str | Mapping[str, Any]] = field(default_factory=dict)
    threshold: int = 3
    zeros_disclosive: bool = False
    rounding: int = 1
    max_epsilon: Fraction = Fraction(2)
    dataset_budget: Budget = field(default_factory=lambda: Budget.of(100, "1/10000"))
    project_budget: Budget = field(default_factory=lambda: Budget.of(10, "1/100000"))
    protected: tuple[str, ...] = ()  # of PROTECTED: protected code is off unless it is opened here
    protected_memory: int = 2_048  # MiB that each of its sandboxes may use
    person_budget: Budget = field(default_factory=lambda: Budget.of(10, "1/100000"))
    accounting: Accounting = Accounting.PURE

    @property
    def question_delta(self) -> Fraction:
        """The δ that one question may have of a project's: a hundredth; all of it where ρ is counted.

        There δ is spent once, when the sum of all ρ is read as (ε, δ).
        """
        delta = self.project_budget.delta
        return delta if self.accounting is Accounting.ZCDP else delta / QUESTIONS_WITH_DELTA

    def rules(self, project: str) -> RulePack:
        """The rule pack for a project: of data owner and project, value by value, the stricter."""
        owner = _pack(self.pack, "own")
        zeros = "mask" if self.zeros_disclosive else owner.zeros
        found = replace(
            owner,
            zeros=zeros,
            threshold=max(owner.threshold, self.threshold),
            rounding=max(owner.rounding, self.rounding),
            quantile_side=max(owner.quantile_side, self.threshold),
        )
        own = self.project_packs.get(project)
        return found if own is None else stricter(found, _pack(own, project))

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; amounts as exact fractions."""
        return {
            "routes": [r.value for r in self.routes],
            "pack": self.pack,
            "project_packs": dict(self.project_packs),
            "threshold": self.threshold,
            "zeros_disclosive": self.zeros_disclosive,
            "rounding": self.rounding,
            "max_epsilon": str(self.max_epsilon),
            "accounting": self.accounting.value,
            "protected": list(self.protected),
            "protected_memory": self.protected_memory,
            **{
                name: {"epsilon": str(budget.epsilon), "delta": str(budget.delta)}
                for name, budget in (
                    ("dataset_budget", self.dataset_budget),
                    ("project_budget", self.project_budget),
                    ("person_budget", self.person_budget),
                )
            },
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> DatasetPolicy:
        """Check and build; an unknown key or an unsafe value is refused."""
        unknown = set(values) - set(cls().to_json())
        if unknown:
            raise ConfigError(f"policy.{sorted(unknown)[0]}: unknown setting.")
        merged = {**cls().to_json(), **values}
        threshold, rounding = merged["threshold"], merged["rounding"]
        if not isinstance(threshold, int) or isinstance(threshold, bool) or threshold < 3:
            raise ConfigError("policy.threshold: must be at least 3 patients.", hint="10 is usual.")
        if not isinstance(rounding, int) or isinstance(rounding, bool) or rounding < 1:
            raise ConfigError("policy.rounding: must be a whole number from 1.", hint="5 is usual, 1 means none.")
        if not isinstance(merged["zeros_disclosive"], bool):
            raise ConfigError("policy.zeros_disclosive: must be true or false.")
        try:
            routes = tuple(Route(r) for r in merged["routes"])
        except (ValueError, TypeError):
            raise ConfigError("policy.routes: may hold 'dp' and 'sdc'.") from None
        if not routes:
            raise ConfigError("policy.routes: at least one route must be open.")
        try:
            accounting = Accounting(merged["accounting"])
        except ValueError:
            raise ConfigError("policy.accounting: must be 'pure' or 'zcdp'.") from None
        protected = merged["protected"]
        if not isinstance(protected, list) or not set(map(str, protected)) <= set(PROTECTED):
            raise ConfigError("policy.protected: may hold 'private' and 'review'.", hint="[] keeps protected code off.")
        memory = merged["protected_memory"]
        if not isinstance(memory, int) or isinstance(memory, bool) or not 256 <= memory <= 1_048_576:
            raise ConfigError("policy.protected_memory: must be 256 to 1048576 MiB.", hint="2048 is usual.")
        budgets: dict[str, Any] = {
            name: Budget.of(merged[name]["epsilon"], merged[name]["delta"])
            for name in ("dataset_budget", "project_budget", "person_budget")
        }
        return cls(
            routes, *_packs(merged), threshold, merged["zeros_disclosive"], rounding, exact(merged["max_epsilon"]),
            protected=tuple(protected), protected_memory=memory, accounting=accounting,
            **budgets,
        )  # fmt: skip


def _packs(values: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The packs that a policy names, each read once to see that it is one."""
    named = values["project_packs"]
    if not isinstance(named, dict) or not all(isinstance(p, str) for p in named):
        raise ConfigError("policy.project_packs: must name a rule pack for each project.")
    for name, value in {"own": values["pack"], **named}.items():
        _pack(value, name)
    return values["pack"], dict(named)


def _pack(value: Any, name: str) -> RulePack:
    if isinstance(value, str):
        return load_pack(value)
    if isinstance(value, dict):
        return read_pack(name, value)
    raise ConfigError("policy.pack: must be the name of a rule pack, or a pack.", hint=f"{', '.join(pack_names())}.")


def check_ask(policy: DatasetPolicy, ask: Ask, study_name: str) -> None:
    """Step 3 of the gate: refuse a route or a cost that the policy does not open."""
    if ask.route not in policy.routes:
        open_routes = " or ".join(".release(epsilon=…)" if r is Route.DP else ".release()" for r in policy.routes)
        kind = "exact results" if ask.route is Route.SDC else "differentially private results"
        raise PolicyForbids(
            f"The policy of {study_name!r} does not release {kind}.",
            hint=f"Use {open_routes}.",
            details={"routes": [r.value for r in policy.routes]},
        )


def check_protected_is_open(policy: DatasetPolicy, kind: str, study_name: str) -> None:
    """Refuse protected code of a kind that the policy does not open."""
    if kind not in policy.protected:
        what = "answered privately over blocks of patients" if kind == "private" else "for a checker"
        other = [k for k in policy.protected if k != kind]
        raise PolicyForbids(
            f"The policy of {study_name!r} does not run protected code {what}.",
            hint=f"Open here: {other[0]}." if other else "Ask the data steward: protected code is off here.",
            details={"protected": list(policy.protected)},
        )


def check_cost(policy: DatasetPolicy, epsilon: Fraction) -> None:
    """Refuse a single question that costs more than the policy lets one question cost."""
    if epsilon > policy.max_epsilon:
        raise PolicyForbids(
            f"One question may cost at most ε = {float(policy.max_epsilon):g} here; this one costs {float(epsilon):g}.",
            hint="Ask for a smaller ε, a larger error, or fewer cells.",
        )

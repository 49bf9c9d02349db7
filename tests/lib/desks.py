"""A desk without a vault behind it: real store, real rules, and a witness that tells what the test gave it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import argon2

from kernel_guard.review.deeds import Call
from kernel_guard.review.notices import Channel, Notifier
from kernel_guard.review.permissions import Actor
from kernel_guard.review.policies import Policies
from kernel_guard.review.policy import Limits
from kernel_guard.review.provenance import DERIVED
from kernel_guard.review.reading import Reading
from kernel_guard.review.records import Request
from kernel_guard.review.workflow import Reviews
from kernel_guard.trust.accounts import Accounts
from kernel_guard.trust.audit import AuditLog
from kernel_guard.trust.identity import Grants
from kernel_guard.trust.keyring import KeyRing
from kernel_guard.trust.labels import NUMBERS
from kernel_guard.trust.people import Person, Right, Role
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.sessions import Sessions
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Store, upgrade
from kernel_guard.vault.release import BundlePublisher
from kernel_guard.wrapper.labels import Labeller

P = "p1"
CONTEXT = "Counts of patients by sex and decade of birth, from the hospital's own register, for table one of the paper."
CONTROLS = "Every count under ten is masked, all counts are rounded to five, and no earlier output overlaps."
FAST = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Sealer:
    """A guarded kernel's wrapper: seals what a test shows, and is known for everybody."""

    def __init__(self) -> None:
        self.key = SigningKey.generate()

    def of(self, _user: str, _project: str) -> dict[str, bytes]:
        return {self.key.keyid: self.key.public_bytes}

    def sealed(self, item: dict[str, Any], *, code: str = "table") -> dict[str, Any]:
        """A derived item as a kernel that holds its releases shows it; any other as it is."""
        if item["kind"] not in DERIVED:
            return item
        numbers = {k: v for k, v in item["content"].items() if k != "releases"}
        shown = {NUMBERS: {"kind": item["kind"], "content": numbers}}
        return {**item, "seal": Labeller(self.key).label("open", shown, code, item["content"]["releases"])}


SEALER = Sealer()


class Clock:
    """A clock that a test can turn."""

    def __init__(self) -> None:
        self.moment = datetime(2027, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def turn(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


def statement(name: str = "r1", route: str = "sdc", rows: Any = None, **more: Any) -> dict[str, Any]:
    """A release's statement, as much of it as review reads."""
    columns = [
        {"name": "sex", "type": "string", "role": "key", "of": None},
        {"name": "n", "type": "integer", "role": "value", "of": None},
        {"name": "n_status", "type": "string", "role": "status", "of": "n"},
    ]
    shown = rows or [["f", 120, "rounded"], ["m", 115, "rounded"], ["x", None, "masked: fewer than 10 patients"]]
    return {
        "id": name, "study": "s", "data_version": "v1", "project": P, "purpose": "tests", "route": route,
        "words": "Number of patients by sex, of person.", "cost": {"epsilon": "0", "delta": "0"}, "synthetic": True,
        "columns": columns, "rows": shown, "confidence": None, "rules": [], "created": "2027-01-01T00:00:00.000000Z",
        **more,
    }  # fmt: skip


class FakeWitness:
    """Tells the statements it was given."""

    def __init__(self, *given: dict[str, Any], limits: Limits | None = None) -> None:
        self.given = {s["id"]: s for s in given or (statement(),)}
        self.set_limits = limits or Limits(rounding=5)

    def statements(self, project: str, release_ids: tuple[str, ...]) -> Mapping[str, Mapping[str, Any]]:
        return {r: self.given[r] for r in release_ids if r in self.given and self.given[r]["project"] == project}

    def limits(self, _project: str) -> Limits:
        return self.set_limits

    def evidence(self, project: str, release_ids: tuple[str, ...]) -> dict[str, Any]:
        return {"study": "s", "releases": [{"id": r} for r in release_ids]}


@dataclass
class Room:
    """Everything around one store, and the people in it."""

    store: Store
    audit: AuditLog
    clock: Clock
    witness: FakeWitness
    roles: Roles
    policies: Policies
    notifier: Notifier
    reviews: Reviews
    reading: Reading
    accounts: Accounts
    sessions: Sessions
    grants: Grants
    ring: KeyRing
    people: dict[str, Actor] = field(default_factory=dict)

    def actor(self, user: str, *roles: Role, project: str = P, signed_in: bool = True) -> Actor:
        """A person with these roles, known to the store too, so that they are told of things."""
        later = self.clock.moment + timedelta(days=3650)
        for role in roles:
            self.roles.give(user, project, role, later, by="test")
        rights = tuple(Right(project, role, later) for role in roles)
        self.people[user] = Actor(user, Person(user, user, rights, signed_in, later))
        return self.people[user]

    def draft(self, author: Actor, *items: dict[str, Any], context: str = CONTEXT, controls: str = CONTROLS) -> Request:
        """A draft with one group of items; a release when none is named."""
        request = self.reviews.create(author, P, "A request", key())
        groups = [{"id": "g1", "context": context, "controls": controls}]
        request = self.reviews.set_groups(author, request.id, groups, key(request))
        for item in items or (release(),):
            request = self.reviews.put_item(author, request.id, "g1", SEALER.sealed(item), key(request))
        return request

    def submitted(self, author: Actor, *items: dict[str, Any]) -> Request:
        request = self.draft(author, *items)
        return self.reviews.submit(author, request.id, key(request))

    def sweep_is_quiet(self) -> bool:
        """Whether nothing is left for the sweep to do."""
        return self.reviews.sweep() == 0

    def vote(self, checker: Actor, request: Request, verdict: str = "approve") -> Request:
        """The same verdict on every item."""
        ballots = [{"item": i.id, "vote": verdict, "reason": "because"} for i in request.content.items]
        return self.reviews.vote(checker, request.id, ballots, key(request))


def release(name: str = "r1") -> dict[str, Any]:
    return {"kind": "release", "name": f"Release {name}", "content": {"release": name}}


def table(rows: Any = None, *, releases: list[str] | None = None, name: str = "Table 1") -> dict[str, Any]:
    columns = [{"name": "sex", "type": "string"}, {"name": "n", "type": "integer"}]
    content = {"columns": columns, "rows": rows or [["f", 120], ["m", 115]], "releases": releases or ["r1"]}
    return {"kind": "table", "name": name, "content": content}


def key(request: Request | None = None, name: str = "") -> Call:
    return Call(name or uuid.uuid4().hex, request.revision if request else None)


def open_room(
    url: str,
    folder: Path,
    *,
    witness: FakeWitness | None = None,
    channels: tuple[Channel, ...] = (),
    checkpoint: Callable[[str], None] = lambda _: None,
    signing: SigningKey | None = None,
) -> Room:
    """A room over the store at `url`."""
    upgrade(url)
    store, clock = Store.open(url), Clock()
    audit = AuditLog(store, signing or SigningKey.load_or_create(folder / "audit.key"), now=clock)
    seen = witness or FakeWitness()
    roles, policies = Roles(store, audit, now=clock), Policies(store, audit, now=clock)
    notifier = Notifier(store, roles, channels, now=clock)
    ring = KeyRing.open(folder / "release", "2026-01-01T00:00:00.000000Z")
    publisher = BundlePublisher(ring, seen, now=clock)
    grants = Grants(store, audit, now=clock)
    return Room(
        store, audit, clock, seen, roles, policies, notifier,
        Reviews(store, audit, policies, seen, publisher, SEALER, notifier, checkpoint=checkpoint, now=clock),
        Reading(store, audit, policies, seen, SEALER, now=clock),
        Accounts(store, audit, hasher=FAST, now=clock),
        Sessions(store, audit, roles, grants, now=clock), grants, ring,
    )  # fmt: skip

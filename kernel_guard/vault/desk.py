"""The desk: everything that people do at the vault besides asking questions, behind one identity check each.

- Each method takes the caller's token first and looks up who that is now.
- A sign-in by another provider gives the roles of its groups until the day is over; they replace those of the last one.
- What was asked, refused or read is recorded before the answer leaves: where the log fails, nothing is answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from kernel_guard.errors import Forbidden, KernelGuardError, NotFound
from kernel_guard.review.deeds import Call
from kernel_guard.review.notices import Notifier
from kernel_guard.review.permissions import Actor
from kernel_guard.review.policies import Policies
from kernel_guard.review.post import Post
from kernel_guard.review.publishing import Bundle
from kernel_guard.review.reading import Reading
from kernel_guard.review.records import Request
from kernel_guard.review.workflow import Reviews
from kernel_guard.trust.accounts import Accounts
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.audit_view import AuditView, Filter
from kernel_guard.trust.oidc import OpenIdProvider, ProviderSettings, Recognised, recognise_hub_user
from kernel_guard.trust.people import EVERY_PROJECT, Person, Role
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.sessions import Sessions
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.trust.wrapper_keys import WrapperKeys

_ROLES_OF_PROVIDER = timedelta(hours=12)


@dataclass(frozen=True)
class Desk:
    """The parts of one vault's desk."""

    audit: AuditLog
    accounts: Accounts
    sessions: Sessions
    roles: Roles
    policies: Policies
    reviews: Reviews
    reading: Reading
    keys: WrapperKeys
    notifier: Notifier
    view: AuditView
    post: Post
    provider: OpenIdProvider | None = None
    hub: str = ""
    hub_groups: ProviderSettings | None = None

    def actor(self, token: str) -> Actor:
        person = self.sessions.person(token)
        return Actor(person.user, person)

    def whoami(self, token: str) -> dict[str, Any]:
        """Who the page acts as."""
        person = self.sessions.person(token)
        rights = [{"project": r.project, "role": r.role.value, "expires": to_text(r.expires)} for r in person.rights]
        return {
            "signed_in": person.signed_in,
            "kind": "session" if person.signed_in else "grant",
            "user": person.user,
            "name": person.name,
            "rights": rights,
            "expires": to_text(person.expires),
            "methods": self.methods(),
        }

    def methods(self) -> list[str]:
        """How people may sign in here."""
        return ["password", *(["oidc"] if self.provider else []), *(["hub"] if self.hub else [])]

    def sign_in(self, user: str, password: str) -> dict[str, Any]:
        """A session for the person whose password this is."""
        return self._opened(self.accounts.check(user, password), "password")

    def sign_in_by_provider(self, state: str, code: str) -> dict[str, Any]:
        if self.provider is None:
            raise NotFound("No identity provider is configured here.")
        return self._admit(self.provider.finish(state, code), "oidc")

    def sign_in_by_hub(self, hub_token: str) -> dict[str, Any]:
        if not self.hub or self.hub_groups is None:
            raise NotFound("No JupyterHub is configured here.")
        with httpx.Client(timeout=10.0, follow_redirects=False) as client:
            return self._admit(recognise_hub_user(self.hub, hub_token, self.hub_groups, client), "hub")

    def start_provider(self, redirect: str) -> str:
        if self.provider is None:
            raise NotFound("No identity provider is configured here.")
        return self.provider.start(redirect)

    def act(self, token: str, deed: Callable[[Actor], Request]) -> dict[str, Any]:
        """Do something and answer with the request's page."""
        actor = self.actor(token)
        request = deed(actor)
        return self.reading.after(actor, request.id)

    def page(self, token: str, request_id: str) -> dict[str, Any]:
        return self.reading.page(self.actor(token), request_id)

    def bundle(self, token: str, request_id: str) -> Bundle:
        return self.reading.bundle(self.actor(token), request_id)

    def basket(self, token: str, project: str) -> dict[str, Any]:
        actor = self.actor(token)
        request = self.reading.basket(actor, project)
        return {"request": self.reading.after(actor, request.id) if request else None}

    def add_to_basket(self, token: str, project: str, item: Any, key: str) -> dict[str, Any]:
        """Put an item into the person's draft, making one where there is none."""

        def deed(actor: Actor) -> Request:
            draft = self.reading.basket(actor, project)
            if draft is None:
                draft = self.reviews.create(actor, project, "", Call(f"{key[:40]}-draft"))
            group = draft.content.groups[-1].id
            return self.reviews.put_item(actor, draft.id, group, item, Call(key, draft.revision))

        return self.act(token, deed)

    def audit_filter(self, token: str, query: Mapping[str, str]) -> Filter:
        """What an auditor (or a steward, of their projects) may see of the log."""
        person = self.sessions.person(token)
        projects = person.projects_with(Role.AUDITOR, Role.STEWARD)
        if not projects or not person.signed_in:
            raise Forbidden("The audit log is for auditors who signed in.", hint="Ask an administrator for the role.")
        everything = EVERY_PROJECT in projects
        event = AuditEvent("audit.viewed", person.user, details={k: v for k, v in query.items() if v and len(v) < 200})
        self.audit.record(event)
        return Filter.of(query, None if everything else projects)

    def note(self, token: str | None, kind: str, subject: str, details: Mapping[str, Any]) -> None:
        """Record what was asked, read or refused at the door."""
        person = self._known(token)
        project = person.rights[0].project if person and not person.signed_in and person.rights else ""
        actor = person.user if person else "unknown"
        self.audit.record(AuditEvent(kind, actor, project, subject=subject[:200], details=details))

    def sweep(self) -> None:
        """What needs no person: expiry, interrupted releases, waiting messages."""
        self.reviews.sweep()
        self.post.deliver()

    def _known(self, token: str | None) -> Person | None:
        try:
            return self.sessions.person(token) if token else None
        except KernelGuardError:
            return None

    def _admit(self, who: Recognised, source: str) -> dict[str, Any]:
        self.accounts.admit(who.user, who.name, source)
        self._renew_roles(who.user, who.roles, source)
        return self._opened(who.user, source)

    def _renew_roles(self, user: str, held: Iterable[tuple[str, str]], source: str) -> None:
        """The roles that a provider's groups give, until the day is over; what it no longer gives ends now."""
        wanted = set(held)
        for project, role in self.roles.given_by(user, source):
            self.roles.end(user, project, Role(role), by=source, given_by=source)
        for project, role in sorted(wanted):
            self.roles.give(user, project, Role(role), utc_now() + _ROLES_OF_PROVIDER, by=source)

    def _opened(self, user: str, how: str) -> dict[str, Any]:
        token = self.sessions.open(user, how)
        return {**self.whoami(token), "token": token}

"""Looking: lists, one request's page, the basket, a check before submission, a released bundle.

- A list is one indexed query for one page; only its rows are decoded, however many requests there are.
- Everything is filtered by the rights of this moment in the query itself.
- To look at a request or to fetch a bundle is recorded before the answer is given: no record, no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel_guard.errors import NotFound, RequestInvalid
from kernel_guard.review import records, views
from kernel_guard.review.assess import Assessment, Witness, assess
from kernel_guard.review.content import MAX_ITEMS, Content, read_groups, read_item
from kernel_guard.review.permissions import Actor, check_action, check_role
from kernel_guard.review.policies import Policies
from kernel_guard.review.provenance import KnownKeys
from kernel_guard.review.publishing import Bundle
from kernel_guard.review.records import Request
from kernel_guard.review.states import WITH_CHECKERS, Action, State
from kernel_guard.review.views import Story
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.people import EVERY_PROJECT, Person, Role
from kernel_guard.trust.store import Store, Transaction, count
from kernel_guard.trust.store.review_tables import review_authors, review_bundles, review_released, review_requests
from kernel_guard.trust.store.times import utc_now

MAX_PAGE = 200
_READERS = (Role.CHECKER, Role.STEWARD, Role.AUDITOR)
_R = review_requests.c


class Reading:
    """What people see of the requests of one store."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        policies: Policies,
        witness: Witness,
        keys: KnownKeys,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._audit = audit
        self._policies = policies
        self._witness = witness
        self._keys = keys
        self._now = now

    def listed(self, person: Person, query: Mapping[str, str]) -> dict[str, Any]:
        """One page of a list, and how many wait."""
        view, limit = query.get("view", "mine"), _limit(query.get("limit", "50"))
        conditions = self._conditions(person, view)
        if query.get("project"):
            conditions.append(_R.project == query["project"])
        if query.get("state"):
            conditions.append(_R.state.in_([s for s in query["state"].split(",") if s in set(State)]))
        by_risk = view == "queue"
        conditions += _before(query.get("before", ""), by_risk=by_risk)
        order = (_R.risk.desc(), _R.number.desc()) if by_risk else (_R.number.desc(),)
        with self._store.read() as tx:
            rows = tx.execute(review_requests.select().where(*conditions).order_by(*order).limit(limit + 1)).mappings()
            found = _stories(tx, records.from_rows(tx, rows.all()))
            counts = {
                name: count(tx, review_requests, *self._conditions(person, name), _R.state.in_(states))
                for name, states in (("mine", ["returned"]), ("queue", ["submitted", "in_review", "approved"]))
            }
        page = found[:limit]
        last = page[-1].request if len(found) > limit else None
        return {
            "requests": [views.summary(story, person.user) for story in page],
            "next": (f"{last.risk}.{last.number}" if by_risk else str(last.number)) if last else None,
            "counts": counts,
        }

    def page(self, actor: Actor, request_id: str) -> dict[str, Any]:
        """One request as the person may see it; that they looked is recorded first."""
        with self._store.read() as tx:
            request = records.load(tx, request_id)
            check_action(actor, request.state, Action.VIEW, request.project, request.authors)
            story = self._story(tx, request)
        if request.state not in (State.DRAFT, State.RETURNED):
            self._audit.record(_event("review.viewed", actor, request))
        return self.shown(actor, story)

    def after(self, actor: Actor, request_id: str) -> dict[str, Any]:
        """The same page as the answer to a deed, which is in the log already."""
        with self._store.read() as tx:
            story = self._story(tx, records.load(tx, request_id))
        return self.shown(actor, story)

    def shown(self, actor: Actor, story: Story) -> dict[str, Any]:
        named = tuple(sorted({r for item in story.shown.items for r in item.releases}))
        return views.whole(story, actor, self._witness.statements(story.request.project, named))

    def basket(self, actor: Actor, project: str) -> Request | None:
        """The person's youngest draft in a project."""
        mine = _R.id.in_(_authored(actor.user))
        query = review_requests.select().where(mine, _R.project == project, _R.state == State.DRAFT.value)
        with self._store.read() as tx:
            row = tx.execute(query.order_by(_R.number.desc()).limit(1)).mappings().one_or_none()
            return records.from_row(tx, row) if row is not None else None

    def check(self, actor: Actor, body: Mapping[str, Any]) -> dict[str, Any]:
        """What triage would say; stores nothing."""
        project, given = body.get("project"), body.get("items")
        if not isinstance(project, str) or not isinstance(given, list) or len(given) > MAX_ITEMS:
            raise RequestInvalid("A check needs a project, groups and items.")
        assert actor.person is not None
        check_role(actor.person, project, Role.RESEARCHER)
        content = Content(read_groups(body.get("groups", [{"id": "g1", "context": ""}])))
        first = content.groups[0].id if content.groups else ""
        keys = self._keys.of(actor.user, project)
        for number, entry in enumerate(given):
            fields = {k: v for k, v in entry.items() if k != "group"} if isinstance(entry, Mapping) else entry
            group = str(entry.get("group", first)) if isinstance(entry, Mapping) else first
            name = str(fields.get("id", f"i{number}")) if isinstance(fields, Mapping) else f"i{number}"
            item = read_item(fields, item_id=name, group=group, authors=(actor.user,), keys=keys)
            content = content.with_item(item)
        return views.preview(content, self._assess(content, project))

    def bundle(self, actor: Actor, request_id: str) -> Bundle:
        """What left, again; that it was fetched is recorded first."""
        with self._store.read() as tx:
            request = records.load(tx, request_id)
            check_action(actor, request.state, Action.DOWNLOAD, request.project, request.authors)
            query = review_bundles.select().where(review_bundles.c.request == request_id)
            row = tx.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("This request has no bundle.")
        self._audit.record(_event("review.downloaded", actor, request, sha256=row["sha256"]))
        return Bundle(row["name"], bytes(row["content"]), row["sha256"])

    def approved(self, person: Person, sha256: str) -> dict[str, Any]:
        """Whether a file with this digest left one of the person's projects before."""
        projects = sorted({right.project for right in person.rights})
        known = [review_released.c.digest == f"file:{sha256}"]
        known += [] if EVERY_PROJECT in projects else [review_released.c.project.in_(projects)]
        with self._store.read() as tx:
            return {"approved": tx.execute(review_released.select().where(*known)).first() is not None}

    def _story(self, tx: Transaction, request: Request) -> Story:
        """Everything about a request."""
        versions = records.versions(tx, request.id)
        with_authors = request.state not in WITH_CHECKERS and request.state not in (State.REJECTED, State.RELEASED)
        if with_authors or not versions:
            judged: Mapping[str, Any] = self._assess(request.content, request.project).to_json()
        else:
            judged = versions[-1].assessment
        comments, deeds = records.comments(tx, request.id), records.history(tx, request.id)
        return Story(request, versions, records.votes(tx, request.id), comments, deeds, judged)

    def _assess(self, content: Content, project: str) -> Assessment:
        return assess(content, project, self._policies.of(project), self._witness)

    def _conditions(self, person: Person, view: str) -> list[Any]:
        """The requests of a view that this person may see at all."""
        if view == "mine":
            return [_R.id.in_(_authored(person.user)), *_in(person.projects_with(Role.RESEARCHER))]
        if view == "queue":
            waiting = _R.state.in_([s.value for s in WITH_CHECKERS])
            return [waiting, ~_R.id.in_(_authored(person.user)), *_in(person.projects_with(Role.CHECKER))]
        if view not in ("project", "all"):
            raise RequestInvalid("A view is one of: mine, queue, project, all.")
        seen = [_R.state != State.DRAFT.value, *_in(person.projects_with(*_READERS))]
        own = _in(person.projects_with(Role.RESEARCHER))
        return [_all_of(seen) | _all_of(own)]


def _stories(tx: Transaction, requests: list[Request]) -> list[Story]:
    """A page of requests with what a list shows: three queries for all, whatever their number."""
    judged = records.judged_of(tx, requests)
    cast = records.votes_of(tx, [r.id for r in requests])
    return [Story(r, [], cast.get(r.id, []), [], [], judged.get(r.id, {})) for r in requests]


def _authored(user: str) -> Any:
    return review_authors.select().where(review_authors.c.user == user).with_only_columns(review_authors.c.request)


def _in(projects: frozenset[str]) -> list[Any]:
    return [] if EVERY_PROJECT in projects else [_R.project.in_(sorted(projects))]


def _all_of(conditions: list[Any]) -> Any:
    found = _R.number > 0
    for condition in conditions:
        found = found & condition
    return found


def _limit(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MAX_PAGE:
        raise RequestInvalid(f"A page holds 1 to {MAX_PAGE} requests.")
    return int(text)


def _before(text: str, *, by_risk: bool) -> list[Any]:
    """The page that follows one that ended at `text`."""
    if not text:
        return []
    parts = text.split(".")
    if len(parts) != 1 + by_risk or not all(p.isdigit() and len(p) < 18 for p in parts):
        raise RequestInvalid("This page mark is not one of ours.", hint="Start again at the first page.")
    number = int(parts[-1])
    if not by_risk:
        return [_R.number < number]
    risk = int(parts[0])
    return [(_R.risk < risk) | ((_R.risk == risk) & (_R.number < number))]


def _event(kind: str, actor: Actor, request: Request, **details: Any) -> AuditEvent:
    facts = {"number": request.number, "version": request.version, **details}
    return AuditEvent(kind, actor.user, request.project, request.study, request.id, facts)

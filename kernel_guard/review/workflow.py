"""What people do with requests: each method one deed, with the rule that is its own.

- What every deed has in common (who, when, fresh, written once) is in `deeds.py`.
- Heavy work (evidence, the bundle) is done before the transaction, from values that the revision pins.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kernel_guard.errors import Conflict, PolicyForbids, RequestInvalid
from kernel_guard.review import code, notices, records, votes
from kernel_guard.review.assess import RISKS, Assessment, Witness, assess
from kernel_guard.review.content import Content, Group, read_groups, read_item
from kernel_guard.review.deeds import Call, Deeds, event_of
from kernel_guard.review.given import MAX_REASON, ballot_of, reason_of, study_of
from kernel_guard.review.permissions import SYSTEM, Actor, Standing, check_action, check_role, standings
from kernel_guard.review.policies import Policies
from kernel_guard.review.provenance import KnownKeys
from kernel_guard.review.publishing import Bundle, Publisher
from kernel_guard.review.records import Comment, Request, Version
from kernel_guard.review.states import OPEN, Action, State
from kernel_guard.review.votes import Vote
from kernel_guard.trust.audit import AuditLog
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.review_tables import review_bundles, review_released, review_requests
from kernel_guard.trust.store.times import to_text, utc_now


class Reviews(Deeds):
    """The requests of one store. Safe to use from several threads and processes."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        policies: Policies,
        witness: Witness,
        publisher: Publisher,
        keys: KnownKeys,
        notifier: notices.Notifier,
        *,
        checkpoint: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(store, audit, notifier, checkpoint=checkpoint, now=now)
        self._policies = policies
        self._witness = witness
        self._publisher = publisher
        self._keys = keys

    def create(self, actor: Actor, project: str, title: str, call: Call) -> Request:
        """A new draft with one empty group; the person becomes its first author."""
        assert actor.person is not None
        check_role(actor.person, project, Role.RESEARCHER)
        if not isinstance(title, str) or len(title) > 200 or not title.isprintable():
            raise RequestInvalid("A title is one line of at most 200 characters.")
        moment = to_text(self._now())
        policy = self._policies.of(project)
        with self._store.write() as tx:
            known = self._done_before(tx, actor, call, "create", None)
            if known is not None:
                return known
            request = Request(
                id=secrets.token_hex(16), number=records.new_number(tx), title=title.strip() or "Untitled request",
                project=project, study="", state=State.DRAFT, creator=actor.user, authors=(actor.user,),
                content=Content((Group("g1"),)), version=0, revision=1, since=0, risk=0, checkers=1, created=moment,
                submitted="", expires=to_text(self._now() + timedelta(days=policy.expires_days)), changed=moment,
            )  # fmt: skip
            records.save(tx, self._audit, request, event_of("review.created", actor, request), new=True)
            records.note(tx, self._deed(request, actor, "create", call.key))
        return request

    def set_groups(self, actor: Actor, request_id: str, groups: Any, call: Call) -> Request:
        """Replace the groups with their context and controls."""
        read = read_groups(groups)
        return self._edit(actor, request_id, call, lambda content: content.with_groups(read))

    def put_item(self, actor: Actor, request_id: str, group: str, item: Any, call: Call) -> Request:
        """Add an item, or replace the one with its id; whoever does becomes one of its authors."""

        keys = self._keys.of(actor.user, self._peek(request_id).project)

        def change(content: Content) -> Content:
            given = item.get("id") if isinstance(item, Mapping) else None
            old = content.item(str(given)) if given is not None else None
            authors = tuple(sorted({*(old.authors if old else ()), actor.user}))
            item_id = old.id if old else f"i{secrets.token_hex(6)}"
            return content.with_item(read_item(item, item_id=item_id, group=group, authors=authors, keys=keys))

        return self._edit(actor, request_id, call, change)

    def remove_item(self, actor: Actor, request_id: str, item_id: str, call: Call) -> Request:
        return self._edit(actor, request_id, call, lambda content: content.without_item(item_id))

    def submit(self, actor: Actor, request_id: str, call: Call) -> Request:
        """Freeze a version with its evidence and hand it to the checkers; what policy calls automatic is released."""
        with self._store.read() as tx:
            known = self._done_before(tx, actor, call, Action.SUBMIT.value, request_id)
        if known is not None:
            return known
        request = self._peek(request_id)
        check_action(actor, request.state, Action.SUBMIT, request.project, request.authors)
        policy = self._policies.of(request.project)
        with self._store.read() as tx:
            behind = {i.id: code.evidence(tx, request.project, request.content, i) for i in request.content.items}
        assessment = assess(request.content, request.project, policy, self._witness, code=lambda i: behind[i.id])
        self._check_submission(request, assessment, policy.screen_only)
        moment = self._now()

        def change(tx: Transaction, now: Request) -> Request:
            _check_pinned(request, now)
            self._check_not_released(tx, now)
            version = self._freeze(now, actor, assessment, moment)
            records.add_version(tx, version)
            return replace(
                now, version=version.version, since=now.revision + 1, risk=RISKS.index(assessment.risk),
                checkers=assessment.checkers, submitted=to_text(moment), study=study_of(assessment),
                expires=to_text(moment + timedelta(days=policy.expires_days)),
                authors=tuple(sorted({*now.authors, actor.user})),
            )  # fmt: skip

        done = self._act(actor, request_id, Action.SUBMIT, call, change)
        if done.state is State.SUBMITTED and all(j.passed for j in assessment.items.values()):
            return self.finish_automatic(done)
        return done

    def finish_automatic(self, request: Request) -> Request:
        """Approve and release, by the vault itself, what policy calls automatic."""
        if request.state is State.SUBMITTED:
            key = f"auto-approve-{request.id}-{request.version}"
            request = self._act(SYSTEM, request.id, Action.APPROVE, Call(key, request.revision), _same)
        return self.release(SYSTEM, request.id, Call(f"auto-release-{request.id}-{request.version}", request.revision))

    def vote(self, actor: Actor, request_id: str, ballots: Iterable[Mapping[str, Any]], call: Call) -> Request:
        """Cast votes on items of the present version."""
        cast = [ballot_of(b) for b in ballots]
        if not cast:
            raise RequestInvalid("There is no vote in this.", hint="Vote on at least one item.")

        def change(tx: Transaction, now: Request) -> Request:
            needed, known = self._tally(tx, now)
            phase = votes.JOINT if votes.independent_done(needed, known) else votes.INDEPENDENT
            for item_id, verdict, reason in cast:
                item = now.content.item(item_id)
                vote = Vote(
                    item.id, actor.user, verdict, reason, phase, to_text(self._now()), item.digest, now.version
                )  # fmt: skip
                records.add_vote(tx, now.id, vote)
            if phase == votes.INDEPENDENT and votes.independent_done(*self._tally(tx, now)):
                self._notifier.tell_joint(tx, now)
            return now

        details = {"votes": len(cast), "commitment": votes.commitment(cast, call.key)}
        return self._act(actor, request_id, Action.VOTE, call, change, details=details)

    def give_back(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        """Return it to its authors, at any time while it is with the checkers."""
        return self._act(actor, request_id, Action.RETURN, call, _same, reason=reason_of(reason, needed=True))

    def withdraw(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        return self._act(actor, request_id, Action.WITHDRAW, call, _same, reason=reason_of(reason))

    def approve(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        """Settle that every item is approved; possible when the joint phase has nothing open or disputed."""
        return self._act(actor, request_id, Action.APPROVE, call, self._check_approved, reason=reason_of(reason))

    def reject(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        """End it for good; possible once all independent votes are in."""
        return self._act(
            actor, request_id, Action.REJECT, call, self._check_joint, reason=reason_of(reason, needed=True)
        )

    def release(self, actor: Actor, request_id: str, call: Call) -> Request:
        """Make the signed bundle of an approved request, and let it leave."""
        request = self._peek(request_id)
        if request.state is State.APPROVED:
            check_action(actor, request.state, Action.RELEASE, request.project, request.authors)
            with self._store.read() as tx:
                version = records.versions(tx, request_id)[-1]
                _, cast = self._tally(tx, request)
                deeds = records.history(tx, request_id)
            self._checkpoint("release.read")
            bundle = self._publisher.build(request, version, cast, deeds)
            self._checkpoint("release.built")
        else:
            version, bundle = None, Bundle("", b"", "")

        def change(tx: Transaction, now: Request) -> Request:
            assert version is not None
            _check_pinned(request, now)
            self._check_not_released(tx, now)
            tx.execute(
                review_bundles.insert().values(
                    request=now.id,
                    name=bundle.name,
                    sha256=bundle.sha256,
                    created=to_text(self._now()),
                    content=bundle.content,
                )  # fmt: skip
            )
            for item in version.content.items:
                tx.execute(review_released.insert().values(project=now.project, digest=item.digest, request=now.id))
            self._mark_files(tx, now, bundle)
            return now

        return self._act(actor, request_id, Action.RELEASE, call, change, details={"bundle_sha256": bundle.sha256})

    def comment(self, actor: Actor, request_id: str, text: str, visibility: str, item: str, call: Call) -> Request:
        """Say something, to everybody in the request or among checkers; changes no revision."""
        if not isinstance(text, str) or not text.strip() or len(text) > MAX_REASON:
            raise RequestInvalid(f"A comment is text of at most {MAX_REASON:,} characters.")
        if visibility not in ("public", "checkers"):
            raise RequestInvalid("A comment is for 'public' or for 'checkers'.")

        def change(tx: Transaction, now: Request) -> Request:
            held = standings(actor, now.project, now.authors)
            if visibility == "checkers" and Standing.CHECKER not in held:
                raise RequestInvalid("Only a checker writes to checkers.", hint="Make the comment public.")
            if item:
                now.content.item(item)
            role = Standing.CHECKER if Standing.CHECKER in held else Standing.RESEARCHER
            moment = to_text(self._now())
            records.add_comment(tx, Comment(0, now.id, actor.user, role.value, moment, text.strip(), visibility, item))
            return now

        return self._act(
            actor, request_id, Action.COMMENT, call, change, details={"visibility": visibility}, reason=visibility
        )

    def sweep(self) -> int:
        """Withdraw what has expired and finish what an interrupted automatic release left; how many requests moved."""
        moment, moved = to_text(self._now()), 0
        with self._store.read() as tx:
            query = review_requests.select().where(
                review_requests.c.state.in_([s.value for s in OPEN]), review_requests.c.expires <= moment
            )
            expired = [row["id"] for row in tx.execute(query).mappings()]
            query = review_requests.select().where(
                review_requests.c.checkers == 0, review_requests.c.state.in_(["submitted", "approved"])
            )
            waiting = [records.from_row(tx, row) for row in tx.execute(query).mappings().all()]
        for request_id in expired:
            self._act(SYSTEM, request_id, Action.EXPIRE, Call(f"expire-{request_id}"), _same)
            moved += 1
        for request in waiting:
            if request.id not in expired:
                self.finish_automatic(request)
                moved += 1
        return moved

    def _edit(self, actor: Actor, request_id: str, call: Call, change: Callable[[Content], Content]) -> Request:
        def edited(_tx: Transaction, now: Request) -> Request:
            content = change(now.content)
            return replace(now, content=content, authors=tuple(sorted({*now.authors, actor.user})))

        return self._act(actor, request_id, Action.EDIT, call, edited)

    def _mark_files(self, tx: Transaction, request: Request, bundle: Bundle) -> None:
        """Note which files left, so that a server can tell an approved one by its bytes."""
        for digest in sorted({f"file:{sha256}" for sha256 in bundle.files}):
            known = (review_released.c.project == request.project, review_released.c.digest == digest)
            if tx.execute(review_released.select().where(*known)).first() is None:
                values = {"project": request.project, "digest": digest, "request": request.id}
                tx.execute(review_released.insert().values(values))

    def _check_joint(self, tx: Transaction, now: Request) -> Request:
        needed, cast = self._tally(tx, now)
        if not votes.independent_done(needed, cast):
            raise Conflict("The independent votes are not all in.", hint="Wait for them, or return the request.")
        return now

    def _check_approved(self, tx: Transaction, now: Request) -> Request:
        self._check_joint(tx, now)
        needed, cast = self._tally(tx, now)
        unsettled = [item for item, number in needed.items() if votes.result(item, number, cast) != "approved"]
        if unsettled:
            raise Conflict(
                f"{len(unsettled)} item(s) are not approved by all who voted.",
                hint="Settle them together and vote again, or return the request.",
                details={"items": unsettled},
            )
        return now

    def _check_submission(self, request: Request, assessment: Assessment, screen_only: tuple[str, ...]) -> None:
        if not request.content.items:
            raise RequestInvalid("There is nothing in this request.", hint="Add at least one item.")
        stops = assessment.stops(request.content)
        if stops:
            raise RequestInvalid(
                f"{len(stops)} finding(s) would send this request back.",
                hint="Mend them, or justify the item in words.",
                details={"findings": stops},
            )
        shown = [i.name for i in request.content.items if assessment.items[i.id].risk_class in screen_only]
        if shown:
            raise PolicyForbids(
                f"{shown[0]!r} may be looked at here and cannot leave.",
                hint="Remove it from the request; the project's policy keeps its kind on the screen.",
            )

    def _check_not_released(self, tx: Transaction, request: Request) -> None:
        digests = {item.digest: item.name for item in request.content.items}
        query = review_released.select().where(
            review_released.c.project == request.project, review_released.c.digest.in_(list(digests))
        )
        row = tx.execute(query).mappings().first()
        if row is not None:
            raise Conflict(
                f"{digests[row['digest']]!r} was released already.",
                hint="Take it from the earlier bundle and remove it here.",
                details={"request": row["request"]},
            )

    def _freeze(self, request: Request, actor: Actor, assessment: Assessment, moment: datetime) -> Version:
        judged = assessment.to_json()
        digest = records.version_digest(request.content, judged)
        number = request.version + 1
        return Version(request.id, number, to_text(moment), actor.user, digest, request.content, judged)


def _check_pinned(read: Request, now: Request) -> None:
    """What was judged or built outside the transaction must be what is written in it."""
    if read.revision != now.revision:
        raise Conflict("The request has changed meanwhile.", hint="Read it again.", details={"revision": now.revision})


def _same(_tx: Transaction, request: Request) -> Request:
    return request

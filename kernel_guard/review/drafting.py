"""What authors do: make a request, fill it, name it, and hand a frozen version of it to the checkers.

- The vault's evidence is made before the transaction, from values that the revision pins.
- Whoever changes anything of a request is one of its authors.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from kernel_guard.errors import PolicyForbids, RequestInvalid
from kernel_guard.review import code, records
from kernel_guard.review.assess import RISKS, Assessment, assess
from kernel_guard.review.content import Content, Group, read_groups, read_item
from kernel_guard.review.deeds import Call, check_not_released, check_pinned, event_of
from kernel_guard.review.given import reason_of, study_of, title_of
from kernel_guard.review.permissions import Actor, check_action, check_role
from kernel_guard.review.records import Request, Version
from kernel_guard.review.releasing import Releasing
from kernel_guard.review.states import Action, State
from kernel_guard.trust.people import Role
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.times import to_text


class Drafting(Releasing):
    """Requests while they are their authors'; what policy calls automatic is released at once."""

    def create(self, actor: Actor, project: str, title: str, call: Call) -> Request:
        """A new draft with one empty group; the person becomes its first author."""
        assert actor.person is not None
        check_role(actor.person, project, Role.RESEARCHER)
        named = title_of(title)
        moment = to_text(self._now())
        policy = self._policies.of(project)
        with self._store.write() as tx:
            known = self._done_before(tx, actor, call, "create", None)
            if known is not None:
                return known
            request = Request(
                id=secrets.token_hex(16), number=records.new_number(tx), title=named,
                project=project, study="", state=State.DRAFT, creator=actor.user, authors=(actor.user,),
                content=Content((Group("g1"),)), version=0, revision=1, since=0, risk=0, checkers=1, created=moment,
                submitted="", expires=to_text(self._now() + timedelta(days=policy.expires_days)), changed=moment,
            )  # fmt: skip
            records.save(tx, self._audit, request, event_of("review.created", actor, request), new=True)
            records.note(tx, self._deed(request, actor, "create", call.key))
        return request

    def set_title(self, actor: Actor, request_id: str, title: Any, call: Call) -> Request:
        """Name a draft or a returned request; one that is with the checkers keeps its name."""
        named = title_of(title)
        return self._edit(actor, request_id, call, lambda now: replace(now, title=named))

    def set_groups(self, actor: Actor, request_id: str, groups: Any, call: Call) -> Request:
        """Replace the groups with their context and controls."""
        read = read_groups(groups)
        return self._edit_content(actor, request_id, call, lambda content: content.with_groups(read))

    def put_item(self, actor: Actor, request_id: str, group: str, item: Any, call: Call) -> Request:
        """Add an item, or replace the one with its id; whoever does becomes one of its authors."""

        keys = self._keys.of(actor.user, self._peek(request_id).project)

        def change(content: Content) -> Content:
            given = item.get("id") if isinstance(item, Mapping) else None
            old = content.item(str(given)) if given is not None else None
            authors = tuple(sorted({*(old.authors if old else ()), actor.user}))
            item_id = old.id if old else f"i{secrets.token_hex(6)}"
            return content.with_item(read_item(item, item_id=item_id, group=group, authors=authors, keys=keys))

        return self._edit_content(actor, request_id, call, change)

    def justify(self, actor: Actor, request_id: str, item_id: str, words: Any, call: Call) -> Request:
        """Say why an item may leave as it is, for all that the machine found in it."""
        said = reason_of(words)

        def change(content: Content) -> Content:
            item = content.item(item_id)
            authors = tuple(sorted({*item.authors, actor.user}))
            return content.with_item(replace(item, justification=said, authors=authors))

        return self._edit_content(actor, request_id, call, change)

    def remove_item(self, actor: Actor, request_id: str, item_id: str, call: Call) -> Request:
        return self._edit_content(actor, request_id, call, lambda content: content.without_item(item_id))

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
            check_pinned(request, now)
            check_not_released(tx, now)
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

    def _edit(self, actor: Actor, request_id: str, call: Call, change: Callable[[Request], Request]) -> Request:
        """Whoever changes anything of a request is one of its authors."""

        def edited(_tx: Transaction, now: Request) -> Request:
            return replace(change(now), authors=tuple(sorted({*now.authors, actor.user})))

        return self._act(actor, request_id, Action.EDIT, call, edited)

    def _edit_content(self, actor: Actor, request_id: str, call: Call, change: Callable[[Content], Content]) -> Request:
        return self._edit(actor, request_id, call, lambda now: replace(now, content=change(now.content)))

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

    def _freeze(self, request: Request, actor: Actor, assessment: Assessment, moment: datetime) -> Version:
        judged = assessment.to_json()
        digest = records.version_digest(request.content, judged)
        number = request.version + 1
        return Version(request.id, number, to_text(moment), actor.user, digest, request.content, judged)

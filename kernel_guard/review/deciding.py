"""What checkers do, and what everybody says: votes, returns, approvals, rejections, withdrawals, comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kernel_guard.errors import Conflict, RequestInvalid
from kernel_guard.review import records, votes
from kernel_guard.review.deeds import Call, Deeds, same
from kernel_guard.review.given import MAX_REASON, ballot_of, reason_of
from kernel_guard.review.permissions import Actor, Standing, standings
from kernel_guard.review.records import Comment, Request
from kernel_guard.review.states import Action
from kernel_guard.review.votes import Vote
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.times import to_text


class Deciding(Deeds):
    """Requests while they are with the checkers."""

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
        return self._act(actor, request_id, Action.RETURN, call, same, reason=reason_of(reason, needed=True))

    def withdraw(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        return self._act(actor, request_id, Action.WITHDRAW, call, same, reason=reason_of(reason))

    def approve(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        """Settle that every item is approved; possible when the joint phase has nothing open or disputed."""
        return self._act(actor, request_id, Action.APPROVE, call, self._check_approved, reason=reason_of(reason))

    def reject(self, actor: Actor, request_id: str, reason: str, call: Call) -> Request:
        """End it for good; possible once all independent votes are in."""
        return self._act(
            actor, request_id, Action.REJECT, call, self._check_joint, reason=reason_of(reason, needed=True)
        )

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

"""How an approved request leaves: its signed bundle, what leaves by itself, and what the passing of time does.

- The bundle is made before the transaction, from values that the revision pins, and written with the new state.
- What an interrupted automatic release left is finished by the sweep.
"""

from __future__ import annotations

from kernel_guard.review import records
from kernel_guard.review.deeds import Call, Deeds, check_not_released, check_pinned, same
from kernel_guard.review.permissions import SYSTEM, Actor, check_action
from kernel_guard.review.publishing import Bundle
from kernel_guard.review.records import Request
from kernel_guard.review.states import OPEN, Action, State
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.review_tables import review_bundles, review_released, review_requests
from kernel_guard.trust.store.times import to_text


class Releasing(Deeds):
    """Requests on their way out."""

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
            check_pinned(request, now)
            check_not_released(tx, now)
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

    def finish_automatic(self, request: Request) -> Request:
        """Approve and release, by the vault itself, what policy calls automatic."""
        if request.state is State.SUBMITTED:
            key = f"auto-approve-{request.id}-{request.version}"
            request = self._act(SYSTEM, request.id, Action.APPROVE, Call(key, request.revision), same)
        return self.release(SYSTEM, request.id, Call(f"auto-release-{request.id}-{request.version}", request.revision))

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
            self._act(SYSTEM, request_id, Action.EXPIRE, Call(f"expire-{request_id}"), same)
            moved += 1
        for request in waiting:
            if request.id not in expired:
                self.finish_automatic(request)
                moved += 1
        return moved

    def _mark_files(self, tx: Transaction, request: Request, bundle: Bundle) -> None:
        """Note which files left, so that a server can tell an approved one by its bytes."""
        for digest in sorted({f"file:{sha256}" for sha256 in bundle.files}):
            known = (review_released.c.project == request.project, review_released.c.digest == digest)
            if tx.execute(review_released.select().where(*known)).first() is None:
                values = {"project": request.project, "digest": digest, "request": request.id}
                tx.execute(review_released.insert().values(values))

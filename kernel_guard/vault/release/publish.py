"""From an approved version to a signed bundle: the one place that decides what is in it.

- Everything comes from the immutable version and the vault's statements, nothing from the working copy.
- Before it is given away the finished bundle is judged as a stranger would judge it.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel_guard import __version__
from kernel_guard.errors import InternalError
from kernel_guard.review import bundle
from kernel_guard.review.assess import Witness
from kernel_guard.review.content import Item
from kernel_guard.review.publishing import Bundle
from kernel_guard.review.records import Deed, Request, Version
from kernel_guard.review.states import Action
from kernel_guard.review.votes import APPROVE, Vote
from kernel_guard.trust import dsse
from kernel_guard.trust.keyring import KeyRing
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.release import acro, bag, crate, files

CHECKS = ("counts", "rounding", "shares", "degrees of freedom", "underlying data", "context")
_NAMESPACE = uuid.UUID("6d1c2d6e-5f0a-4a57-9a39-0c6f8f5f6b51")


class BundlePublisher:
    """Makes the bundles of one vault."""

    def __init__(self, ring: KeyRing, witness: Witness, *, now: Callable[[], datetime] = utc_now) -> None:
        self._ring = ring
        self._witness = witness
        self._now = now

    def build(self, request: Request, version: Version, votes: list[Vote], deeds: list[Deed]) -> Bundle:
        """The bundle of an approved version."""
        named = tuple(sorted({r for item in version.content.items for r in item.releases}))
        statements = self._witness.statements(request.project, named)
        payload: dict[str, bytes] = {}
        described: dict[str, str] = {}
        items = []
        for number, item in enumerate(version.content.items, 1):
            made = files.of(item, f"outputs/{number:02d}-{_slug(item.name)}", _statement(item, statements))
            payload |= made
            described |= dict.fromkeys(made, item.name)
            items.append(_facts(item, version, sorted(made)))
        sums = acro.checksums(payload)
        described |= dict.fromkeys(sums, "SHA-256 of an output, as ACRO writes it")
        facts = self._statement(request, version, votes, deeds, statements, items)
        payload |= sums
        payload["criteria.json"] = _json({k: facts[k] for k in ("items", "groups", "sign_offs", "studies", "limits")})
        payload["results.json"] = acro.results(_for_acro(version, items), version.submitted)
        described |= {"criteria.json": "Criteria and sign-offs", "results.json": "The outputs as ACRO lists them"}
        payload["ro-crate-metadata.json"] = crate.metadata(facts, payload, described)
        return self._sign(request, facts, payload)

    def _sign(self, request: Request, facts: Mapping[str, Any], payload: Mapping[str, bytes]) -> Bundle:
        key, known = self._ring.signer(), self._ring.known()
        folder = f"{_slug(request.project)}-{request.number}"
        record = json.dumps({"version": 1, "keys": [k.to_json() for k in known]}).encode()

        def sign(manifest: str, tags: Mapping[str, str]) -> dict[str, Any]:
            predicate = {**facts, "tags": dict(tags)}
            statement = dsse.in_toto_statement(bundle.MANIFEST, manifest, bundle.BUNDLE_TYPE, predicate)
            return dsse.seal(statement, key)

        info = {
            "Source-Organization": request.project,
            "Bagging-Date": str(facts["released"])[:10],
            "External-Identifier": str(facts["urn"]),
            "Bag-Software-Agent": f"Kernel Guard {__version__}",
        }
        content = bag.pack(folder, payload, info, record, sign)
        bundle.judge(content, known)
        digests = tuple(hashlib.sha256(file).hexdigest() for file in (content, *payload.values()))
        return Bundle(f"{folder}.zip", content, digests[0], digests)

    def _statement(
        self,
        request: Request,
        version: Version,
        votes: list[Vote],
        deeds: list[Deed],
        statements: Mapping[str, Mapping[str, Any]],
        items: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """What is signed: facts about what leaves and who agreed to it."""
        limits = self._witness.limits(request.project)
        approved = [d for d in deeds if d.action == Action.APPROVE.value]
        studies = {(s["study"], s["data_version"], bool(s.get("synthetic"))) for s in statements.values()}
        return {
            "urn": uuid.uuid5(_NAMESPACE, f"{request.id}/{version.version}").urn,
            "title": request.title,
            "project": request.project,
            "request": {
                "id": request.id,
                "number": request.number,
                "version": version.version,
                "digest": version.digest,
            },
            "authors": list(request.authors),
            "software": __version__,
            "submitted": version.submitted,
            "approved": approved[-1].time if approved else version.submitted,
            "released": to_text(self._now()),
            "studies": [{"study": s, "data_version": v, "synthetic": y} for s, v, y in sorted(studies)],
            "items": items,
            "groups": [vars(g) for g in version.content.groups],
            "limits": {**vars(limits)},
            "sign_offs": _sign_offs(votes),
        }


def _statement(item: Item, statements: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any] | None:
    if item.kind != "release":
        return None
    found = statements.get(item.releases[0])
    if found is None:
        raise InternalError("A release that was approved is not in the ledger.")
    return found


def _facts(item: Item, version: Version, names: list[str]) -> dict[str, Any]:
    judged = version.assessment["items"][item.id]
    return {
        "name": item.name, "kind": item.kind, "digest": item.digest, "group": item.group, "files": names,
        "class": judged["class"], "checkers": judged["checkers"], "releases": list(item.releases),
        "checks": list(CHECKS), "verdict": "approved",
    }  # fmt: skip


def _sign_offs(votes: list[Vote]) -> list[dict[str, str]]:
    """Who approved: every checker once, with the time of their last vote."""
    last = {v.by: v.time for v in votes if v.vote == APPROVE}
    return [{"by": by, "role": "checker", "time": time} for by, time in sorted(last.items())]


def _for_acro(version: Version, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    contexts = {g.id: g.context for g in version.content.groups}
    return [
        {
            "uid": f"output_{n}", "kind": facts["kind"], "name": facts["name"], "files": facts["files"],
            "comment": contexts[facts["group"]], "chart": item.content.get("chart"),
        }
        for n, (facts, item) in enumerate(zip(items, version.content.items, strict=True))
    ]  # fmt: skip


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40] or "item"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()

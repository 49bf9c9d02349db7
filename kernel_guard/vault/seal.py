"""A release as it is sealed: the statement that is signed, and its envelope."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel_guard.plan import words
from kernel_guard.plan.codec import canonical_json, encode
from kernel_guard.plan.composed import Question
from kernel_guard.plan.privacy import Budget
from kernel_guard.trust import dsse
from kernel_guard.trust.identity import Grant
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store.times import to_text
from kernel_guard.vault.catalogue.registry import Dataset
from kernel_guard.vault.disclosure.result import Result

RELEASE_TYPE = "https://kernel-guard.org/release/v1"


@dataclass(frozen=True)
class Sealed:
    """A release with its signature."""

    statement: dict[str, Any]
    envelope: dict[str, Any]


def seal(
    ask: Question,
    ask_digest: str,
    cost: Budget,
    result: Result,
    grant: Grant,
    dataset: Dataset,
    key: SigningKey,
    now: datetime,
    index: Sequence[Mapping[str, Any]] = (),
) -> Sealed:
    """Step 10: everything that a reader needs to judge the numbers, signed by the vault.

    `index` says where the tables of a composed question stand among the rows.
    """
    statement = {
        "id": str(uuid.uuid4()),
        "created": to_text(now),
        "study": dataset.study.name,
        "data_version": dataset.study.version,
        "project": grant.project,
        "purpose": grant.purpose,
        "route": ask.route.value,
        "plan": encode(ask),
        "plan_digest": ask_digest,
        "words": words.question(ask),
        "cost": cost.stated(),
        "synthetic": dataset.study.synthetic,
        **result.to_json(),
        **({"tables": list(index)} if index else {}),
    }
    return sign(statement, key)


def sign(statement: dict[str, Any], key: SigningKey) -> Sealed:
    """The statement in its signed envelope."""
    digest = hashlib.sha256(canonical_json(statement)).hexdigest()
    payload = dsse.in_toto_statement(f"release/{statement['id']}", digest, RELEASE_TYPE, statement)
    return Sealed(statement, dsse.seal(payload, key))

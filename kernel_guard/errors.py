"""Every error that Kernel Guard raises, in one tree.

    KernelGuardError
    ├── PlanError            the question is malformed
    │   └── UnknownColumn    it names something that the schema does not have
    ├── PolicyForbids        the question is well formed, the policy says no
    ├── BudgetExceeded       too little privacy budget is left
    ├── Unauthenticated      no valid grant was shown
    ├── Forbidden            the grant does not cover this
    ├── NotFound             no such release, study or path
    ├── Conflict             it changed meanwhile, or its state does not allow this
    ├── RequestInvalid       what is asked to leave is not in a form that can be checked
    ├── VaultUnavailable     the vault does not answer
    ├── ConfigError          a setting is missing, unknown or unsafe
    ├── DatasetError         a data set cannot be taken in
    ├── StoreError           the ledger's database cannot be written or read
    ├── SignatureError       a signature does not verify
    ├── SandboxUnavailable   no isolation strong enough can be had here
    └── InternalError        the unexpected; the audit log knows more under its id

- A text is made from the plan and the policy: never from data, never from another exception's text.
- Each has a stable code, a public text and a hint that says what to do now.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class KernelGuardError(Exception):
    """The base of the tree; `public()` is what may cross a zone boundary."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400

    def __init__(self, message: str, *, hint: str = "", details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = dict(details or {})

    def public(self) -> dict[str, Any]:
        """The error as plain JSON values."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "details": self.details}

    def __str__(self) -> str:
        return f"{self.message}\n→ {self.hint}" if self.hint else self.message


class PlanError(KernelGuardError):
    code = "plan_invalid"
    status = 422


class UnknownColumn(PlanError):
    code = "unknown_column"


class PolicyForbids(KernelGuardError):
    code = "policy_forbids"
    status = 403


class BudgetExceeded(KernelGuardError):
    code = "budget_exceeded"
    status = 409


class Unauthenticated(KernelGuardError):
    code = "unauthenticated"
    status = 401


class Forbidden(KernelGuardError):
    code = "forbidden"
    status = 403


class NotFound(KernelGuardError):
    code = "not_found"
    status = 404


class Conflict(KernelGuardError):
    code = "conflict"
    status = 409


class RequestInvalid(KernelGuardError):
    code = "request_invalid"
    status = 422


class VaultUnavailable(KernelGuardError):
    code = "vault_unavailable"
    status = 503


class ConfigError(KernelGuardError):
    code = "config_invalid"
    status = 500


class DatasetError(KernelGuardError):
    code = "dataset_invalid"
    status = 422


class StoreError(KernelGuardError):
    code = "store_failed"
    status = 503


class SignatureError(KernelGuardError):
    code = "signature_invalid"
    status = 422


class SandboxUnavailable(KernelGuardError):
    code = "sandbox_unavailable"
    status = 503


class InternalError(KernelGuardError):
    code = "internal"
    status = 500


def error_types() -> dict[str, type[KernelGuardError]]:
    """Code → class, for a client that rebuilds the error a vault answered with."""
    found: dict[str, type[KernelGuardError]] = {}
    pending: list[type[KernelGuardError]] = [KernelGuardError]
    while pending:
        kind = pending.pop()
        found[kind.code] = kind
        pending.extend(kind.__subclasses__())
    return found


def from_public(payload: Mapping[str, Any]) -> KernelGuardError:
    """Rebuild an error from `public()`; an unknown code becomes an `InternalError`."""
    kind = error_types().get(str(payload.get("code")), InternalError)
    details = payload.get("details")
    return kind(
        str(payload.get("message", "The vault gave no reason.")),
        hint=str(payload.get("hint", "")),
        details=details if isinstance(details, dict) else None,
    )

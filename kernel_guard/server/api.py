"""What the front end may know, as plain functions: no tornado here, so they are tested without a server.

- Each asks the vault with the server's own grant and passes on public facts only.
- A vault that is down is an answer for `status` and an error, with a hint, for the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.server.settings import GuardServer

DISTRIBUTION = "kernel-guard"


def version() -> str:
    """The installed version; empty in a source tree that was never installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return ""


def status(settings: GuardServer) -> dict[str, Any]:
    """Versions for the handshake, whether the vault answers, and how strong the isolation is."""
    return {"version": version(), "vault": vault_state(settings), "guard": {"level": settings.guard_level}}


def vault_state(settings: GuardServer) -> dict[str, Any]:
    """Up with its mode, or down with the public reason."""
    try:
        health = settings.vault().get_json("/v1/health")
    except KernelGuardError as error:
        return {"state": "down", "synthetic_only": False, "error": error.public()}
    return {"state": "up", "synthetic_only": bool(health.get("synthetic_only"))}


def catalogue(settings: GuardServer) -> dict[str, Any]:
    """Studies of the grant with tables and columns, as declared."""
    return settings.vault().get_json("/v1/studies")


def budget(settings: GuardServer) -> dict[str, Any]:
    """What is granted, spent, reserved and left per study."""
    return settings.vault().get_json("/v1/budget")


QUESTIONS: dict[str, Callable[[GuardServer], dict[str, Any]]] = {
    "status": status,
    "catalogue": catalogue,
    "budget": budget,
}

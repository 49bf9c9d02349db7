"""What the front end may know, as plain functions: no tornado here, so they are tested without a server.

- Each asks the vault with the server's own grant and passes on public facts only.
- A vault that is down is an answer for `status` and an error, with a hint, for the rest.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any
from urllib.parse import quote, urlencode

from kernel_guard.errors import KernelGuardError, PlanError
from kernel_guard.server.settings import GuardServer

DISTRIBUTION = "kernel-guard"
MAX_ARGUMENT = 200
Arguments = Mapping[str, str]


def version() -> str:
    """The installed version; empty in a source tree that was never installed."""
    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return ""


def status(settings: GuardServer, _: Arguments) -> dict[str, Any]:
    """Versions for the handshake, whether the vault answers, and how strong the isolation is."""
    return {"version": version(), "vault": vault_state(settings), "guard": {"level": settings.guard_level}}


def vault_state(settings: GuardServer) -> dict[str, Any]:
    """Up with its mode, or down with the public reason."""
    try:
        health = settings.vault().get_json("/v1/health")
    except KernelGuardError as error:
        return {"state": "down", "synthetic_only": False, "error": error.public()}
    return {"state": "up", "synthetic_only": bool(health.get("synthetic_only"))}


def catalogue(settings: GuardServer, _: Arguments) -> dict[str, Any]:
    """Studies of the grant with tables and columns, as declared."""
    return settings.vault().get_json("/v1/studies")


def budget(settings: GuardServer, _: Arguments) -> dict[str, Any]:
    """What is granted, spent, reserved and left per study."""
    return settings.vault().get_json("/v1/budget")


def spending(settings: GuardServer, _: Arguments) -> dict[str, Any]:
    """Who of the project spent what on which question."""
    return settings.vault().get_json("/v1/spending")


def concepts(settings: GuardServer, given: Arguments) -> dict[str, Any]:
    """Codes of a study's public vocabulary: by words (`q`), or all below one (`ancestor`)."""
    study = given.get("study", "")
    wanted = {name: given[name] for name in ("q", "ancestor") if name in given}
    if not study or any(len(text) > MAX_ARGUMENT for text in (study, *wanted.values())):
        raise PlanError("Name a study and a few words.", hint="Such as concepts?study=demo-hospital&q=diabetes.")
    return settings.vault().get_json(f"/v1/studies/{quote(study, safe='')}/concepts?{urlencode(wanted)}")


def public_key(settings: GuardServer, _: Arguments) -> dict[str, Any]:
    """The key with which a page checks that a release is the vault's own."""
    return settings.vault().get_json("/v1/public-key")


def doctor(_: GuardServer, __: Arguments) -> dict[str, Any]:
    """What the sandbox stops on this machine, tried for real; the trial takes seconds, so its answer is kept."""
    return _doctor()


@functools.cache
def _doctor() -> dict[str, Any]:
    from kernel_guard.sandbox.doctor import run_doctor

    return run_doctor().to_json()


QUESTIONS: dict[str, Callable[[GuardServer, Arguments], dict[str, Any]]] = {
    "status": status,
    "catalogue": catalogue,
    "budget": budget,
    "spending": spending,
    "concepts": concepts,
    "public-key": public_key,
    "doctor": doctor,
}

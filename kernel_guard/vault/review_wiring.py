"""Which parts make the desk, in one place."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kernel_guard.errors import KernelGuardError
from kernel_guard.review.notices import Notifier
from kernel_guard.review.policies import Policies
from kernel_guard.review.post import Post
from kernel_guard.review.reading import Reading
from kernel_guard.review.workflow import Reviews
from kernel_guard.trust.accounts import Accounts
from kernel_guard.trust.audit import AuditLog
from kernel_guard.trust.audit_view import AuditView
from kernel_guard.trust.identity import Grants
from kernel_guard.trust.keyring import KeyRing
from kernel_guard.trust.oidc import OpenIdProvider
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.sessions import Sessions
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.trust.wrapper_keys import WrapperKeys
from kernel_guard.vault import review_config
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.config import VaultConfig
from kernel_guard.vault.desk import Desk
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.evidence.witness import VaultWitness
from kernel_guard.vault.release import BundlePublisher

SWEEP_SECONDS = 30.0


def open_ring(config: VaultConfig) -> KeyRing:
    """The vault's release keys."""
    return KeyRing.open(config.secrets / "release", to_text(utc_now()))


def open_desk(
    config: VaultConfig,
    store: Store,
    audit: AuditLog,
    grants: Grants,
    registry: Registry,
    engine_for: Callable[[Dataset], Engine],
    *,
    checkpoint: Callable[[str], None] = lambda _: None,
) -> Desk:
    """The desk over one vault's parts, with what an earlier process left open finished."""
    settings = review_config.load(config.secrets.parent, config.secrets)
    roles, policies = Roles(store, audit), Policies(store, audit)
    witness = VaultWitness(store, registry, engine_for)
    notifier = Notifier(store, roles, settings.channels)
    publisher = BundlePublisher(open_ring(config), witness)
    keys = WrapperKeys(store, audit)
    reviews = Reviews(store, audit, policies, witness, publisher, keys, notifier, checkpoint=checkpoint)
    return Desk(
        audit=audit,
        accounts=Accounts(store, audit),
        sessions=Sessions(store, audit, roles, grants),
        roles=roles,
        policies=policies,
        reviews=reviews,
        reading=Reading(store, audit, policies, witness, keys),
        keys=keys,
        notifier=notifier,
        view=AuditView(store),
        post=Post(store, settings.smtp),
        provider=OpenIdProvider(settings.oidc) if settings.oidc else None,
        hub=settings.hub,
        hub_groups=settings.hub_groups,
    )


def sweep_forever(desk: Desk, stop: threading.Event) -> threading.Thread:
    """A thread that sweeps until `stop` is set; a sweep that fails is tried again at the next turn."""

    def work() -> None:
        while True:
            try:
                desk.sweep()
            except KernelGuardError:
                pass
            if stop.wait(SWEEP_SECONDS):
                return

    thread = threading.Thread(target=work, name="review-sweep", daemon=True)
    thread.start()
    return thread

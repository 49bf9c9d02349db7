"""Which parts make a vault, in one place: the daemon, the steward's commands and the tests build it here."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from dataclasses import dataclass

from kernel_guard.errors import ConfigError
from kernel_guard.sandbox import Level
from kernel_guard.trust import private_file
from kernel_guard.trust.audit import AuditLog
from kernel_guard.trust.identity import Grants
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Store, upgrade
from kernel_guard.vault.catalogue.registry import Dataset, Registry
from kernel_guard.vault.config import VaultConfig
from kernel_guard.vault.desk import Desk
from kernel_guard.vault.disclosure.differencing.history import History
from kernel_guard.vault.engine.base import Engine
from kernel_guard.vault.engines import make_engine
from kernel_guard.vault.exact import ExactRoute
from kernel_guard.vault.gate import Gate
from kernel_guard.vault.ledger import Ledger
from kernel_guard.vault.review_wiring import open_desk
from kernel_guard.vault.runner.cell import Place
from kernel_guard.vault.runner.pending import Pending
from kernel_guard.vault.runner.route import ProtectedRoute


@dataclass(frozen=True)
class Parts:
    """The trusted parts over one store."""

    store: Store
    key: SigningKey
    audit: AuditLog
    grants: Grants
    registry: Registry
    ledger: Ledger


def open_parts(config: VaultConfig, *, checkpoint: Callable[[str], None] = lambda _: None) -> Parts:
    """Open (and, where needed, upgrade) the store and what works on it."""
    config.store.parent.mkdir(parents=True, exist_ok=True)
    upgrade(config.store_url)
    store = Store.open(config.store_url)
    key = SigningKey.load(config.signing_key)
    audit = AuditLog(store, key)
    return Parts(
        store,
        key,
        audit,
        Grants(store, audit),
        Registry(store, audit, config.data),
        Ledger(store, audit, checkpoint=checkpoint),
    )


def pending_of(parts: Parts) -> Pending:
    """What protected code handed over and a checker has not decided on."""
    return Pending(parts.store, parts.audit, parts.ledger, parts.registry, parts.key)


def _place(config: VaultConfig) -> Place:
    """Where protected code runs. Without namespaces it runs beside synthetic rows only."""
    hidden = (config.socket, config.store, config.data, config.signing_key, config.salt_file)
    runtime = config.socket.parent / "runner"
    if config.synthetic_only:
        return Place(runtime, hidden, minimum=Level.G2, allow=("bwrap", "bare"))
    return Place(runtime, hidden)


def open_gate(config: VaultConfig, *, checkpoint: Callable[[str], None] = lambda _: None) -> Gate:
    """The gate of a vault, with what an earlier process left open settled."""
    return open_vault(config, checkpoint=checkpoint)[0]


def open_vault(config: VaultConfig, *, checkpoint: Callable[[str], None] = lambda _: None) -> tuple[Gate, Desk]:
    """The gate and the desk of a vault, over one store."""
    parts = open_parts(config, checkpoint=checkpoint)
    parts.ledger.settle()
    salt = private_file.read(config.salt_file)
    if len(salt) < 16:
        raise ConfigError("The salt is too short.", hint="Make a new vault folder with 'kernel-guard vault init DIR'.")

    @functools.lru_cache(maxsize=8)
    def engine(name: str, version: str) -> Engine:
        dataset = parts.registry.get(name)
        return make_engine(config, dataset.study, dataset.files(), salt)

    making = threading.Lock()

    def engine_for(dataset: Dataset) -> Engine:
        with making:  # two first questions at once must not make the patients' codes twice
            return engine(dataset.study.name, dataset.study.version)

    desk = open_desk(config, parts.store, parts.audit, parts.grants, parts.registry, engine_for, checkpoint=checkpoint)
    gate = Gate(
        grants=parts.grants,
        registry=parts.registry,
        ledger=parts.ledger,
        exact=ExactRoute(History(parts.store)),
        engine_for=engine_for,
        key=parts.key,
        protected=ProtectedRoute(
            ledger=parts.ledger,
            audit=parts.audit,
            pending=pending_of(parts),
            key=parts.key,
            salt=salt,
            place=_place(config),
            checkpoint=checkpoint,
        ),
        synthetic_only=config.synthetic_only,
        checkpoint=checkpoint,
        close=parts.store.close,
    )
    return gate, desk

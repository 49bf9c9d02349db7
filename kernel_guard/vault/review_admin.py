"""What an operator does about people, keys, review policy and the audit log, at the vault's own folder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kernel_guard.errors import ConfigError, StoreError
from kernel_guard.review.policies import Policies
from kernel_guard.trust import audit_file, retention
from kernel_guard.trust.accounts import Accounts
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.trust.audit_chain import AuditHead, ChainReport
from kernel_guard.trust.audit_view import AuditView, Filter
from kernel_guard.trust.keyring import KnownKey, read_vault_key
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.store.times import to_text, utc_now
from kernel_guard.vault.admin import opened, steward
from kernel_guard.vault.config import load_config
from kernel_guard.vault.review_wiring import open_ring
from kernel_guard.vault.wiring import Parts


@dataclass(frozen=True)
class DeskParts:
    """The parts of the desk that need no engine."""

    accounts: Accounts
    roles: Roles
    policies: Policies


def desk_parts(parts: Parts) -> DeskParts:
    store, audit = parts.store, parts.audit
    return DeskParts(Accounts(store, audit), Roles(store, audit), Policies(store, audit))


def set_policy(settings: Path, project: str, file: Path) -> None:
    """Set a project's review policy from a JSON file."""
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(f"{file.name!r} cannot be read as JSON.") from None
    if not isinstance(values, dict):
        raise ConfigError(f"{file.name!r} must hold an object.")
    with opened(settings) as parts:
        desk_parts(parts).policies.set(project, values, by=steward())


def export_keys(settings: Path) -> str:
    """The public record of the release keys, and of the key that signs releases and the audit log."""
    config = load_config(settings)
    known = open_ring(config).known()
    with opened(settings) as parts:
        audit_key = KnownKey(parts.key.public_bytes, known[0].since).to_json()
    record = {"version": 1, "keys": [k.to_json() for k in known], "vault": audit_key}
    return json.dumps(record, indent=1)


def rotate_key(settings: Path, *, compromised: bool) -> str:
    """A new release key; the old one ends now. Answers the new key's id."""
    config = load_config(settings)
    with opened(settings) as parts:
        ring = open_ring(config)
        old = ring.known()[-1].keyid
        kind = "key.revoked" if compromised else "key.rotated"
        # Logged first: a key that nobody recorded must not sign.
        parts.audit.record(AuditEvent(kind, steward(), subject=old))
        new = ring.rotate(to_text(utc_now()), compromised=compromised)
        parts.audit.record(AuditEvent("key.introduced", steward(), subject=new.keyid))
    return new.keyid


def verify_store(settings: Path, checkpoint: Path | None) -> ChainReport:
    """Check the whole log in the store, against a checkpoint where one was kept."""
    with opened(settings) as parts:
        keys = [parts.key.public_bytes]
        return parts.audit.verify_chain(_anchor(checkpoint, keys))


def verify_export(file: Path, keys: Path, checkpoint: Path | None) -> ChainReport:
    """Check an exported log, offline."""
    trusted = [_vault_key(keys)]
    try:
        with file.open("rb") as lines:
            return audit_file.verify_file(lines, trusted, _anchor(checkpoint, trusted))
    except OSError:
        raise ConfigError(f"{file.name!r} cannot be read.") from None


def check_report(report: ChainReport) -> str:
    """The report in words; raises when the log does not hold."""
    if not report.intact:
        raise StoreError(
            f"The audit log does not hold at record {report.first_bad}: {report.reason}",
            hint="Keep it as it is and compare it with a backup.",
            details={"first_bad": report.first_bad},
        )
    return f"The audit log is intact: {report.rows} records."


def make_checkpoint(settings: Path) -> bytes:
    """A signed note of the log's present end, to be kept elsewhere."""
    with opened(settings) as parts:
        head = parts.audit.head()
        return audit_file.make_checkpoint(head, to_text(utc_now()), parts.key)


def prune_log(settings: Path, archive: Path) -> int:
    """Archive the whole log, prove archive and log, then let rows go that are older than the policy keeps."""
    config = load_config(settings)
    if config.audit_keep_days == 0:
        raise ConfigError(
            "This vault keeps its audit log for good.", hint="Set audit_keep_days in the settings to let old rows go."
        )
    before = to_text(utc_now() - timedelta(days=config.audit_keep_days))
    with opened(settings) as parts:
        check_report(parts.audit.verify_chain())
        with archive.open("xb") as file:
            file.writelines(AuditView(parts.store).export_jsonl(Filter()))
            os.fsync(file.fileno())
        with archive.open("rb") as lines:
            check_report(audit_file.verify_file(lines, [parts.key.public_bytes]))
        return retention.prune(parts.store, parts.audit, parts.key, before, by=steward())


def export_log(settings: Path, wanted: Filter, form: str, write: Callable[[bytes], object]) -> None:
    """Write the log, or a part of it, as JSON lines or CSV."""
    with opened(settings) as parts:
        view = AuditView(parts.store)
        rows: Iterable[bytes] = view.export_csv(wanted) if form == "csv" else view.export_jsonl(wanted)
        for row in rows:
            write(row)


def _anchor(checkpoint: Path | None, keys: list[bytes]) -> AuditHead | None:
    return audit_file.read_checkpoint(checkpoint.read_bytes(), keys) if checkpoint else None


def _vault_key(keys: Path) -> bytes:
    """The key of the audit log in an exported record."""
    try:
        return read_vault_key(keys.read_bytes())
    except OSError:
        raise ConfigError(f"{keys.name!r} cannot be read.") from None

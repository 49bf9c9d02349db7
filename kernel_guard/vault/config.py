"""The vault's settings: one TOML file, checked before anything starts.

- An unknown key, a value of the wrong type, an unsafe value or a missing secret refuses to start, with how to mend it.
- Relative paths are relative to the file.
- Secrets are files of their own, readable by the owner alone; they are never written in the settings.
"""

from __future__ import annotations

import os
import stat
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError
from kernel_guard.trust import private_file
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import sqlite_url
from kernel_guard.vault.engine_settings import check_engine

EXAMPLE = """\
[vault]
socket = "run/vault.sock"        # unix socket that wrappers and Jupyter servers connect to
store = "state/ledger.sqlite"    # ledger, releases, audit log, catalogue
data = "data"                    # data sets taken in by `kernel-guard dataset add`
secrets = "secrets"              # signing key and salt; owner only
synthetic_only = false           # true: refuses data sets that are not synthetic
allowed_uids = []                # OS users that may connect; empty: anyone who can open the socket
memory_limit = "4GB"             # of the engine
threads = 2
audit_keep_days = 0              # rows of the audit log older than this may be pruned; 0: it is kept for good
# store_database = "postgresql+psycopg://kernel_guard@db.internal/ledger"   # instead of `store`; password in ~/.pgpass
# engine = "postgres"            # "duckdb" if nothing is said; "postgres" and "spark" are extras to install
# database = "host=/run/postgresql dbname=vault user=kg"    # of rows, with engine = "postgres"
# cluster = "spark://host:7077"                             # with engine = "spark"
"""


@dataclass(frozen=True)
class VaultConfig:
    """Checked settings; see `EXAMPLE` for what each means."""

    socket: Path
    store: Path
    data: Path
    secrets: Path
    synthetic_only: bool = False
    allowed_uids: tuple[int, ...] = ()
    memory_limit: str = "4GB"
    threads: int = 2
    audit_keep_days: int = 0
    store_database: str = ""
    engine: str = "duckdb"
    database: str = ""
    cluster: str = ""

    @property
    def store_url(self) -> str:
        """The database's address: PostgreSQL where one is named, else the file."""
        return self.store_database or sqlite_url(self.store)

    @property
    def signing_key(self) -> Path:
        return self.secrets / "signing.key"

    @property
    def salt_file(self) -> Path:
        return self.secrets / "salt"

    @property
    def database_password(self) -> Path:
        return self.secrets / "database.password"


_PATHS = ("socket", "store", "data", "secrets")


def load_config(path: Path) -> VaultConfig:
    """Read and check a settings file.

    Raises `ConfigError` with the key that is wrong and what to write instead.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise ConfigError(
            f"The settings file {path.name!r} cannot be read.", hint="Write one with 'kernel-guard vault init DIR'."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        line = f" ({error})" if isinstance(error, tomllib.TOMLDecodeError) else ""
        raise ConfigError(f"The settings file {path.name!r} is not valid TOML{line}.") from None
    unknown = sorted(set(document) - {"vault"})
    if unknown or not isinstance(document.get("vault"), dict):
        raise ConfigError(
            f"The settings have an unknown section {unknown[0]!r}." if unknown else "The settings lack [vault].",
            hint="Everything stands under [vault].",
        )
    return _check(document["vault"], path.parent.resolve())


def _check(values: dict[str, Any], base: Path) -> VaultConfig:
    known = {f.name for f in fields(VaultConfig)}
    for key in values:
        if key not in known:
            raise ConfigError(f"vault.{key}: unknown setting.", hint=f"Known ones: {', '.join(sorted(known))}.")
    paths = {key: base / _text(values, key) for key in _PATHS}
    threads = values.get("threads", 2)
    if not isinstance(threads, int) or isinstance(threads, bool) or not 1 <= threads <= 256:
        raise ConfigError("vault.threads: must be a whole number from 1 to 256.")
    limit = values.get("memory_limit", "4GB")
    number = limit.removesuffix("GB").removesuffix("MB") if isinstance(limit, str) else ""
    if not number.isdigit() or number == limit or int(number) == 0:
        raise ConfigError("vault.memory_limit: must be such as '4GB' or '512MB'.")
    keep = values.get("audit_keep_days", 0)
    if not isinstance(keep, int) or isinstance(keep, bool) or not (keep == 0 or 365 <= keep <= 36_500):
        raise ConfigError("vault.audit_keep_days: must be 0 (for good) or a number of days from 365 on.")
    synthetic = values.get("synthetic_only", False)
    if not isinstance(synthetic, bool):
        raise ConfigError("vault.synthetic_only: must be true or false.")
    uids = values.get("allowed_uids", [])
    if not isinstance(uids, list) or any(not isinstance(u, int) or isinstance(u, bool) or u < 0 for u in uids):
        raise ConfigError("vault.allowed_uids: must be a list of user numbers, such as [1000].")
    engine, database, cluster = check_engine(values)
    config = VaultConfig(
        **paths,
        synthetic_only=synthetic,
        allowed_uids=tuple(uids),
        memory_limit=limit,
        threads=threads,
        audit_keep_days=keep,
        store_database=_store_database(values.get("store_database", "")),
        engine=engine,
        database=database,
        cluster=cluster,
    )
    _check_secrets(config)
    return config


def _store_database(value: Any) -> str:
    if not isinstance(value, str) or (value and not value.startswith("postgresql+psycopg://")):
        raise ConfigError("vault.store_database: must be such as 'postgresql+psycopg://user@host/name'.")
    if ":" in value.partition("://")[2].partition("@")[0] and "@" in value:
        raise ConfigError("vault.store_database: holds a password.", hint="Put it in ~/.pgpass of the vault's user.")
    return value


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"vault.{key}: missing.", hint=f'Write {key} = "…"; an example:\n{EXAMPLE}')
    return value


def _check_secrets(config: VaultConfig) -> None:
    for path, what in ((config.signing_key, "signing key"), (config.salt_file, "salt")):
        if not path.is_file():
            raise ConfigError(
                f"The {what} is missing: {path.name!r} in the secrets folder.",
                hint="Make it with 'kernel-guard vault init DIR'.",
            )
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise ConfigError(
                f"The {what} can be read by others.", hint=f"chmod 600 {path.name} in the secrets folder."
            )
    password = config.database_password
    if password.exists() and stat.S_IMODE(password.stat().st_mode) & 0o077:
        raise ConfigError("The database's password can be read by others.", hint=f"chmod 600 {password.name}.")
    if config.data.is_dir() and stat.S_IMODE(config.data.stat().st_mode) & 0o077:
        raise ConfigError("The data folder can be read by others.", hint="chmod 700 on the data folder.")


def init_folder(folder: Path, *, synthetic_only: bool = False) -> Path:
    """Make a vault's folder with settings, secrets and owner-only rights; gives the settings file.

    An existing settings file or secret is kept.
    """
    for name in ("run", "state", "data", "secrets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        os.chmod(folder / name, 0o711 if name == "run" else 0o700)
    settings = folder / "vault.toml"
    if not settings.exists():
        text = EXAMPLE.replace("synthetic_only = false", f"synthetic_only = {str(synthetic_only).lower()}")
        settings.write_text(text, encoding="utf-8")
    SigningKey.load_or_create(folder / "secrets" / "signing.key")
    private_file.create(folder / "secrets" / "salt", os.urandom(32))
    return settings

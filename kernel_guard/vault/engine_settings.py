"""The settings that choose an engine, checked: where it is, and that the way there is safe.

- A password is never written in the settings: `secrets/database.password` holds it, readable by its owner alone.
- A database on another machine is reached by verified TLS only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kernel_guard.errors import ConfigError

ENGINES = ("duckdb", "postgres", "spark")
_KEYS = {"host", "port", "dbname", "user", "sslmode", "sslrootcert", "connect_timeout"}
_CLUSTER = re.compile(r"local\[\d+\]|local-cluster\[\d+,\d+,\d+\]|yarn|(spark|k8s)://\S+")
_NEARBY = ("localhost", "127.0.0.1", "::1")


def check_engine(values: Mapping[str, Any]) -> tuple[str, str, str]:
    """`engine`, `database` and `cluster`, or a `ConfigError` with the key that is wrong."""
    engine, database, cluster = (values.get(k, d) for k, d in (("engine", "duckdb"), ("database", ""), ("cluster", "")))
    if engine not in ENGINES:
        raise ConfigError(f"vault.engine: must be one of {', '.join(ENGINES)}.")
    for key, value, owner in (("database", database, "postgres"), ("cluster", cluster, "spark")):
        if not isinstance(value, str) or bool(value) != (engine == owner):
            raise ConfigError(f"vault.{key}: belongs to engine = {owner!r}, and that engine needs it.")
    if engine == "postgres":
        _check_database(database)
    if engine == "spark" and not _CLUSTER.fullmatch(cluster):
        raise ConfigError("vault.cluster: must be a Spark master.", hint="Such as 'spark://host:7077' or 'local[2]'.")
    return engine, database, cluster


def _check_database(text: str) -> None:
    pairs = [part.partition("=") for part in text.split()]
    if any(not sign or not value for _, sign, value in pairs):
        raise ConfigError(
            "vault.database: must be pairs of key=value.", hint="Such as 'host=/run/postgresql dbname=vault user=kg'."
        )
    given = {key: value for key, _, value in pairs}
    if "password" in given:
        raise ConfigError(
            "vault.database: a password may not stand in the settings.",
            hint="Write it to database.password in the secrets folder, chmod 600.",
        )
    for key in sorted(given.keys() - _KEYS):
        raise ConfigError(f"vault.database: unknown key {key!r}.", hint=f"Known ones: {', '.join(sorted(_KEYS))}.")
    host = given.get("host", "")
    if not host:
        raise ConfigError(
            "vault.database: host is missing.", hint="A socket's folder such as /run/postgresql, or a name."
        )
    if not host.startswith("/") and host not in _NEARBY and given.get("sslmode") != "verify-full":
        raise ConfigError(
            "vault.database: a database on another machine needs sslmode=verify-full.",
            hint="Add sslmode=verify-full and sslrootcert=FILE.",
        )

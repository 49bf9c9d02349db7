"""A wrong setting refuses to start, names its key and says how to mend it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kernel_guard.errors import ConfigError
from kernel_guard.vault.config import init_folder, load_config
from kernel_guard.vault.policy.dataset import DatasetPolicy


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = init_folder(tmp_path / "vault")
    key = tmp_path / "vault" / "secrets" / "signing.key"
    if not key.exists():
        key.write_bytes(b"x")
        key.chmod(0o600)
    return path


def test_a_fresh_folder_is_good(settings: Path) -> None:
    config = load_config(settings)
    assert config.socket.name == "vault.sock" and config.threads == 2


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("threads = 2", "thread = 2", "vault.thread"),
        ("threads = 2", "threads = 0", "vault.threads"),
        ("threads = 2", "threads = true", "vault.threads"),
        ('memory_limit = "4GB"', 'memory_limit = "lots"', "vault.memory_limit"),
        ("synthetic_only = false", 'synthetic_only = "no"', "vault.synthetic_only"),
        ("allowed_uids = []", 'allowed_uids = ["root"]', "vault.allowed_uids"),
        ('socket = "run/vault.sock"', "", "vault.socket"),
        ("threads = 2", 'engine = "oracle"', "vault.engine"),
        ("audit_keep_days = 0", "audit_keep_days = 30", "from 365 on"),
        ("threads = 2", 'engine = "postgres"', "vault.database"),
        ("threads = 2", 'cluster = "local[2]"', "vault.cluster"),
        ("threads = 2", 'engine = "spark"\ncluster = "local[*]; rm"', "vault.cluster"),
        ("threads = 2", 'engine = "postgres"\ndatabase = "host=/run password=x"', "vault.database: a password"),
        ("threads = 2", 'engine = "postgres"\ndatabase = "dbname=x"', "host"),
        ("threads = 2", 'engine = "postgres"\ndatabase = "host=/run options=-c"', "options"),
        ("threads = 2", 'engine = "postgres"\ndatabase = "host=db.example.org sslmode=require"', "verify-full"),
        ("threads = 2", 'engine = "postgres"\ndatabase = "postgresql://kg:x@db/vault"', "key=value"),
        ("[vault]", "[valut]", "valut"),
        ("[vault]", "[vault", "TOML"),
    ],
)
def test_wrong_settings(settings: Path, old: str, new: str, names: str) -> None:
    text = settings.read_text()
    assert old in text
    settings.write_text(text.replace(old, new, 1))
    with pytest.raises(ConfigError) as caught:
        load_config(settings)
    assert names in caught.value.message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "none.toml")
    assert "vault init" in caught.value.hint


def test_a_database_on_a_socket_with_its_password_in_a_file(settings: Path) -> None:
    text = 'threads = 2\nengine = "postgres"\ndatabase = "host=/run/postgresql dbname=vault user=kg"'
    settings.write_text(settings.read_text().replace("threads = 2", text, 1))
    secret = settings.parent / "secrets" / "database.password"
    secret.write_text("s3cret")
    secret.chmod(0o600)
    assert load_config(settings).database_password == secret
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match="read by others"):
        load_config(settings)


@pytest.mark.parametrize("secret", ["salt", "signing.key"])
def test_secrets_must_be_there_and_private(settings: Path, secret: str) -> None:
    path = settings.parent / "secrets" / secret
    os.chmod(path, 0o644)
    with pytest.raises(ConfigError, match="read by others"):
        load_config(settings)
    path.unlink()
    with pytest.raises(ConfigError, match="missing"):
        load_config(settings)


@pytest.mark.parametrize(
    "values",
    [
        {"treshold": 10},
        {"threshold": 1},
        {"threshold": True},
        {"rounding": 0},
        {"routes": []},
        {"routes": ["raw"]},
        {"zeros_disclosive": 1},
    ],
)
def test_policies_are_checked(values: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        DatasetPolicy.from_json(values)


def test_a_policy_survives_json() -> None:
    policy = DatasetPolicy.from_json({"routes": ["dp", "sdc"], "threshold": 11, "rounding": 5})
    assert DatasetPolicy.from_json(policy.to_json()) == policy

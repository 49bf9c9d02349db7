"""`review.toml`: the example is valid, and whatever is wrong in it is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from kernel_guard.errors import ConfigError
from kernel_guard.vault import review_config


def load(tmp_path: Path, text: str) -> review_config.ReviewConfig:
    (tmp_path / "review.toml").write_text(text)
    secret = tmp_path / "oidc.secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o600)
    return review_config.load(tmp_path, tmp_path)


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    found = review_config.load(tmp_path, tmp_path)
    assert found.channels == () and found.oidc is None and found.hub == ""


def test_the_example_is_valid(tmp_path: Path) -> None:
    found = load(tmp_path, review_config.EXAMPLE)
    assert [c.name for c in found.channels] == ["webhook", "smtp"] and found.smtp is not None and found.smtp.tls
    assert found.oidc is not None and found.oidc.client_secret == "s3cret" and "s3cret" not in repr(found.oidc)
    assert found.oidc.groups == {"sepsis-checkers": ("sepsis", "checker")}
    assert found.hub_groups is not None and found.hub_groups.groups == found.oidc.groups


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[mesages]\n", "mesages"),
        ("[messages]\nwebhok = 'x'\n", "webhok"),
        ("[messages]\nsmtp_port = '25'\n", "smtp_port"),
        ("[messages]\nsmtp_port = true\n", "smtp_port"),
        ("[groups]\ng = { project = 'p', role = 'king' }\n", "groups.g"),
        ("[groups]\ng = 'checker'\n", "groups.g"),
        ("[oidc]\nclient_id = 'x'\n", "issuer"),
        ("not toml", "TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(ConfigError, match=named):
        load(tmp_path, text)

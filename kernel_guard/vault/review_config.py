"""Settings of sign-in, review and messages: `review.toml` beside the vault's settings; without it the defaults hold.

- An unknown section or key, or a value of the wrong type, refuses to start and says what to write.
- Secrets are owner-only files in the secrets folder, named here, never written here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError
from kernel_guard.review.notices import Channel
from kernel_guard.trust import private_file
from kernel_guard.trust.oidc import ProviderSettings
from kernel_guard.trust.people import Role

FILE = "review.toml"
EXAMPLE = """\
[messages]
webhook = "https://chat.example/hooks/review"   # one short message for each deed
smtp_host = "mail.example"                      # and one mail to each person it concerns
smtp_port = 587
smtp_from = "kernel-guard@example"
smtp_domain = "example"                         # people's addresses: user@example
smtp_tls = true

[oidc]
issuer = "https://login.example/realms/hospital"
client_id = "kernel-guard"
client_secret_file = "oidc.secret"              # in the secrets folder
user_claim = "preferred_username"

[hub]
url = "https://jupyterhub.example/hub/api"      # JupyterHub vouches for its own users

[groups]                                        # of either provider: what a group's members are here
sepsis-checkers = { project = "sepsis", role = "checker" }
"""
_SECTIONS: dict[str, dict[str, type]] = {
    "messages": {
        "webhook": str, "smtp_host": str, "smtp_port": int, "smtp_from": str, "smtp_domain": str, "smtp_tls": bool,
    },
    "oidc": {"issuer": str, "client_id": str, "client_secret_file": str, "user_claim": str, "groups_claim": str},
    "hub": {"url": str},
    "groups": {},
}  # fmt: skip


@dataclass(frozen=True)
class Smtp:
    """A mail server that takes messages from us."""

    host: str
    port: int
    sender: str
    tls: bool


@dataclass(frozen=True)
class ReviewConfig:
    """Checked settings; see `EXAMPLE`."""

    channels: tuple[Channel, ...] = ()
    smtp: Smtp | None = None
    oidc: ProviderSettings | None = None
    hub: str = ""
    hub_groups: ProviderSettings | None = None


def load(folder: Path, secrets: Path) -> ReviewConfig:
    """The settings in `folder`; raises `ConfigError` with the key that is wrong."""
    path = folder / FILE
    if not path.exists():
        return ReviewConfig()
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ConfigError(f"{FILE} cannot be read as TOML.", hint=f"An example:\n{EXAMPLE}") from None
    for name, section in document.items():
        _check_section(name, section)
    groups = {g: _group(g, v) for g, v in document.get("groups", {}).items()}
    messages = document.get("messages", {})
    hub = document.get("hub", {}).get("url", "")
    return ReviewConfig(
        channels=_channels(messages),
        smtp=_smtp(messages),
        oidc=_oidc(document["oidc"], groups, secrets) if "oidc" in document else None,
        hub=hub,
        hub_groups=ProviderSettings("http://localhost/hub", "hub", groups=groups) if hub else None,
    )


def _check_section(name: str, section: Any) -> None:
    known = _SECTIONS.get(name)
    if known is None or not isinstance(section, dict):
        raise ConfigError(f"{FILE}: [{name}] is unknown.", hint=f"Known sections: {', '.join(_SECTIONS)}.")
    for key, value in section.items() if known else ():
        if key not in known:
            raise ConfigError(f"{FILE}: {name}.{key} is unknown.", hint=f"Known: {', '.join(known)}.")
        if not isinstance(value, known[key]) or isinstance(value, bool) is not (known[key] is bool):
            raise ConfigError(f"{FILE}: {name}.{key} must be of type {known[key].__name__}.")


def _group(name: str, value: Any) -> tuple[str, str]:
    if not isinstance(value, Mapping) or set(value) != {"project", "role"} or value["role"] not in set(Role):
        raise ConfigError(
            f"{FILE}: groups.{name} must name a project and a role.", hint=f"Known roles: {', '.join(Role)}."
        )
    return str(value["project"]), str(value["role"])


def _channels(messages: Mapping[str, Any]) -> tuple[Channel, ...]:
    found = []
    if "webhook" in messages:
        found.append(Channel("webhook", messages["webhook"]))
    if "smtp_host" in messages:
        found.append(Channel("smtp", messages.get("smtp_domain", "localhost")))
    return tuple(found)


def _smtp(messages: Mapping[str, Any]) -> Smtp | None:
    if "smtp_host" not in messages:
        return None
    sender = messages.get("smtp_from", "kernel-guard@localhost")
    return Smtp(messages["smtp_host"], messages.get("smtp_port", 25), sender, messages.get("smtp_tls", True))


def _oidc(section: Mapping[str, Any], groups: dict[str, tuple[str, str]], secrets: Path) -> ProviderSettings:
    for key in ("issuer", "client_id"):
        if key not in section:
            raise ConfigError(f"{FILE}: oidc.{key} is missing.")
    secret = ""
    if "client_secret_file" in section:
        secret = private_file.read(secrets / Path(section["client_secret_file"]).name).decode().strip()
    return ProviderSettings(
        section["issuer"], section["client_id"], secret, section.get("user_claim", "sub"),
        section.get("groups_claim", "groups"), groups,
    )  # fmt: skip

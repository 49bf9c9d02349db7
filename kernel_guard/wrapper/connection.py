"""The connection file that Jupyter wrote for this kernel.

- Without a key there is nothing to tell a client from anyone else on the machine: refused.
- CURVE keys are used when the file has them; iopub is readable by any local process without.
"""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kernel_guard.errors import ConfigError

CHANNELS = ("shell", "control", "stdin", "iopub", "hb")
_KERNEL_ID = re.compile(r"(?:kernel-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\Z")


@dataclass(frozen=True)
class Connection:
    """Where the clients are, and how they are recognised."""

    urls: dict[str, str]
    ports: dict[str, int]
    key: bytes
    kernel_id: str
    curve: tuple[bytes, bytes] | None = None


def read_connection(path: Path) -> Connection:
    """Read and check a connection file."""
    info = _load(path)
    key = info.get("key")
    if info.get("signature_scheme", "hmac-sha256") != "hmac-sha256" or not isinstance(key, str) or not key:
        raise ConfigError(
            "The connection file has no HMAC-SHA256 key, so messages could not be told from forged ones.",
            hint="Leave Session.key and Session.signature_scheme at their defaults.",
        )
    try:
        ports = {channel: int(info[f"{channel}_port"]) for channel in CHANNELS}
        urls = {
            channel: _url(str(info.get("transport", "tcp")), str(info["ip"]), ports[channel]) for channel in CHANNELS
        }
    except (KeyError, ValueError, TypeError):
        raise ConfigError("The connection file lacks an address or a port.") from None
    return Connection(urls, ports, key.encode(), _kernel_id(path), _curve(info))


def _load(path: Path) -> dict[str, Any]:
    try:
        info = json.loads(path.read_bytes())
    except (OSError, ValueError):
        info = None
    if not isinstance(info, dict):
        raise ConfigError("The connection file cannot be read.", hint="Jupyter passes its path with -f.")
    return info


def _url(transport: str, ip: str, port: int) -> str:
    return f"tcp://{ip}:{port}" if transport == "tcp" else f"ipc://{ip}-{port}"


def _curve(info: dict[str, Any]) -> tuple[bytes, bytes] | None:
    public, secret = info.get("curve_publickey"), info.get("curve_secretkey")
    if not public and not secret:
        return None
    if not (isinstance(public, str) and isinstance(secret, str) and len(public) == len(secret) == 40):
        raise ConfigError("The connection file's CURVE keys are not a pair of Z85 keys.")
    return public.encode(), secret.encode()


def _kernel_id(path: Path) -> str:
    """Jupyter's id of the kernel, from the file's name; a new one where the name has none."""
    match = _KERNEL_ID.match(path.stem)
    return match.group(1) if match else str(uuid.uuid4())

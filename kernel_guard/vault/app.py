"""The vault daemon: wiring, in one place.

- Settings are checked, migrations run and unfinished reservations settled before the door opens.
- Where it is started as root it becomes the user that owns the data folder.
- Core dumps are off and other processes of the same user cannot read its memory.
"""

from __future__ import annotations

import ctypes
import logging
import os
import resource
import signal
import socket
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from kernel_guard.errors import ConfigError
from kernel_guard.vault.config import VaultConfig, load_config
from kernel_guard.vault.desk import Desk
from kernel_guard.vault.gate import Gate
from kernel_guard.vault.review_wiring import sweep_forever
from kernel_guard.vault.service import build_app
from kernel_guard.vault.wiring import open_vault

if TYPE_CHECKING:
    import asyncio

_PR_SET_DUMPABLE = 4


def serve(settings: Path) -> None:
    """Run the vault until it is told to stop."""
    config = load_config(settings)
    become_owner(config.data)
    harden()
    gate, desk = open_vault(config)
    listener = bind(config.socket, shared=bool(config.allowed_uids))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s vault %(levelname)s %(message)s")
    server = uvicorn.Server(uvicorn_config(gate, config, desk))
    stop = threading.Event()
    sweeper = sweep_forever(desk, stop)
    # The server raises the signal again once it has shut down; by default that would end us before we tidied up.
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.run(sockets=[listener])
    finally:
        stop.set()
        sweeper.join(5)
        gate.close()
        config.socket.unlink(missing_ok=True)


def _leave(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def uvicorn_config(gate: Gate, config: VaultConfig, desk: Desk | None = None) -> uvicorn.Config:
    """The server's settings: pure-Python parser, no access log, only allowed peers."""
    return uvicorn.Config(
        build_app(gate, desk),
        http=checked_protocol(config.allowed_uids),
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        h11_max_incomplete_event_size=64 * 1024,
        timeout_keep_alive=75,
        server_header=False,
    )


def checked_protocol(allowed: tuple[int, ...]) -> type[H11Protocol]:
    """A protocol that hangs up on callers whose OS user is not allowed (`SO_PEERCRED`)."""

    class Checked(H11Protocol):
        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            if allowed and peer_uid(transport) not in allowed:
                transport.abort()
                return
            super().connection_made(transport)

    return Checked


def peer_uid(transport: Any) -> int:
    """The OS user at the other end of a unix socket; -1 where it cannot be told."""
    sock = transport.get_extra_info("socket")
    try:
        raw = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", raw)[1])
    except OSError:
        return -1


def bind(path: Path, *, shared: bool = False) -> socket.socket:
    """Listen on the unix socket: owner only, or (`shared`) anyone, where callers are told apart by their OS user.

    A socket left behind by a dead vault is replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if len(os.fsencode(path)) > 100:
        raise ConfigError("vault.socket: the path is too long for a unix socket.", hint="Use a path under 100 bytes.")
    probe = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        probe.connect(os.fspath(path))
        raise ConfigError("Another vault is already serving on this socket.", hint="Stop it first.")
    except OSError:
        path.unlink(missing_ok=True)
    finally:
        probe.close()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o111 if shared else 0o177)
    try:
        listener.bind(os.fspath(path))
    finally:
        os.umask(mask)
    listener.listen(128)
    return listener


def become_owner(folder: Path) -> None:
    """As root: become the user that owns the data folder, for good."""
    if os.geteuid() != 0 or not folder.exists():
        return
    owner = folder.stat()
    if owner.st_uid != 0:
        os.setgroups([])
        os.setresgid(owner.st_gid, owner.st_gid, owner.st_gid)
        os.setresuid(owner.st_uid, owner.st_uid, owner.st_uid)


def harden() -> None:
    """No core dump, no reading of memory by other processes of the same user."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)

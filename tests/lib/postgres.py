"""A real PostgreSQL of the tests' own: made, started and removed here, as a user that is not root."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest


def binaries() -> Path | None:
    """The folder of the newest server that is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def server() -> Iterator[str]:
    """The address of a running server, without a database's name."""
    folder = binaries()
    if folder is None:
        pytest.skip("no PostgreSQL: install the Debian package postgresql")
    home = Path(tempfile.mkdtemp(prefix="kgpg-"))
    user = _other_user()
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    options = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    name = user.pw_name if user else pwd.getpwuid(os.geteuid()).pw_name
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    make = [folder / "initdb", "-D", home / "data", "-U", name, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C"]
    subprocess.run(make, check=True, **quiet, **options)
    port = _free_port()
    run = [
        folder / "postgres",
        "-D",
        home / "data",
        "-p",
        str(port),
        "-k",
        str(home),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "fsync=off",
    ]
    process = subprocess.Popen(run, **quiet, **options)
    try:
        address = f"postgresql+psycopg://{name}@127.0.0.1:{port}"
        _wait(address, process)
        yield address
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: SIGTERM would wait for idle connections
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def new_database(address: str) -> str:
    """A fresh, empty database on that server."""
    name = f"kg_{uuid.uuid4().hex}"
    with psycopg.connect(_plain(address) + "/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"{address}/{name}"


def _plain(address: str) -> str:
    return address.replace("+psycopg", "")


def _other_user() -> pwd.struct_passwd | None:
    """As root: the user that the Debian package made, or nobody."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            psycopg.connect(_plain(address) + "/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not come up")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

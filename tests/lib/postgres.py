"""A real PostgreSQL server in a folder of its own, on a unix socket, gone with the test session."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "listen_addresses=", "max_connections=40"]


def programs() -> Path | None:
    """The folder of the newest server's programs; None where PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[str]:
    """A running server; gives the connection string of its superuser `kg`. PostgreSQL refuses to run as root."""
    binaries = programs()
    assert binaries is not None, "install the Debian package postgresql"
    folder = Path(tempfile.mkdtemp(prefix="kgpg-", dir="/tmp"))
    user = "postgres" if _exists("postgres") else "nobody"
    as_user = ["setpriv", f"--reuid={user}", "--clear-groups", f"--regid={pwd.getpwnam(user).pw_gid}"]
    become = as_user if os.geteuid() == 0 else []
    if become:
        shutil.chown(folder, user)
    data = folder / "data"
    make = [binaries / "initdb", "-D", data, "-U", "kg", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run([*become, *make], check=True, capture_output=True, cwd="/")
    settings = [part for setting in FAST for part in ("-c", setting)]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [*become, binaries / "postgres", "-D", data, "-k", folder, *settings], stdout=log, stderr=log, cwd="/"
    )
    try:
        _wait(folder, process)
        yield f"host={folder} user=kg dbname=postgres"
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown: SIGTERM would wait for idle connections
        process.wait()
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def new_database(connection: str) -> str:
    """A fresh, empty database on that server, as SQLAlchemy names it."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    name = f"kg_{uuid.uuid4().hex}"
    with psycopg.connect(connection, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    known = conninfo_to_dict(connection)
    return f"postgresql+psycopg://{known['user']}@/{name}?host={known['host']}"


def _exists(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


def _wait(folder: Path, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(600):
        if process.poll() is not None:
            raise AssertionError((folder / "log").read_text(errors="replace"))
        try:
            psycopg.connect(f"host={folder} user=kg dbname=postgres").close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not come up")

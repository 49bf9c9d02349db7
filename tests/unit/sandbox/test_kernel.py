"""A real Python kernel runs on every rung, soon, and knows no secret."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import zmq
from jupyter_client.session import Session

from tests.unit.sandbox.hosts import Host

LOOK_AROUND = """
import os, sys, json, subprocess, glob
import numpy, pandas
from concurrent.futures import ThreadPoolExecutor
seen = dict(os.environ)
print(json.dumps({
    "sum": int(pandas.DataFrame({"a": numpy.arange(10)}).a.sum()),
    "threads": list(ThreadPoolExecutor(2).map(abs, [-1, -2])),
    "child": subprocess.run(["echo", "hello"], capture_output=True, text=True).stdout,
    "environment": seen,
    "modules": [name for name in sys.modules if name.startswith("kernel_guard.") and name.split(".")[1] in
                ("vault", "trust", "review", "wrapper", "server")],
    "package": sorted(os.listdir(os.path.dirname(os.path.dirname(sys.modules["kernel_guard.client"].__file__)))),
    "descriptors": len(glob.glob("/proc/self/fd/*")),
}))
"""


@pytest.fixture(scope="module")
def shared_python() -> Iterator[str]:
    """A Python with our libraries that another user can reach: the system's, when it is of the same version."""
    system = Path("/usr/bin/python3")
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if not system.exists() or version not in subprocess.run([system, "-V"], capture_output=True, text=True).stdout:
        pytest.skip("the system's Python is another one")
    folder = Path(tempfile.mkdtemp(prefix="kgt-"))
    folder.chmod(0o755)
    subprocess.run([system, "-m", "venv", "--without-pip", str(folder / "venv")], check=True, umask=0o022)
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    (folder / "venv" / "lib" / f"python{version}" / "site-packages" / "ours.pth").write_text(libraries + "\n")
    yield str(folder / "venv" / "bin" / "python3")
    shutil.rmtree(folder)


@pytest.fixture
def python(host: Host, request: pytest.FixtureRequest) -> str:
    alone = not host.ordinary and host.tier == "bwrap"
    return sys.executable if alone else str(request.getfixturevalue("shared_python"))


class Client:
    """Talks to a kernel as a wrapper does."""

    def __init__(self, where: dict[str, Any]) -> None:
        self.session = Session(key=where["key"].encode())
        self.context = zmq.Context()
        self.sockets = {}
        for name, kind in (("hb", zmq.REQ), ("iopub", zmq.SUB), ("shell", zmq.DEALER)):
            self.sockets[name] = self.context.socket(kind)
            self.sockets[name].linger = 0
            self.sockets[name].connect(where["endpoints"][name])
        self.sockets["iopub"].subscribe(b"")

    def beats(self) -> bool:
        self.sockets["hb"].send(b"ping")
        return bool(self.sockets["hb"].poll(20_000)) and self.sockets["hb"].recv() == b"ping"

    def printed(self, code: str) -> str:
        # The first request also waits until the kernel's broadcasts reach us.
        for request in ("pass", code):
            content = {"code": request, "silent": False, "store_history": False, "allow_stdin": False}
            self.session.send(self.sockets["shell"], "execute_request", content)
            assert self.sockets["shell"].poll(20_000)
            _, reply = self.session.recv(self.sockets["shell"])
            assert reply["content"]["status"] == "ok", reply["content"]
            time.sleep(0.1)
        text = ""
        while self.sockets["iopub"].poll(500):
            _, message = self.session.recv(self.sockets["iopub"])
            text += message["content"].get("text", "")
        return text

    def close(self) -> None:
        self.context.destroy(linger=0)


def test_a_kernel_works_and_knows_nothing(host: Host, python: str) -> None:
    command = host.order("kernel", python=python)
    environment = host.environment()
    trusted = subprocess.Popen(
        command, env=environment, cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **host.user()
    )
    assert trusted.stdin is not None and trusted.stdout is not None
    where = json.loads(trusted.stdout.readline())
    client = Client(where)
    try:
        assert client.beats()
        seen = json.loads(client.printed(LOOK_AROUND))
    finally:
        client.close()
        trusted.stdin.close()
        ended = json.loads(trusted.stdout.read())
        trusted.stdout.close()
        trusted.wait()
    assert ended["left"] == [], ended
    assert (seen["sum"], seen["threads"], seen["child"]) == (45, [1, 2], "hello\n")
    assert seen["modules"] == []
    assert set(seen["package"]) <= {"__init__.py", "__pycache__", "client", "errors.py", "plan", "sandbox", "wire"}
    text = json.dumps(seen["environment"])
    assert environment["HOSPITAL_SECRET"] not in text and where["key"] not in text
    assert not any("TOKEN" in name or name == "KERNEL_GUARD_BOOT" for name in seen["environment"])
    assert where["seconds"] < 1.0


def test_the_first_heartbeat_comes_soon(tmp_path: Path) -> None:
    """Generous, because machines differ: 0.3 s on two cores of a virtual machine, most of it imports of ipykernel."""
    from kernel_guard.sandbox import GuestSpec, SandboxUnavailable, launch

    started = time.monotonic()
    try:
        guest = launch(GuestSpec(tmp_path / "run", None))
    except SandboxUnavailable as refusal:
        pytest.skip(str(refusal))
    client = Client({"endpoints": guest.endpoints, "key": guest.key.decode()})
    try:
        assert client.beats(), guest.log
        assert time.monotonic() - started < 5.0
    finally:
        client.close()
        guest.kill()
    assert os.listdir(tmp_path / "run") == []

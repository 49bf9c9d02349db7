"""What Binder starts: the demo of an ordinary user in a container without namespaces, and its sandbox level."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

REPOSITORY = Path(__file__).resolve().parents[2]
NOBODY = 65534
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
SYSTEM = "/usr/bin/python3"


@pytest.fixture(scope="module")
def visitor() -> Iterator[tuple[Path, str]]:
    """A visitor's home and a Python that a visitor can reach."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = sys.executable
    folder = Path(tempfile.mkdtemp(prefix="kgb-"))
    folder.chmod(0o755)
    if AS_NOBODY:
        if not os.path.exists(SYSTEM) or version not in subprocess.check_output([SYSTEM, "-V"], text=True):
            pytest.skip("the system's Python, which an ordinary user could reach, is of another version")
        subprocess.run([SYSTEM, "-m", "venv", "--without-pip", str(folder / "venv")], check=True, umask=0o022)
        libraries = next(path for path in sys.path if path.endswith("site-packages"))
        site = folder / "venv" / "lib" / f"python{version}" / "site-packages"
        (site / "ours.pth").write_text(f"{libraries}\n{REPOSITORY}\n")
        for name in ("share", "etc"):
            os.symlink(Path(sys.prefix) / name, folder / "venv" / name)
        python = str(folder / "venv" / "bin" / "python3")
    home = folder / "home"
    home.mkdir(mode=0o700)
    if AS_NOBODY:
        os.chown(home, NOBODY, NOBODY)
    yield home, python
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def server(visitor: tuple[Path, str]) -> Iterator[tuple[str, Path]]:
    """The address (with its token) of the visitor's server, and the visitor's home."""
    home, python = visitor
    command = [python, "-P", str(REPOSITORY / "tests" / "lib" / "in_container.py"), python, "-P", "-m"]
    command += ["kernel_guard.cli.main", "demo", "--patients", "300", "--home", str(home / "demo"), "--"]
    command += [python, "-P", "-m", "jupyterlab", "--ServerApp.port=18920", "--ServerApp.open_browser=False"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    started = subprocess.Popen(
        command, env=environment, cwd=home, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **AS_NOBODY
    )
    assert started.stdout is not None
    said = []
    for line in started.stdout:
        said.append(line)
        if found := re.search(r"(http://127\.0\.0\.1:\d+)/\S*\?token=(\w+)", line):
            break
    else:
        raise AssertionError("".join(said[-30:]))
    threading.Thread(target=started.stdout.read, daemon=True).start()  # a full pipe would stop the server
    yield f"{found[1]} {found[2]}", home
    started.send_signal(signal.SIGINT)
    started.wait(30)


def ask(server: str, path: str, body: dict[str, Any] | None = None) -> Any:
    address, token = server.split()
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, {"Authorization": f"token {token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def first_answer(server: str, path: str) -> Any:
    """An answer of a server that has just said its address, and may not listen yet."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return ask(server, path)
        except urllib.error.URLError:
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_the_level_is_said_and_a_kernel_answers(server: tuple[str, Path]) -> None:
    address, home = server
    status = first_answer(address, "/kernel-guard/api/status")
    assert status["guard"]["level"] in ("G1", "G2", "G3"), status  # rules for files and calls, no namespaces
    kernel = ask(address, "/api/kernels", {"name": "kernel-guard"})
    deadline = time.monotonic() + 30
    while not (files := list(home.rglob(f"kernel-{kernel['id']}.json"))):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    client = BlockingKernelClient(connection_file=str(files[0]))
    client.load_connection_file()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        printed = []
        code = (
            "import kernel_guard.client as kg\n"
            "r = kg.open('demo-hospital').person.count_patients().release(epsilon=1)\n"
            "print(0 < float(r.iloc[0]) < 1000)"
        )
        client.execute_interactive(code, output_hook=printed.append, timeout=60)
        assert "True\n" in [m["content"].get("text") for m in printed], printed
    finally:
        client.stop_channels()

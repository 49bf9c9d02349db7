"""A guest lives as long as its launcher, leaves nothing behind, and can be paused for certain."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kernel_guard.sandbox import Guest, GuestSpec, launch
from tests.unit.sandbox.hosts import Host

STUBBORN_DAEMON = """
import ctypes, os, signal, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # PR_SET_PDEATHSIG: off
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
    time.sleep(60)
time.sleep(60)
"""
COUNTING = """
import itertools, os, socket, time
vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
if os.fork() == 0:
    os.setsid()
for n in itertools.count():
    vault.send(b"x")
    time.sleep(0.001)
"""


def spec(folder: Path, code: str, vault: socket.socket | None = None) -> GuestSpec:
    argv = (sys.executable, "-S", "-P", "-B", "-c", code)
    return GuestSpec(folder / "run", vault.fileno() if vault else None, argv=argv)


@contextmanager
def running(folder: Path, code: str) -> Iterator[tuple[Guest, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            guest = launch(spec(folder, code, theirs))
        try:
            yield guest, ours
        finally:
            guest.kill()


def closes_within(fd: int, seconds: float) -> bool:
    return bool(select.select([fd], [], [], seconds)[0]) and os.read(fd, 1) == b""


def has_ended(pid: int) -> bool:
    """Gone, or only waiting for its adopted parent to notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_everything_dies_with_a_killed_launcher(host: Host) -> None:
    folder = host.folder()
    read_end, write_end = os.pipe()
    command = host.order("stay", folder=str(folder), hold=write_end, code=STUBBORN_DAEMON)
    trusted = subprocess.Popen(
        command, env=host.environment(), cwd="/", pass_fds=[write_end], stdout=subprocess.PIPE, **host.user()
    )
    os.close(write_end)
    assert trusted.stdout is not None
    pid = json.loads(trusted.stdout.readline())["guest"]
    assert Path(f"/proc/{pid}").exists()
    time.sleep(0.3)  # let the daemon come up
    trusted.kill()
    trusted.wait()
    trusted.stdout.close()
    # Every process of the guest holds the other end of this pipe.
    assert closes_within(read_end, 3.0)
    os.close(read_end)
    assert has_ended(pid)
    assert any((folder / "run").iterdir())
    assert host.ask("run", folder=str(folder), code="pass")["left"] == []  # the next start tidies up
    shutil.rmtree(folder)


def test_kill_takes_daemons_and_files_along(tmp_path: Path) -> None:
    with running(tmp_path, STUBBORN_DAEMON) as (guest, ours):
        time.sleep(0.3)
        assert guest.usage()["processes"] >= 3
        guest.kill()
        assert closes_within(ours.fileno(), 1.0)
    assert guest.poll() is not None and guest.death_reason is None
    assert not any((tmp_path / "run").iterdir())
    guest.kill()  # twice does no harm
    guest.interrupt()


def test_what_a_guest_writes_is_gone(host: Host) -> None:
    code = "open('kept', 'w').write('x'); open(os.environ['TMPDIR'] + '/kept', 'w').write('x'); say(os.getcwd())"
    answer = host.run(code)
    assert answer["left"] == [] and answer["code"] == 0
    assert not Path(answer["said"][0], "kept").exists()


def test_a_frozen_guest_does_nothing_and_goes_on_afterwards(tmp_path: Path) -> None:
    with running(tmp_path, COUNTING) as (guest, ours):
        ours.recv(1)
        started = time.monotonic()
        guest.freeze()
        took = time.monotonic() - started
        ours.setblocking(False)
        while _more(ours):
            pass
        time.sleep(0.2)
        assert not _more(ours), "it ran while it was paused"
        guest.thaw()
        ours.settimeout(2.0)
        assert ours.recv(1) == b"x"
        assert took < 1.0


def _more(channel: socket.socket) -> bool:
    try:
        return bool(channel.recv(1 << 16))
    except BlockingIOError:
        return False


def test_interrupt_reaches_the_program(tmp_path: Path) -> None:
    code = """
import os, socket, time
vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
try:
    vault.send(b"a")
    time.sleep(30)
except KeyboardInterrupt:
    vault.send(b"interrupted")
"""
    with running(tmp_path, code) as (guest, ours):
        ours.settimeout(5.0)
        assert ours.recv(1) == b"a"
        guest.interrupt()
        assert ours.recv(20) == b"interrupted"
        assert guest.wait(5.0) == 0


def test_a_guest_outlives_the_thread_that_launched_it(tmp_path: Path) -> None:
    launched: list[Guest] = []
    thread = threading.Thread(target=lambda: launched.append(launch(spec(tmp_path, "import time; time.sleep(30)"))))
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert launched[0].poll() is None
    launched[0].kill()


def test_an_interrupt_of_the_launchers_terminal_does_not_end_the_sandbox(tmp_path: Path) -> None:
    with running(tmp_path, "import time; time.sleep(30)") as (guest, _):
        assert os.getpgid(guest.pid) != os.getpgid(0)
        assert os.getsid(guest.pid) != os.getsid(0)


def test_nothing_is_lost_in_the_launcher(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    with running(tmp_path, "pass") as (guest, _):
        guest.wait(5.0)
    before, threads = descriptors(), threading.active_count()
    for _ in range(3):
        with running(tmp_path, "pass") as (guest, _):
            guest.wait(5.0)
    deadline = time.monotonic() + 2.0
    while descriptors() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descriptors() <= before
    assert threading.active_count() <= threads


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_from_outside_is_told(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "import time; time.sleep(30)") as (guest, _):
        os.kill(guest.pid, number)
        assert guest.wait(5.0) not in (0, None)
        assert guest.death_reason is not None and number.name in guest.death_reason


def test_many_guests_at_once_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    code = "import os, socket; socket.socket(fileno=int(os.environ['KERNEL_GUARD_FD'])).send(str(os.getuid()).encode())"
    said: list[tuple[int | None, bytes]] = []

    def one() -> None:
        with running(tmp_path, code) as (guest, ours):
            said.append((guest.wait(20.0), ours.recv(20)))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(said) == 6 and all(code == 0 and uid not in (b"", b"0") for code, uid in said)
    assert not any((tmp_path / "run").iterdir())

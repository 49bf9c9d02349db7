"""A trusted process closes itself to other processes of the same user."""

from __future__ import annotations

import subprocess

import pytest

from tests.unit.sandbox.hosts import Host

TRUSTED = "import sys, time\n{harden}\nprint('ready', flush=True)\nsys.stdin.read()"
HARDEN = "from kernel_guard.sandbox import harden_process; harden_process()"
OPEN_MEMORY = "import sys; open(f'/proc/{sys.argv[1]}/environ', 'rb').read(); open(f'/proc/{sys.argv[1]}/mem', 'rb')"


@pytest.mark.parametrize("harden, opened", [("pass", True), (HARDEN, False)])
def test_memory_and_environment_are_closed_to_the_same_user(harden: str, opened: bool) -> None:
    host = Host("bare", ordinary=True)
    host.skip_unless_possible()
    python = host.order("run")[0]
    options = {"env": host.environment(), "cwd": "/", **host.user()}
    command = [python, "-P", "-B", "-c", TRUSTED.format(harden=harden)]
    trusted = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    assert trusted.stdin is not None and trusted.stdout is not None
    try:
        assert trusted.stdout.readline() == b"ready\n"
        done = subprocess.run([python, "-c", OPEN_MEMORY, str(trusted.pid)], capture_output=True, text=True, **options)
        if opened and "mem'" in done.stderr:
            pytest.skip("this kernel (Yama) closes the memory of every process")
        assert (done.returncode == 0) is opened, done.stderr
    finally:
        trusted.stdin.close()
        trusted.wait()
        trusted.stdout.close()

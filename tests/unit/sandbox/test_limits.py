"""Limits hold on every rung, and whoever is ended by one is told so."""

from __future__ import annotations

from tests.unit.sandbox.hosts import Host

MIB = 1 << 20
EATING_CHILDREN = """
import time
for _ in range(6):
    if os.fork() == 0:
        eaten = bytearray(120 << 20)
        eaten[::4096] = b"x" * len(eaten[::4096])
        time.sleep(30)
eaten = bytearray(200 << 20)
eaten[::4096] = b"x" * len(eaten[::4096])
time.sleep(30)
"""
FORKING = """
import signal
children = []
try:
    while len(children) < 1000:
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
except OSError as problem:
    say([len(children), problem.errno])
for child in children:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""


def test_one_process_gets_a_memory_error_and_lives(host: Host) -> None:
    answer = host.run("try: bytearray(2 << 30)\nexcept MemoryError: say('refused')\nsay('alive')", memory=512 * MIB)
    assert answer["said"] == ["refused", "alive"] and answer["code"] == 0 and answer["reason"] is None


def test_many_processes_together_are_stopped_and_told_why(host: Host) -> None:
    answer = host.run(EATING_CHILDREN, memory=256 * MIB)
    assert answer["code"] not in (0, None)
    assert "memory" in answer["reason"] and "limit of 256 MiB" in answer["reason"], answer


def test_processor_time_is_stopped_and_told_why(host: Host) -> None:
    answer = host.run("while True: pass", cpu_seconds=0.5)
    assert answer["reason"].startswith("The kernel used ") and "its limit of 0.5 s" in answer["reason"]


def test_processes_are_refused_at_the_limit(host: Host) -> None:
    answer = host.run(FORKING, processes=40)
    ((count, number),) = answer["said"]
    assert count < 1000 and number == 11  # EAGAIN
    assert answer["code"] == 0


def test_a_kernel_that_falls_over_the_process_limit_says_so(host: Host) -> None:
    crash = FORKING.replace(
        "for child in children:", "import time; time.sleep(0.7); os._exit(3)\nfor child in children:"
    )
    answer = host.run(crash, processes=40)
    assert "limit of 40 processes" in answer["reason"], answer


def test_large_files_are_refused(host: Host) -> None:
    answer = host.run(
        "try: open('f', 'wb').write(bytes(4 << 20))\nexcept OSError as problem: say(problem.errno)", file=MIB
    )
    assert answer["said"] == [27]  # EFBIG


def test_the_home_folder_has_a_size() -> None:
    host = Host("bwrap", ordinary=True)  # only namespaces can give a folder a size
    host.skip_unless_possible()
    answer = host.run(
        "try:\n"
        "    for n in range(64): open(f'f{n}', 'wb').write(bytes(1 << 20))\n"
        "except OSError as problem: say(problem.errno)",
        home=8 * MIB,
    )
    assert answer["said"] == [28]  # ENOSPC


def test_limits_cannot_be_raised(host: Host) -> None:
    answer = host.run(
        "import resource\n"
        "for name in ('DATA', 'NPROC', 'FSIZE', 'CORE'):\n"
        "    which = getattr(resource, 'RLIMIT_' + name)\n"
        "    try: resource.setrlimit(which, (-1, -1))\n"
        "    except (ValueError, OSError): pass\n"
        "    say(resource.getrlimit(which)[1])\n",
        memory=512 * MIB,
        file=MIB,
    )
    data, processes, file, core = answer["said"]
    assert data == 512 * MIB and processes > 0 and file == MIB and core == 1


def test_a_crash_is_told(host: Host) -> None:
    assert host.run("os.kill(os.getpid(), 11)")["reason"] in (
        "The kernel crashed (SIGSEGV).",
        "The kernel ended by itself with code 139.",
    )
    assert host.run("os._exit(3)")["reason"] == "The kernel ended by itself with code 3."
    assert host.run("pass")["reason"] is None

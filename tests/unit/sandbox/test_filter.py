"""The system call filter, run by a small interpreter: what each call gets, on both architectures."""

from __future__ import annotations

import struct

import pytest

from kernel_guard.sandbox.inside import bpf, seccomp
from kernel_guard.sandbox.inside.syscalls import LAST, NUMBERS

AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOW, KILL, EPERM, ENOSYS, EOPNOTSUPP, PRETEND = bpf.ALLOW, bpf.KILL, *map(bpf.errno, (1, 38, 95, 0))


def run(program: bytes, number: int, *arguments: int, arch: int) -> int:
    """What the kernel would answer (classic BPF, only the instructions that the filter uses)."""
    data = struct.pack("<IIQ6Q", number & 0xFFFFFFFF, arch, 0, *(*arguments, *[0] * (6 - len(arguments))))
    code = list(struct.iter_unpack("HBBI", program))
    accumulator = at = 0
    while True:
        operation, if_true, if_false, value = code[at]
        at += 1
        if operation == 0x20:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif operation == 0x06:
            return value
        else:
            met = {0x15: accumulator == value, 0x35: accumulator >= value, 0x25: accumulator > value}
            met[0x45] = bool(accumulator & value)
            at += if_true if met[operation] else if_false


@pytest.fixture(params=["x86_64", "aarch64"])
def machine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def answer(machine: str, kind: str, name: str, *arguments: int, landlock: int = 7, own_pid: int = 77) -> int:
    program = seccomp.profile(kind, landlock=landlock, own_pid=own_pid, machine=machine)
    return run(program, NUMBERS[machine][name], *arguments, arch=AUDIT[machine])


@pytest.mark.parametrize("kind", ["namespaced", "bare"])
@pytest.mark.parametrize(
    "name",
    "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp mount umount2 pivot_root chroot setns unshare bpf "
    "perf_event_open userfaultfd keyctl add_key io_uring_setup io_setup init_module kexec_load reboot swapon "
    "inotify_init1 fanotify_init name_to_handle_at open_by_handle_at sysinfo statfs fstatfs mincore splice "
    "syslog acct quotactl process_madvise".split(),
)  # fmt: skip
def test_never_allowed(machine: str, kind: str, name: str) -> None:
    assert answer(machine, kind, name) == EPERM


@pytest.mark.parametrize("kind", ["namespaced", "bare"])
def test_a_sealed_guest_cannot_signal(machine: str, kind: str) -> None:
    program = seccomp.profile(kind, landlock=7, own_pid=77, machine=machine, sealed=True)

    def ask(name: str, *arguments: int) -> int:
        return run(program, NUMBERS[machine][name], *arguments, arch=AUDIT[machine])

    assert ask("socket", 1, 1) == EOPNOTSUPP
    assert {ask(name) for name in ("socketpair", "connect", "bind", "flock")} == {EPERM}
    assert {ask("fcntl", 3, command) for command in (5, 6, 7, 36, 37, 38, 1024, 1026)} == {EPERM}
    assert ask("fcntl", 3, 3) == ALLOW
    assert {ask(name) for name in ("fchmod", "utimensat", "fsetxattr")} == {PRETEND}


@pytest.mark.parametrize("kind", ["namespaced", "bare"])
def test_daily_work_is_allowed(machine: str, kind: str) -> None:
    for name in "read write openat mmap futex execve clone epoll_pwait getrandom wait4 newfstatat".split():
        assert answer(machine, kind, name) == ALLOW, name


def test_new_and_foreign_calls(machine: str) -> None:
    program = seccomp.profile("bare", landlock=7, machine=machine)
    assert run(program, LAST[machine] + 1, arch=AUDIT[machine]) == ENOSYS
    assert run(program, 0, arch=0x40000003) == KILL  # i386
    if machine == "x86_64":
        assert run(program, 0x40000000 | 39, arch=AUDIT[machine]) == ENOSYS  # x32


def test_no_namespace_by_clone(machine: str) -> None:
    assert answer(machine, "namespaced", "clone", 0x10000000 | 17) == EPERM
    assert answer(machine, "namespaced", "clone", 0x3D0F00) == ALLOW  # a thread
    assert answer(machine, "namespaced", "clone3") == ENOSYS


def test_sockets(machine: str) -> None:
    for family, namespaced in (
        (1, ALLOW),
        (2, ALLOW),
        (10, ALLOW),
        (16, EOPNOTSUPP),
        (17, EOPNOTSUPP),
        (40, EOPNOTSUPP),
    ):
        assert answer(machine, "namespaced", "socket", family) == namespaced
        assert answer(machine, "bare", "socket", family) == EOPNOTSUPP
    assert answer(machine, "bare", "connect") == EPERM
    assert answer(machine, "bare", "socketpair", 1, 1) == ALLOW
    assert answer(machine, "bare", "socketpair", 1, 2) == EPERM  # could be re-addressed


def test_terminal_injection(machine: str) -> None:
    assert answer(machine, "namespaced", "ioctl", 0, 0x5412) == EPERM
    assert answer(machine, "namespaced", "ioctl", 0, 0x5413) == ALLOW


def test_the_core_limit_is_pinned(machine: str) -> None:
    assert answer(machine, "namespaced", "prlimit64", 0, 4, 0, 1) == ALLOW  # reading
    assert answer(machine, "namespaced", "prlimit64", 0, 4, 1) == EPERM
    assert answer(machine, "namespaced", "prlimit64", 0, 4, 1 << 32) == EPERM
    assert answer(machine, "bare", "prlimit64", 5, 7, 0, 1) == EPERM  # another process


def test_an_older_landlock_is_made_up_for(machine: str) -> None:
    o_trunc = 0o1000
    assert answer(machine, "bare", "truncate", landlock=2) == EPERM
    assert answer(machine, "bare", "openat", 0, 0, o_trunc, landlock=2) == EPERM
    assert answer(machine, "bare", "openat", 0, 0, o_trunc | 1, landlock=2) == ALLOW  # Landlock sees a write
    assert answer(machine, "bare", "openat", 0, 0, o_trunc, landlock=3) == ALLOW
    for name in ("kill", "tgkill"):
        assert answer(machine, "bare", name, 77, landlock=5) == ALLOW
        assert answer(machine, "bare", name, 78, landlock=5) == EPERM
        assert answer(machine, "bare", name, 78, landlock=6) == ALLOW  # Landlock scopes it
    assert answer(machine, "bare", "pidfd_send_signal", landlock=5) == EPERM


def test_metadata_is_only_pretended_in_bare(machine: str) -> None:
    for name in ("fchmodat", "fchownat", "utimensat", "setxattr"):
        assert answer(machine, "bare", name) == PRETEND
        assert answer(machine, "namespaced", name) == ALLOW


def test_programs_fit(machine: str) -> None:
    for kind in ("namespaced", "bare"):
        for landlock in (1, 3, 7):
            assert len(seccomp.profile(kind, landlock=landlock, machine=machine)) // 8 < bpf.LONGEST

"""The system call filter of a guest: an allow-list, with arguments checked where a call is only partly safe.

- Two kinds: `namespaced` for a guest that has its own pid, network, ipc and mount namespaces, and `bare` for one
  that has none. In `bare` the filter itself stops signals, sockets and metadata writes that Landlock leaves open.
- `sealed` is for a guest that sees rows: it may neither send on a socket, nor lock a file, nor change a file's
  metadata, because another guest could watch the files that both may read.
- What is not listed fails with EPERM; a call newer than the table with ENOSYS, so that libraries fall back.
- Left out on purpose: ptrace and its kin, mounts, namespaces, keyrings, bpf, io_uring, perf, and everything that
  shows or counts what other processes do (inotify, sysinfo, statfs, mincore, preadv2, cachestat).
- Left out because the watchdog cannot count it: memory that no process maps (memfd, System V segments, queues).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

from . import bpf, libc
from .syscalls import LAST, NUMBERS

_FILES = """access bind brk chdir close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64
fallocate fchdir fdatasync fgetxattr flistxattr flock fstat fsync ftruncate getcwd getdents getdents64 getxattr
getxattrat lgetxattr link linkat listxattr listxattrat llistxattr lseek lstat mkdir mkdirat mknod mknodat newfstatat
open openat openat2 pipe pipe2 pread64 preadv pwrite64 pwritev read readahead readlink readlinkat readv rename renameat
renameat2 rmdir sendfile stat statx symlink symlinkat sync_file_range truncate umask unlink unlinkat write writev
chmod fchmod fchmodat fchmodat2 chown fchown fchownat lchown utime utimes utimensat futimesat setxattr fsetxattr
lsetxattr setxattrat removexattr fremovexattr lremovexattr removexattrat"""
_MEMORY = """madvise map_shadow_stack mbind membarrier mlock mlock2 mlockall mmap mprotect mremap mseal msync munlock
munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages get_mempolicy set_mempolicy"""
_PROCESSES = """arch_prctl capget capset execve execveat exit exit_group fork futex futex_requeue futex_wait
futex_waitv futex_wake get_robust_list get_thread_area getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid
getppid getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kill
landlock_add_rule landlock_create_ruleset landlock_restrict_self pidfd_open pidfd_send_signal restart_syscall rseq
rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
rt_tgsigqueueinfo sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield
seccomp set_robust_list set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setpgid setpriority setregid
setresgid setresuid setreuid setsid setuid sigaltstack tgkill times tkill uname vfork wait4 waitid"""
_TIME = """alarm clock_getres clock_gettime clock_nanosleep getitimer getrandom gettimeofday nanosleep pause setitimer
time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
timerfd_settime"""
_EVENTS = """accept accept4 connect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2
epoll_wait epoll_wait_old eventfd eventfd2 getpeername getsockname getsockopt listen poll ppoll pselect6 recvfrom
recvmmsg recvmsg select sendmmsg sendmsg sendto setsockopt shutdown signalfd signalfd4"""
ALLOWED = frozenset(" ".join((_FILES, _MEMORY, _PROCESSES, _TIME, _EVENTS)).split())

_METADATA = """chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr
fsetxattr lsetxattr setxattrat removexattr fremovexattr lremovexattr removexattrat""".split()
_UNCOUNTED_MEMORY = """memfd_create memfd_secret semget semop semtimedop semctl shmget shmat shmdt shmctl msgget msgsnd
msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr""".split()

_EPERM, _ENOSYS, _EOPNOTSUPP = bpf.errno(1), bpf.errno(38), bpf.errno(95)
_PRETEND = bpf.errno(0)
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT = 0x40000000
_NAMESPACE_FLAGS = 0x7E020000
_TERMINAL_INJECTION = (0x5412, 0x541C, 0x5423, 0x541D)  # TIOCSTI, TIOCLINUX, TIOCSETD, TIOCCONS
_FORBIDDEN_PRCTL = (0x59616D61, 35, libc.PR_SET_DUMPABLE)  # PR_SET_PTRACER, PR_SET_MM
_PERSONALITIES = (0, 0xFFFFFFFF, 0x40000, 8, 0x20000, 0x20008)
_RLIMIT_CORE = 4
_LEASES = (1024, 1026)  # F_SETLEASE, F_NOTIFY: signals when another process opens a file
_LOCKS = (5, 6, 7, 36, 37, 38)  # F_GETLK, F_SETLK, F_SETLKW and their open-file-description forms
_SIGNAL_OWNERS = (8, 10, 15)  # F_SETOWN, F_SETSIG, F_SETOWN_EX
_AF_UNIX, _AF_INET, _AF_INET6 = 1, 2, 10
_SOCK_DGRAM_BIT = 2
_O_TRUNC, _ACCESS_MODE = 0o1000, 3


def profile(kind: str, *, landlock: int, own_pid: int = 0, machine: str | None = None, sealed: bool = False) -> bytes:
    """The filter for a guest of this kind under a Landlock of this version; `own_pid` is the process it is for."""
    machine = machine or os.uname().machine
    numbers = NUMBERS[machine]
    bodies = _checked_calls()
    if kind == "bare":
        bodies |= _bare_calls(landlock, own_pid)
    if sealed:
        bodies |= _sealed_calls()
    program = _preamble(machine)
    for name, body in bodies.items():
        if name in numbers:
            program.for_call(numbers[name], body)
    for low, high in _ranges(numbers[name] for name in ALLOWED - bodies.keys() if name in numbers):
        program.when_between(low, high, bpf.ALLOW)
    return program.answer(_EPERM).raw()


def install(filter_bytes: bytes) -> None:
    """Put the filter on every thread of this process, for good; no_new_privs must be set."""
    code = ctypes.create_string_buffer(filter_bytes, len(filter_bytes))

    class _Fprog(ctypes.Structure):
        _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

    argument = _Fprog(len(filter_bytes) // 8, ctypes.cast(code, ctypes.c_void_p))
    set_filter, all_threads = 1, 1
    if libc.syscall("seccomp", set_filter, all_threads, ctypes.byref(argument)) != 0:
        raise OSError("One thread could not take the filter.")


def _preamble(machine: str) -> bpf.Program:
    program = bpf.Program().load_arch().unless_equal(_AUDIT[machine], bpf.KILL).load_number()
    if machine == "x86_64":
        program.when_at_least(_X32_BIT, _ENOSYS)
    return program.when_above(LAST[machine], _ENOSYS)


def _checked_calls() -> dict[str, bpf.Program]:
    """Calls whose answer depends on an argument, or that are refused with another errno than EPERM."""
    bodies = {name: bpf.always(_ENOSYS) for name in _UNCOUNTED_MEMORY}
    bodies["clone"] = bpf.Program().load_argument(0).when_any_bit(_NAMESPACE_FLAGS, _EPERM).answer(bpf.ALLOW)
    # Its flags are behind a pointer that a filter cannot read; the C library falls back to clone.
    bodies["clone3"] = bpf.always(_ENOSYS)
    bodies["ioctl"] = bpf.choose(1, _TERMINAL_INJECTION, _EPERM, bpf.ALLOW)
    bodies["prctl"] = bpf.choose(0, _FORBIDDEN_PRCTL, _EPERM, bpf.ALLOW)
    bodies["personality"] = bpf.choose(0, _PERSONALITIES, bpf.ALLOW, _EPERM)
    bodies["fcntl"] = bpf.choose(1, _LEASES, _EPERM, bpf.ALLOW)
    bodies["setrlimit"] = bpf.choose(0, (_RLIMIT_CORE,), _PRETEND, bpf.ALLOW)
    bodies["prlimit64"] = _core_limit_pinned(bpf.Program())
    families = (_AF_UNIX, _AF_INET, _AF_INET6)
    # libzmq calls getifaddrs and aborts on any errno but EINVAL and EOPNOTSUPP.
    bodies["socket"] = bpf.choose(0, families, bpf.ALLOW, _EOPNOTSUPP)
    bodies["socketpair"] = bpf.choose(0, (_AF_UNIX,), bpf.ALLOW, _EPERM)
    return bodies


def _core_limit_pinned(body: bpf.Program) -> bpf.Program:
    """A core limit of 1 switches off core files and *piped* core handlers; the guest may read it, not set it."""
    body.load_argument(1).unless_equal(_RLIMIT_CORE, bpf.ALLOW)
    body.load_argument(2).unless_equal(0, _EPERM)
    return body.load_argument(2, high=True).unless_equal(0, _EPERM).answer(bpf.ALLOW)


def _bare_calls(landlock: int, own_pid: int) -> dict[str, bpf.Program]:
    """What only namespaces or a newer Landlock would stop otherwise."""
    bodies = {name: bpf.always(_PRETEND) for name in _METADATA}
    bodies["fcntl"] = bpf.choose(1, (*_LEASES, *_SIGNAL_OWNERS), _EPERM, bpf.ALLOW)
    bodies["socket"] = bpf.always(_EOPNOTSUPP)
    bodies["connect"] = bpf.always(_EPERM)
    # A datagram pair could be re-addressed to any socket of the host.
    streams = bpf.Program().load_argument(0).unless_equal(_AF_UNIX, _EPERM)
    bodies["socketpair"] = streams.load_argument(1).when_any_bit(_SOCK_DGRAM_BIT, _EPERM).answer(bpf.ALLOW)
    bodies["prlimit64"] = _core_limit_pinned(bpf.Program().load_argument(0).unless_equal(0, _EPERM))
    bodies |= _scheduling_of_self(own_pid)
    if landlock < 3:
        bodies |= _no_truncation()
    if landlock < 6:
        bodies |= _signals_to_self(own_pid)
    return bodies


def _sealed_calls() -> dict[str, bpf.Program]:
    """What two guests could signal with through files that both may only read."""
    bodies = {name: bpf.always(_PRETEND) for name in _METADATA}
    bodies["flock"] = bpf.always(_EPERM)
    bodies["fcntl"] = bpf.choose(1, (*_LEASES, *_LOCKS, *_SIGNAL_OWNERS), _EPERM, bpf.ALLOW)
    bodies |= {name: bpf.always(_EPERM) for name in ("connect", "bind", "listen", "socketpair")}
    return bodies | {"socket": bpf.always(_EOPNOTSUPP)}


def _scheduling_of_self(own_pid: int) -> dict[str, bpf.Program]:
    names = ("sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler")
    # Pretend, not refuse: libzmq asserts that setting the scheduler of its own threads succeeds.
    bodies = {name: bpf.choose(0, (0, own_pid), bpf.ALLOW, _PRETEND) for name in names}
    own = bpf.Program().load_argument(0).unless_equal(0, _EPERM).load_argument(1)
    return bodies | {"setpriority": own.unless_equal(0, _EPERM).answer(bpf.ALLOW), "ioprio_set": bpf.always(_EPERM)}


def _no_truncation() -> dict[str, bpf.Program]:
    """Landlock before version 3 lets a file that may not be written be truncated, also by O_RDONLY|O_TRUNC."""
    bodies = {"truncate": bpf.always(_EPERM), "openat2": bpf.always(_ENOSYS)}
    for name, flags in (("open", 1), ("openat", 2)):
        body = bpf.Program().load_argument(flags).when_any_bit(_ACCESS_MODE, bpf.ALLOW)
        bodies[name] = body.when_any_bit(_O_TRUNC, _EPERM).answer(bpf.ALLOW)
    return bodies


def _signals_to_self(own_pid: int) -> dict[str, bpf.Program]:
    """Landlock before version 6 does not keep signals inside."""
    bodies = {name: bpf.choose(0, (0, own_pid), bpf.ALLOW, _EPERM) for name in ("kill", "tgkill")}
    others = ("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal")
    return bodies | {name: bpf.always(_EPERM) for name in others}


def _ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Consecutive numbers become one comparison."""
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found

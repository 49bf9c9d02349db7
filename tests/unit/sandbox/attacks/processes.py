"""Seeing, reading, signalling and slowing the launcher."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket

from tests.unit.sandbox.attacks import Target, attack, checked, libc, read, secret_in, syscall


@attack
def see_the_launcher_in_proc(t: Target) -> object:
    return str(t["pid"]) in os.listdir("/proc")


@attack
def read_the_launchers_environment(t: Target) -> object:
    return read(t, f"/proc/{t['pid']}/environ")


@attack
def read_the_launchers_memory(t: Target) -> object:
    with open(f"/proc/{t['pid']}/mem", "rb", 0) as memory:
        memory.seek(t["address"])
        return secret_in(t, memory.read(64))


@attack
def read_memory_by_system_call(t: Target) -> object:
    buffer = ctypes.create_string_buffer(64)
    local = (ctypes.c_ulong * 2)(ctypes.addressof(buffer), 64)
    remote = (ctypes.c_ulong * 2)(t["address"], 64)
    syscall("process_vm_readv", t["pid"], local, 1, remote, 1, 0)
    return secret_in(t, buffer.raw)


@attack
def ptrace_the_launcher(t: Target) -> object:
    seize = 0x4206
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.ptrace(seize, t["pid"], 0, 0) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@attack
def take_its_descriptor(t: Target) -> object:
    pid_fd = syscall("pidfd_open", t["pid"], 0)
    return secret_in(t, os.pread(syscall("pidfd_getfd", pid_fd, t["fd"], 0), 100, 0))


@attack
def signal_the_launcher(t: Target) -> object:
    os.kill(t["pid"], signal.SIGUSR1)
    return True


@attack
def signal_it_by_thread(t: Target) -> object:
    return syscall("tgkill", t["pid"], t["pid"], int(signal.SIGUSR1)) == 0


@attack
def signal_it_by_input(t: Target) -> None:
    ours, theirs = socket.socketpair()
    fcntl.fcntl(ours, fcntl.F_SETOWN, t["pid"])
    fcntl.fcntl(ours, fcntl.F_SETFL, os.O_ASYNC | fcntl.fcntl(ours, fcntl.F_GETFL))
    theirs.send(b"x")  # SIGIO would go to the launcher, which counts


@attack
def change_its_limits(t: Target) -> object:
    return syscall("prlimit64", t["pid"], 7, 0, (ctypes.c_ulong * 2)()) == 0


@attack
def slow_it_down(t: Target) -> object:
    return checked(libc.setpriority(0, t["pid"], 15)) == 0


@attack
def enter_its_namespaces(t: Target) -> object:
    return checked(libc.setns(os.open(f"/proc/{t['pid']}/ns/net", os.O_RDONLY), 0)) == 0

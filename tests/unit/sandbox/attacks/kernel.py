"""Secrets in the surroundings, more privileges, and parts of the kernel that no guest needs."""

from __future__ import annotations

import ctypes
import mmap
import os

from tests.unit.sandbox.attacks import Target, attack, checked, libc, secret_in, syscall


@attack
def find_the_secret_in_the_environment(t: Target) -> object:
    return secret_in(t, repr(dict(os.environ)).encode())


@attack
def find_it_in_process_one(t: Target) -> object:
    with open("/proc/1/environ", "rb") as environ, open("/proc/1/cmdline", "rb") as command:
        return secret_in(t, environ.read() + command.read())


@attack
def more_privileges_by_a_program(_: Target) -> object:
    get_no_new_privileges = 39
    return libc.prctl(get_no_new_privileges, 0, 0, 0, 0) != 1


@attack
def capabilities(_: Target) -> object:
    header, sets = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    checked(libc.capget(header, sets))
    return any(sets)


@attack
def become_root(_: Target) -> object:
    os.setuid(0)
    return os.getuid() == 0


@attack
def user_namespace(_: Target) -> object:
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(0x10000000) == 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@attack
def system_calls_past_the_filter(_: Target) -> object:
    return syscall("io_uring_setup", 4, ctypes.create_string_buffer(120))


@attack
def calls_of_another_architecture(_: Target) -> object:
    if os.uname().machine != "x86_64":
        return False
    child = os.fork()
    if child == 0:
        code = mmap.mmap(-1, 4096, prot=7)
        code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax,20 (getpid); int 0x80; ret
        function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))
        os._exit(0 if function() > 0 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@attack
def watch_other_processes_read_files(_: Target) -> object:
    return syscall("inotify_init1", 0)


@attack
def load_of_the_machine(_: Target) -> object:
    buffer = ctypes.create_string_buffer(256)
    return syscall("sysinfo", buffer) == 0


@attack
def keyring(_: Target) -> object:
    return syscall("keyctl", 0, -4, 1)

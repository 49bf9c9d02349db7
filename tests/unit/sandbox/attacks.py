"""What a hostile guest tries, run inside a sandbox; the targets are real and held open outside.

- An attack that ends in an exception was stopped. One that returns something true got what it must not have.
- Some return nothing and leave a mark outside, such as a signal or a changed file; `trusted.py` looks for it.
- The negative control runs the same list without isolation, so that an attack that cannot work is found out.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from kernel_guard.sandbox.inside.syscalls import NUMBERS

ATTACKS: dict[str, Callable[[dict[str, Any]], object]] = {}
Target = dict[str, Any]
libc = ctypes.CDLL(None, use_errno=True)


def attack(function: Callable[[Target], object]) -> Callable[[Target], object]:
    ATTACKS[function.__name__] = function
    return function


def syscall(name: str, *arguments: Any) -> int:
    passed = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    return checked(libc.syscall(ctypes.c_long(NUMBERS[os.uname().machine][name]), *passed))


def checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def secret_in(target: Target, content: bytes) -> bool:
    return target["secret"][::-1].encode() in content


def read(target: Target, path: str) -> bool:
    with open(path, "rb") as file:
        return secret_in(target, file.read(1 << 16))


@attack
def open_the_file(t: Target) -> object:
    return read(t, t["file"])


@attack
def open_through_own_root(t: Target) -> object:
    return read(t, "/proc/self/root" + t["file"])


@attack
def open_through_the_launchers_root(t: Target) -> object:
    return read(t, f"/proc/{t['pid']}/root" + t["file"])


@attack
def open_through_the_launchers_descriptor(t: Target) -> object:
    return read(t, f"/proc/{t['pid']}/fd/{t['fd']}")


@attack
def open_through_a_symbolic_link(t: Target) -> object:
    os.symlink(t["file"], "soft")
    return read(t, "soft")


@attack
def open_through_dots(t: Target) -> object:
    return read(t, "../" * 20 + t["file"].lstrip("/"))


@attack
def hard_link(t: Target) -> object:
    os.link(t["file"], "hard")
    return read(t, "hard")


@attack
def list_the_folder(t: Target) -> object:
    return os.listdir(os.path.dirname(t["file"]))


@attack
def rename_the_file(t: Target) -> object:
    os.rename(t["file"], t["file"] + ".moved")
    os.rename(t["file"] + ".moved", t["file"])
    return True


@attack
def change_its_mode(t: Target) -> None:
    os.chmod(t["file"], 0o604)  # bare pretends success; trusted.py looks at the mode


@attack
def truncate_by_path(t: Target) -> object:
    os.truncate(t["file"], t["size"])
    return True


@attack
def truncate_by_opening(t: Target) -> object:
    os.close(os.open(t["spare"], os.O_RDONLY | os.O_TRUNC))
    return True


@attack
def write_outside(t: Target) -> object:
    for folder in ("/var/tmp", "/usr/local/bin", "/opt", "/etc", "/srv", os.path.dirname(t["file"])):
        try:
            os.close(os.open(folder + "/.kernel-guard-probe", os.O_CREAT | os.O_WRONLY))
        except OSError:
            continue
        os.unlink(folder + "/.kernel-guard-probe")
        return folder
    return False


@attack
def write_into_the_package(_: Target) -> object:
    import kernel_guard.sandbox.inside as package

    os.close(os.open(os.path.dirname(package.__file__ or "") + "/stage.py", os.O_WRONLY))
    return True


@attack
def read_shadow(_: Target) -> object:
    os.close(os.open("/etc/shadow", os.O_RDONLY))
    return True


@attack
def mount_something(_: Target) -> object:
    os.makedirs("mnt", exist_ok=True)
    return checked(libc.mount(b"/", b"mnt", None, 4096, None)) == 0


@attack
def remount_writable(_: Target) -> object:
    return checked(libc.mount(None, b"/usr", None, 32 | 4096, None)) == 0


@attack
def open_by_handle(t: Target) -> object:
    handle = ctypes.create_string_buffer(struct.pack("Ii", 128, 0) + bytes(128), 136)
    syscall("name_to_handle_at", -100, ctypes.c_char_p(t["file"].encode()), handle, ctypes.byref(ctypes.c_int()), 0)
    return True


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


@attack
def tcp_of_the_host(t: Target) -> object:
    return socket.create_connection(("127.0.0.1", t["tcp"]), 0.5)


@attack
def tcp_to_the_outside(_: Target) -> object:
    with socket.socket() as probe:
        probe.settimeout(0.3)
        try:
            probe.connect(("192.0.2.1", 80))
        except TimeoutError:
            pass  # a packet left
        return True


@attack
def udp_of_the_host(t: Target) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.sendto(b"x", ("127.0.0.1", t["udp"]))


@attack
def raw_socket(_: Target) -> object:
    return socket.socket(socket.AF_PACKET, socket.SOCK_RAW)


@attack
def hypervisor_socket(_: Target) -> object:
    return socket.socket(40, socket.SOCK_STREAM)


@attack
def interfaces_of_the_host(_: Target) -> object:
    return {name for _, name in socket.if_nameindex()} - {"lo"}


@attack
def unix_socket_in_a_folder(t: Target) -> object:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect(t["unix"])
        return True


@attack
def abstract_unix_socket(t: Target) -> object:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.connect("\0" + t["abstract"])
        return True


@attack
def datagram_to_a_unix_socket(t: Target) -> object:
    ours, _theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    return ours.sendto(b"x", t["datagram"])


@attack
def point_the_vaults_socket_elsewhere(t: Target) -> object:
    with socket.socket(fileno=os.dup(int(os.environ["KERNEL_GUARD_FD"]))) as vault:
        vault.connect(t["unix"])
        return True


@attack
def listen_for_the_host(t: Target) -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", t["free_port"]))
    listener.listen()
    t["kept"] = listener  # trusted.py tries to connect


@attack
def shared_memory_of_the_host(t: Target) -> object:
    return read(t, t["shared_memory"])


@attack
def find_the_secret_in_the_environment(t: Target) -> object:
    return secret_in(t, repr(dict(os.environ)).encode())


@attack
def find_it_in_process_one(t: Target) -> object:
    with open("/proc/1/environ", "rb") as environ, open("/proc/1/cmdline", "rb") as command:
        return secret_in(t, environ.read() + command.read())


@attack
def more_privileges_by_a_program(_: Target) -> object:
    answer = subprocess.run(["/usr/bin/su", "-c", "id -u", "root"], capture_output=True, timeout=5)
    return answer.stdout.strip() == b"0" or libc.prctl(39, 0, 0, 0, 0) != 1


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


def main() -> None:
    """Try everything; the findings go out on the vault's descriptor, as one line of JSON."""
    target = json.loads(sys.argv[1])
    found = {name: _outcome(function, target) for name, function in ATTACKS.items()}
    vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
    vault.sendall(json.dumps(found).encode() + b"\n")
    vault.recv(1)


def _outcome(function: Callable[[Target], object], target: Target) -> str:
    try:
        gained = function(target)
    except Exception as problem:
        return f"stopped: {type(problem).__name__} {problem}"
    return f"succeeded: {gained}" if gained else "gained nothing"


if __name__ == "__main__":
    main()

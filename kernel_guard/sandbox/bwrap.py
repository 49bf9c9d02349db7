"""The tier with namespaces: bubblewrap builds an empty root and mounts only what a guest needs.

- Nothing is bound from below a folder that a guest can write; writable places are fresh tmpfs with a size.
- What /proc and /sys tell about the whole machine is replaced or masked: a guest could read from it what other
  processes do.
- Under the super-user no user namespace is made; the stage changes to the guest's own id and drops the three
  capabilities that it needs for that.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from . import interpreter, view
from .channels import memory_file
from .ladder import Rung, bwrap_path
from .spec import GuestSpec

LIB = "/run/guard/lib"
HOME = "/home/guest"
PLACE = view.Place(lib=LIB, home=HOME, tmp="/tmp")
_MAPPED_UID = 1000
_MASKED_FILES = """vmstat zoneinfo diskstats interrupts softirqs schedstat slabinfo buddyinfo pagetypeinfo timer_list
kcore keys key-users kallsyms kmsg sched_debug partitions swaps locks modules config.gz""".split()
_MASKED_FOLDERS = "sys pressure irq bus fs acpi scsi tty driver".split()
_CPUS = "/sys/devices/system/cpu"


def rules(spec: GuestSpec) -> list[tuple[str, str]]:
    """The second fence, in case the first has a hole: Landlock over the new root."""
    readable = [*view.libraries(spec), *view.SYSTEM_FOLDERS, "/etc", "/proc", "/sys", "/run/guard"]
    fence = [(path, "read") for path in readable]
    fence += [(path, "write") for path in (HOME, "/tmp", "/dev/shm", "/proc/self")]
    fence += [(path, "device") for path in view.DEVICES]
    return fence + [(path, "terminal") for path in ("/dev/pts", "/dev/tty", "/dev/ptmx")]


def command(spec: GuestSpec, rung: Rung, uid: int | None, fds: dict[str, int]) -> tuple[list[str], list[int]]:
    """The bubblewrap call, and the descriptors with file contents that go with it."""
    contents = _Contents()
    arguments = [bwrap_path() or "bwrap", *_isolation(rung), "--json-status-fd", str(fds["status"])]
    arguments += _system(contents, uid or _MAPPED_UID)
    arguments += _proc(contents, spec) if rung.real_proc else ["--tmpfs", "/proc", "--remount-ro", "/proc"]
    arguments += ["--ro-bind-try", _CPUS, _CPUS]
    arguments += _writable(spec)
    arguments += _python(view.libraries(spec))
    # Everything after `--` is the program, so no text can become an option.
    arguments += ["--remount-ro", "/", "--chdir", HOME, "--", *view.stage_command(spec, LIB, fds["config"])]
    return arguments, contents.fds


class _Contents:
    """Small files that exist only inside the sandbox."""

    def __init__(self) -> None:
        self.fds: list[int] = []

    def file(self, path: str, text: str) -> list[str]:
        self.fds.append(memory_file(text.encode()))
        return ["--perms", "0444", "--ro-bind-data", str(self.fds[-1]), path]


def _isolation(rung: Rung) -> list[str]:
    spaces = [f"--unshare-{name}" for name in ("ipc", "pid", "net", "uts", "cgroup-try")]
    if rung.own_uid:
        identity = ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            identity += ["--cap-add", capability]
    else:
        identity = ["--unshare-user", "--uid", str(_MAPPED_UID), "--gid", str(_MAPPED_UID), "--cap-drop", "ALL"]
        identity += ["--disable-userns"] if rung.pin_userns else []
    return [*spaces, *identity, "--die-with-parent", "--new-session", "--hostname", "guest", "--clearenv"]


def _folders(paths: Sequence[str]) -> list[str]:
    """Named one by one, because bubblewrap makes missing parents with mode 0700."""
    return [word for path in paths for word in ("--perms", "0755", "--dir", path)]


def _system(contents: _Contents, uid: int) -> list[str]:
    arguments = _folders(["/etc", "/etc/ssl", "/run", "/run/guard", LIB, "/home"])
    arguments += _folders(["/sys", "/sys/devices", "/sys/devices/system"])
    arguments += ["--ro-bind", "/usr", "/usr"]
    for path in view.SYSTEM_FOLDERS[1:]:
        if os.path.islink(path):
            arguments += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            arguments += ["--ro-bind", path, path]
    for path in view.ETC_FILES:
        arguments += ["--ro-bind-try", path, path]
    users = f"guest:x:{uid}:{uid}:guest:{HOME}:/bin/sh\nroot:x:0:0:root:/:/usr/sbin/nologin\n"
    arguments += contents.file("/etc/passwd", users)
    arguments += contents.file("/etc/group", f"guest:x:{uid}:\nroot:x:0:\n")
    return arguments + contents.file("/etc/hosts", "127.0.0.1 localhost\n")


def _proc(contents: _Contents, spec: GuestSpec) -> list[str]:
    arguments = ["--proc", "/proc"]
    for name, text in _constant_counters(spec.limits.memory).items():
        arguments += contents.file(f"/proc/{name}", text)
    for name in _MASKED_FILES:
        if os.path.exists(f"/proc/{name}"):
            arguments += ["--ro-bind", "/dev/null", f"/proc/{name}"]
    for name in _MASKED_FOLDERS:
        if os.path.isdir(f"/proc/{name}"):
            arguments += ["--tmpfs", f"/proc/{name}", "--remount-ro", f"/proc/{name}"]
    return arguments


def _constant_counters(memory: int) -> dict[str, str]:
    """Numbers that libraries insist on reading, without the machine's real load in them."""
    total = memory >> 10
    zero = ("Buffers", "Cached", "SwapTotal", "SwapFree", "Active", "Inactive", "Shmem", "Slab")
    sizes = [(name, total) for name in ("MemTotal", "MemFree", "MemAvailable")] + [(name, 0) for name in zero]
    cpus = ["cpu  0 0 0 0 0 0 0 0 0 0", *(f"cpu{n} 0 0 0 0 0 0 0 0 0 0" for n in range(os.cpu_count() or 1))]
    rest = ["intr 0", "ctxt 0", "btime 0", "processes 1", "procs_running 1", "procs_blocked 0", "softirq" + " 0" * 11]
    return {
        "meminfo": "".join(f"{name}: {size} kB\n" for name, size in sizes),
        "loadavg": "0.00 0.00 0.00 1/1 1\n",
        "uptime": "1.00 1.00\n",
        "stat": "\n".join([*cpus, *rest]) + "\n",
    }


def _writable(spec: GuestSpec) -> list[str]:
    limits = spec.limits
    arguments = ["--dev", "/dev"]
    arguments += ["--size", str(limits.shared), "--perms", "1777", "--tmpfs", "/dev/shm", "--remount-ro", "/dev"]
    arguments += ["--size", str(limits.tmp), "--perms", "1777", "--tmpfs", "/tmp"]
    return arguments + ["--size", str(limits.home), "--perms", "1777", "--tmpfs", HOME]


def _python(roots: Sequence[str]) -> list[str]:
    arguments = _folders(_parents(roots))
    for path in roots:
        arguments += ["--ro-bind", path, path]
    arguments += _folders([f"{LIB}/kernel_guard", f"{LIB}/kernel_guard/sandbox"])
    for part in interpreter.GUEST_PARTS:
        arguments += ["--ro-bind-try", str(interpreter.PACKAGE / part), f"{LIB}/kernel_guard/{part}"]
    return arguments


def _parents(paths: Sequence[str]) -> list[str]:
    made = ["/", "/usr", "/tmp", "/home", "/run"]
    for path in paths:
        parts = path.strip("/").split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            parent = "/" + "/".join(parts[:depth])
            if parent not in made and not any(interpreter.is_within(parent, root) for root in paths):
                made.append(parent)
    return made[5:]

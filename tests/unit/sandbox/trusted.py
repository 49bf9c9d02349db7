"""The trusted side of a sandbox test, as a process of its own, so that it can run as any user and be killed.

- Called with one JSON order; prints one JSON answer.
- Holds the targets of `attacks.py` and looks afterwards for marks that only the outside can see.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.sandbox import Guest, GuestSpec, Level, Limits
from kernel_guard.sandbox.inside import bpf, libc, seccomp
from kernel_guard.sandbox.inside.syscalls import NUMBERS
from kernel_guard.sandbox.ladder import Rung
from kernel_guard.sandbox.launch import launch, start

HERE = Path(__file__).resolve().parent
SECONDS = 20.0
_ALL_NAMESPACES = 0x7E020000


def main() -> None:
    order = json.loads(sys.argv[1])
    if order["container"]:
        _enter_container(order["container"])
    # A folder that is named outlives this process; that matters when a test kills it.
    with _folder(order.get("folder")) as folder:
        try:
            answer = {"attack": _attack, "run": _run, "stay": _stay, "kernel": _kernel}[order["do"]](
                order, Path(folder)
            )
        except KernelGuardError as problem:
            answer = {"refused": str(problem), "code": problem.code}
        print(json.dumps(answer), flush=True)


@contextlib.contextmanager
def _folder(named: str | None) -> Iterator[str]:
    """One that is named is the caller's, who removes it even when this process was killed."""
    if named:
        yield named
    else:
        with tempfile.TemporaryDirectory(prefix="kgt-") as made:
            yield made


def _enter_container(refused: list[str]) -> None:
    """Take a filter like the one that container engines put on: no namespaces, and no `refused` calls either."""
    numbers = NUMBERS[os.uname().machine]
    flags = bpf.Program().load_argument(0).when_any_bit(_ALL_NAMESPACES, bpf.errno(1)).answer(bpf.ALLOW)
    program = bpf.Program().load_number().for_call(numbers["clone"], flags)
    program.when_equal(numbers["clone3"], bpf.errno(38))
    for name in ("unshare", "setns", *refused):
        program.when_equal(numbers[name], bpf.errno(1))
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install(program.answer(bpf.ALLOW).raw())


def _guest(order: dict[str, Any], folder: Path, vault_fd: int, code: str, *arguments: str) -> Guest:
    argv = (sys.executable, "-S", "-P", "-B", "-c", code, *arguments)
    tier = order["tier"]
    limits = Limits(**order.get("limits", {}))
    level = Level.G0 if tier == "none" else Level.G1
    allow = ("bwrap", "bare") if tier == "any" else (tier,)
    spec = GuestSpec(folder / "run", vault_fd, limits, minimum=level, allow=allow, argv=argv)
    if order["landlock"]:
        return start(spec, Rung(tier, Level.G1, own_uid=os.geteuid() == 0, landlock_at_most=order["landlock"]))
    return launch(spec)


def _run(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run `code` as the guest; `say(value)` in it sends an answer."""
    ours, theirs = socket.socketpair()
    with theirs:
        guest = _guest(order, folder, theirs.fileno(), _SAY + order["code"])
    said = b""
    ours.settimeout(SECONDS)
    with contextlib.suppress(TimeoutError):
        while piece := ours.recv(1 << 16):
            said += piece
    code = guest.wait(SECONDS)
    if code is None:
        guest.kill()
    return {
        "said": [json.loads(line) for line in said.splitlines()],
        "code": code,
        "reason": guest.death_reason,
        "level": guest.level.name,
        "left": sorted(str(path) for path in (folder / "run").iterdir()),
        "log": guest.log[-500:],
    }


def _stay(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Start a guest that holds the descriptor `hold`, say so, and wait to be killed."""
    guest = _guest(order, folder, order["hold"], order["code"])
    os.close(order["hold"])
    print(json.dumps({"guest": guest.pid, "level": guest.level.name}), flush=True)
    time.sleep(SECONDS)
    guest.kill()
    return {}


def _kernel(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Start a Python kernel, say where it listens, and end it when standard input closes."""
    ours, theirs = socket.socketpair()
    spec = GuestSpec(folder / "run", theirs.fileno(), allow=(order["tier"],), python=Path(order["python"]))
    started = time.monotonic()
    guest = launch(spec)
    took = time.monotonic() - started
    theirs.close()
    where = {"endpoints": guest.endpoints, "key": guest.key.decode(), "level": guest.level.name, "seconds": took}
    print(json.dumps(where), flush=True)
    sys.stdin.read()
    guest.kill()
    ours.close()
    return {"left": sorted(str(path) for path in (folder / "run").iterdir()), "log": guest.log[-2000:]}


def _attack(order: dict[str, Any], folder: Path) -> dict[str, Any]:
    signals: list[int] = []
    for number in (signal.SIGUSR1, signal.SIGIO):
        signal.signal(number, lambda which, _: signals.append(which))
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    with _targets(folder) as (target, listening):
        ours, theirs = socket.socketpair()
        with theirs:
            guest = _guest(order, folder, theirs.fileno(), _IMPORT_TEXTS, json.dumps(target), json.dumps(_texts()))
        ours.settimeout(SECONDS)
        found = json.loads(ours.makefile().readline() or '{"everything": "succeeded: or the guest died"}')
        time.sleep(0.1)
        marks = {
            "signals": signals,
            "datagrams": [name for name, item in listening.items() if _has_something(item)],
            "mode": oct(os.stat(target["file"]).st_mode & 0o777),
            "contents": Path(target["file"]).read_text() == target["secret"][::-1],
            "spare": os.path.getsize(target["spare"]),
            "slower": os.getpriority(os.PRIO_PROCESS, 0) - nice,
            "reachable": _connects(target["free_port"]),
        }
        guest.kill()
    left = sorted(str(path) for path in (folder / "run").iterdir())
    report = guest.report
    return {
        "found": found,
        "marks": marks,
        "level": guest.level.name,
        "tier": guest.tier,
        "report": report,
        "left": left,
    }


def _texts() -> dict[str, str]:
    """The attacks by their module's name, the one that the others import first."""
    names = ("__init__", "files", "processes", "network", "kernel")
    package = "tests.unit.sandbox.attacks"
    names_in_full = (package if name == "__init__" else f"{package}.{name}" for name in names)
    texts = ((HERE / "attacks" / f"{name}.py").read_text(encoding="utf-8") for name in names)
    return dict(zip(names_in_full, texts, strict=True))


@contextlib.contextmanager
def _targets(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, socket.socket]]]:
    secret = os.environ["HOSPITAL_SECRET"]
    backwards = secret[::-1]  # the guest is told the secret backwards, so that its own copy is not a find
    memory = ctypes.create_string_buffer(secret.encode())
    file, spare, shared = folder / "patients.csv", folder / "spare", Path(f"/dev/shm/kgt-{os.getpid()}")
    for path in (file, spare, shared):
        path.write_text(secret)
        path.chmod(0o600)
    with contextlib.ExitStack() as stack:
        stack.callback(shared.unlink)
        opened = stack.enter_context(file.open("rb"))
        sockets = {
            "tcp": _bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "unix": _bound(socket.AF_UNIX, socket.SOCK_STREAM, str(folder / "unix")),
            "abstract": _bound(socket.AF_UNIX, socket.SOCK_STREAM, f"\0kgt-{os.getpid()}"),
            "udp": _bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "datagram": _bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(folder / "datagram")),
        }
        for item in sockets.values():
            stack.callback(item.close)
        target = {
            "secret": backwards,
            "file": str(file),
            "size": len(secret),
            "spare": str(spare),
            "fd": opened.fileno(),
            "pid": os.getpid(),
            "address": ctypes.addressof(memory),
            "tcp": sockets["tcp"].getsockname()[1],
            "udp": sockets["udp"].getsockname()[1],
            "unix": str(folder / "unix"),
            "abstract": f"kgt-{os.getpid()}",
            "datagram": str(folder / "datagram"),
            "free_port": _free_port(),
            "shared_memory": str(shared),
        }
        yield target, {name: sockets[name] for name in ("udp", "datagram")}


def _bound(family: int, kind: int, address: Any) -> socket.socket:
    item = socket.socket(family, kind)
    item.bind(address)
    if kind == socket.SOCK_STREAM:
        item.listen(8)
    item.setblocking(False)
    return item


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _has_something(item: socket.socket) -> bool:
    try:
        return bool(item.recv(10))
    except BlockingIOError:
        return False


def _connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.3).close()
    except OSError:
        return False
    return True


_IMPORT_TEXTS = """
import json, sys, types
for name, text in json.loads(sys.argv[2]).items():
    sys.modules[name] = module = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
sys.modules["tests.unit.sandbox.attacks"].main()
"""
_SAY = """
import json, os, socket
_vault = socket.socket(fileno=int(os.environ["KERNEL_GUARD_FD"]))
def say(value): _vault.sendall(json.dumps(value).encode() + b"\\n")
"""

if __name__ == "__main__":
    main()

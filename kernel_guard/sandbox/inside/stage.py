"""Give everything away, prove that it is gone, then become the guest.

The order matters, each step needs what the next one takes:
1. supervision (bare tier), 2. file descriptors, 3. limits, 4. identity and capabilities, 5. death signal and
no_new_privs, 6. Landlock, 7. seccomp, 8. self-test, 9. exec.

- Any surprise ends the process before a byte of the guest runs; the launcher hears why on the report pipe.
- The configuration comes from the launcher through an inherited descriptor, never from the environment.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from typing import Any, NoReturn

from . import landlock, libc, seccomp, selftest
from .supervise import fork_under_supervision

REFUSED = 97
_HIGHEST_FD = 1 << 16


def main() -> NoReturn:
    """Entry point: `… stage <fd of the configuration>`."""
    config_fd = int(sys.argv[1])
    config = json.loads(os.pread(config_fd, 1 << 20, 0))
    os.close(config_fd)
    if config["supervise"]:
        fork_under_supervision(config["life_fd"], config["status_fd"])
    try:
        report = _enter(config)
    except (OSError, ValueError, KeyError) as problem:
        _refuse(config, str(problem))
    _announce(config, report)
    os.execve(config["argv"][0], config["argv"], config["env"])


def _enter(config: dict[str, Any]) -> dict[str, Any]:
    _keep_only([*config["keep_fds"], config["report_fd"]])
    _limit(config["limits"], config["nice"])
    _become(config["uid"])
    libc.prctl(libc.PR_SET_PDEATHSIG, signal.SIGKILL)
    libc.prctl(libc.PR_SET_NO_NEW_PRIVS, 1)
    os.chdir(config["cwd"])
    if not config["confine"]:
        return {"landlock": 0, "seccomp": "", "failed": []}
    version = _confine(config)
    failed = selftest.failures(config["targets"], [*config["keep_fds"], config["report_fd"]])
    return {"landlock": version, "seccomp": config["kind"], "failed": failed}


def _confine(config: dict[str, Any]) -> int:
    bare = config["kind"] == "bare"
    version = min(landlock.abi(), config["landlock_at_most"])
    if version:
        landlock.restrict(config["rules"], version=version, network=bare)
    elif bare:
        raise OSError("Landlock is not available.")
    sealed = config["sealed"]
    seccomp.install(seccomp.profile(config["kind"], landlock=version, own_pid=os.getpid(), sealed=sealed))
    return version


def _keep_only(wanted: list[int]) -> None:
    last = 2
    for fd in [*sorted(set(wanted) - {0, 1, 2}), _HIGHEST_FD]:
        os.closerange(last + 1, fd)
        last = fd
    for fd in wanted:
        os.set_inheritable(fd, True)


def _limit(limits: dict[str, int], nice: int) -> None:
    for name, value in limits.items():
        which = getattr(resource, "RLIMIT_" + name)
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    os.umask(0o077)
    os.nice(nice)


def _become(uid: int | None) -> None:
    libc.drop_bounding_set()
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc.drop_capabilities()


def _announce(config: dict[str, Any], report: dict[str, Any]) -> None:
    if report["failed"] and config["strict"]:
        _refuse(config, "The self-test found: " + ", ".join(report["failed"]))
    os.write(config["report_fd"], json.dumps(report).encode() + b"\n")
    os.close(config["report_fd"])


def _refuse(config: dict[str, Any], reason: str) -> NoReturn:
    try:
        os.write(config["report_fd"], json.dumps({"refused": reason}).encode() + b"\n")
    finally:
        os._exit(REFUSED)

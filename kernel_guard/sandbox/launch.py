"""Start a guest on the strongest rung that this host offers, or refuse.

- Nothing of the guest runs before it has reported, from inside, that the forbidden things failed.
- A rung that cannot be built is followed by the next one that the caller allows; a rung that was built and did not
  hold is not: that is a surprise, and a surprise is refused.
- Works from any thread; never hands the launcher's environment, folder or descriptors to the guest.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import SandboxUnavailable

from . import bare, bwrap, cgroup, identity, interpreter, ladder, processes, view
from .channels import Channels, memory_file, open_channels, sweep
from .guest import Guest
from .keeper import Keeper
from .ladder import Rung, RungFailed
from .probes import Probes
from .spec import GuestSpec

_START_SECONDS = 30.0
_LONGEST_REPORT = 64 << 10
_KINDS = {"bwrap": "namespaced", "bare": "bare", "none": "none"}
_HINT = "Run `kernel-guard doctor` to see what this host offers and what to install."


def launch(spec: GuestSpec) -> Guest:
    """Start a guest; raises `SandboxUnavailable` when nothing at or above `spec.minimum` can be had."""
    sweep(spec.runtime_dir)
    found = ladder.build(spec)
    reasons = list(found.missing)
    for rung in found.rungs:
        try:
            return start(spec, rung)
        except RungFailed as problem:
            reasons.append(f"{rung.tier}: {problem}")
    raise SandboxUnavailable(
        f"No isolation of level {spec.minimum.name} or better can be had here: " + "; ".join(reasons) + ".",
        hint=_HINT,
        details={"minimum": spec.minimum.name, "reasons": reasons},
    )


def start(spec: GuestSpec, rung: Rung, *, strict: bool = True) -> Guest:
    """Start on one rung. Not `strict` keeps a guest whose self-test failed; only the doctor wants that."""
    interpreter.check_packages(spec.packages)
    interpreter.check_roots(view.libraries(spec), [spec.runtime_dir, *spec.hidden])
    with _told(spec):
        channels = open_channels(spec.runtime_dir, with_sockets=spec.argv is None)
        try:
            return _Start(spec, rung, channels, strict).run()
        except BaseException:
            channels.remove()
            raise


@contextlib.contextmanager
def _told(spec: GuestSpec) -> Iterator[None]:
    """A full disk or a folder that may not be written is a reason, not a crash."""
    try:
        yield
    except OSError as problem:
        what = os.strerror(problem.errno) if problem.errno else "unknown"
        raise RungFailed(f"the runtime folder {spec.runtime_dir} cannot be used ({what})") from problem


@dataclass
class _Start:
    """The state of one start; every descriptor in `passing` is closed on our side afterwards."""

    spec: GuestSpec
    rung: Rung
    channels: Channels
    strict: bool

    def run(self) -> Guest:
        uid = self._reserve_uid()
        with contextlib.ExitStack() as passing, Probes(self.channels.folder) as probes:
            ends = {name: os.pipe() for name in ("report", "status", "life")}
            for name, (read, write) in ends.items():
                passing.callback(os.close, read if name == "life" else write)
            report_end, status_end, life_end = ends["report"][0], ends["status"][0], ends["life"][1]
            command, fds = self._assemble(uid, ends, probes, passing)
            group = cgroup.make(cgroup.find(), self.spec.limits)
            keeper = Keeper(command, fds, self.spec.limits, self._when_gone(status_end), group)
            try:
                process = keeper.begin()
                passing.close()
                self.channels.close_sockets()
                root_pid = _read_json(status_end).get("child-pid", 0)
                report = _read_json(report_end)
                self._check(report)
                keeper.hold(processes.tree(process.pid))  # what was started before its first process was in the group
            except (OSError, RungFailed, SandboxUnavailable) as problem:
                os.close(life_end)
                keeper.join(_START_SECONDS)
                raise _explained(problem, keeper) from problem
            finally:
                os.close(report_end)
        return Guest(
            self.rung,
            process,
            keeper,
            root_pid,
            life_end,
            key=self.channels.key,
            endpoints=self.channels.endpoints(),
            report=report,
            limits=self.spec.limits,
        )

    def _reserve_uid(self) -> int | None:
        if not self.rung.own_uid:
            return None
        uid, lock = identity.reserve_uid()
        self.channels.locks.append(lock)
        return uid

    def _assemble(
        self, uid: int | None, ends: Mapping[str, tuple[int, int]], probes: Probes, passing: contextlib.ExitStack
    ) -> tuple[list[str], list[int]]:
        """The command and the descriptors it inherits."""
        spec, rung = self.spec, self.rung
        namespaced = rung.tier == "bwrap"
        place = bwrap.PLACE if namespaced else bare.prepare(spec, self.channels, uid)
        kept = [item.fileno() for item in self.channels.sockets.values()]
        kept += [spec.vault_fd] if spec.vault_fd is not None else []
        kept += spec.extra_fds
        boot_fd = self.channels.boot_memo() if self.channels.sockets else None
        if boot_fd is not None:
            passing.callback(os.close, boot_fd)
            kept.append(boot_fd)
        config = self._config(uid, place, probes, kept, boot_fd, ends)
        config_fd = memory_file(json.dumps(config).encode())
        passing.callback(os.close, config_fd)
        fds = [*kept, config_fd, ends["report"][1], ends["status"][1], ends["life"][0]]
        if not namespaced:
            return view.stage_command(spec, place.lib, config_fd), fds
        numbers = {"status": ends["status"][1], "config": config_fd}
        command, contents = bwrap.command(spec, rung, uid, numbers)
        for fd in contents:
            passing.callback(os.close, fd)
        return command, [*fds, *contents]

    def _config(
        self,
        uid: int | None,
        place: view.Place,
        probes: Probes,
        kept: list[int],
        boot_fd: int | None,
        ends: Mapping[str, tuple[int, int]],
    ) -> dict[str, Any]:
        """What the stage inside reads; see `inside/stage.py` for the order of use."""
        spec, rung = self.spec, self.rung
        namespaced = rung.tier == "bwrap"
        counts_others = not namespaced and uid is None
        return {
            "kind": _KINDS[rung.tier],
            "sealed": spec.sealed,
            "confine": rung.tier != "none",
            "strict": self.strict,
            "supervise": not namespaced,
            "landlock_at_most": rung.landlock_at_most,
            "rules": bwrap.rules(spec) if namespaced else bare.rules(spec, place),
            "targets": probes.targets(self.spec.hidden),
            "uid": uid,
            "limits": view.kernel_limits(spec.limits, others=bare.threads_of_this_user() if counts_others else 0),
            "nice": spec.limits.nice,
            "cwd": place.home,
            "keep_fds": kept,
            "report_fd": ends["report"][1],
            "status_fd": ends["status"][1],
            "life_fd": ends["life"][0],
            "argv": view.guest_command(spec, place.lib),
            "env": view.environment(spec, place, boot_fd),
        }

    def _check(self, report: Mapping[str, Any]) -> None:
        if not report:
            raise RungFailed("it did not start")
        if "refused" in report:
            raise SandboxUnavailable(
                f"The sandbox ({self.rung.tier}) did not hold. {report['refused']}",
                hint=_HINT,
                details={"tier": self.rung.tier},
            )

    def _when_gone(self, status_end: int) -> Any:
        def clean() -> None:
            os.close(status_end)
            self.channels.remove()

        return clean


def _explained(problem: Exception, keeper: Keeper) -> Exception:
    """A rung that never reported is explained by what bubblewrap printed."""
    if isinstance(problem, SandboxUnavailable):
        return problem
    said = " ".join(keeper.log.split())
    return RungFailed(f"{problem}{': ' + said[-300:] if said else ''}")


def _read_json(fd: int) -> dict[str, Any]:
    """One line of JSON; empty when the other side closed or said nothing in time."""
    deadline = time.monotonic() + _START_SECONDS
    text = b""
    poller = select.poll()
    poller.register(fd, select.POLLIN | select.POLLHUP)
    while not text.endswith(b"\n") and len(text) < _LONGEST_REPORT:
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            return {}
        piece = os.read(fd, 4096)
        if not piece:
            return {}
        text += piece
    answer: dict[str, Any] = json.loads(text)
    return answer

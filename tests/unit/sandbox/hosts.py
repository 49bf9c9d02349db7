"""Run `trusted.py` as this user or as an ordinary one, for each rung that can be had here.

- An ordinary user needs a Python that it can reach; where that is only the system's, the system's is used.
"""

from __future__ import annotations

import functools
import json
import os
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.sandbox import ladder
from kernel_guard.sandbox.inside import landlock

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
NOBODY = 65534
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
DOCKER = "-all," + ",".join(
    f"+{name}"
    for name in "chown dac_override fowner fsetid kill setgid setuid setpcap net_raw sys_chroot mknod setfcap".split()
)
OLDEST = "import sys; sys.exit(sys.version_info < (3, 11))"


@dataclass(frozen=True)
class Host:
    """One rung, as one user."""

    tier: str
    ordinary: bool  # run by an ordinary user even when the tests run as root
    landlock: int = 0  # stand for a kernel with this version of Landlock
    container: tuple[str, ...] = ()  # stand for a container that refuses these, too, beside namespaces

    def __str__(self) -> str:
        more = f"-abi{self.landlock}" if self.landlock else "-container" if self.container else ""
        return f"{self.tier}-{'user' if self.ordinary else 'root'}{more}"

    def order(self, do: str, **more: Any) -> list[str]:
        """The command line of the trusted side."""
        order = {"do": do, "tier": self.tier, "landlock": self.landlock, "container": self.container, **more}
        fewer = ["setpriv", f"--bounding-set={DOCKER}"] if self.container and not self.ordinary else []
        return [*fewer, self._python(), "-P", "-B", str(HERE / "trusted.py"), json.dumps(order)]

    def environment(self) -> dict[str, str]:
        home = "/nonexistent" if self.ordinary else str(Path.home())
        return {"PYTHONPATH": str(REPOSITORY), "HOME": home, "HOSPITAL_SECRET": secrets.token_hex(12)}

    def ask(self, do: str, **more: Any) -> dict[str, Any]:
        done = subprocess.run(
            self.order(do, **more),
            env=self.environment(),
            cwd="/",
            capture_output=True,
            text=True,
            timeout=60,
            **self.user(),
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def run(self, code: str, **limits: Any) -> dict[str, Any]:
        return self.ask("run", code=code, limits=limits)

    def folder(self) -> Path:
        """A folder that the trusted side owns."""
        path = Path(tempfile.mkdtemp(prefix="kgt-"))
        if self.user():
            os.chown(path, NOBODY, NOBODY)
        return path

    def skip_unless_possible(self) -> None:
        if not self.ordinary and os.geteuid() != 0:
            pytest.skip("needs the super-user")
        if self.tier == "bwrap" and (problem := _why_no_namespaces(bool(self.user()))):
            pytest.skip(problem)
        if self.tier in ("bare", "any") and not landlock.abi():
            pytest.skip("this kernel has no Landlock")
        if self._python() == "":
            pytest.skip("no Python of 3.11 or later that another user can reach")

    def user(self) -> dict[str, Any]:
        """How to start the trusted side as the right user. Not setpriv: it keeps its rights until after exec."""
        return AS_NOBODY if self.ordinary and os.geteuid() == 0 else {}

    def _python(self) -> str:
        # A guest with a user id of its own needs a reachable Python, too, unless bubblewrap mounts one.
        shared = self.user() or (self.tier != "bwrap" and os.geteuid() == 0)
        return _reachable_python() if shared else sys.executable


@functools.cache
def _why_no_namespaces(as_nobody: bool) -> str:
    """Empty where bubblewrap works; our own launcher is not asked, it is what is being tested."""
    bwrap = ladder.bwrap_path()
    if bwrap is None:
        return "bubblewrap is not installed"
    command = [bwrap, *(() if os.geteuid() == 0 and not as_nobody else ("--unshare-user",)), "--unshare-pid"]
    user = AS_NOBODY if as_nobody else {}
    done = subprocess.run([*command, "--ro-bind", "/", "/", "true"], capture_output=True, text=True, cwd="/", **user)
    return f"bubblewrap does not work here: {done.stderr.strip()}" if done.returncode else ""


@functools.cache
def _reachable_python() -> str:
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if subprocess.run([python, "-P", "-c", OLDEST], capture_output=True, cwd="/", **AS_NOBODY).returncode == 0:
                return python
        except OSError:
            continue
    return ""


HOSTS = [
    Host("bwrap", ordinary=False),
    Host("bwrap", ordinary=True),
    Host("bare", ordinary=False),
    Host("bare", ordinary=True),
]
OLDER = [Host("bare", ordinary=True, landlock=version) for version in (1, 3, 5)]
CONTAINERS = [Host("any", ordinary, container=("mount",)) for ordinary in (False, True)]

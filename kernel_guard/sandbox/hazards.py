"""What the host itself tells about isolation: facts, ways around a sandbox, and how to get a stronger one.

- Reads only; nothing here is proof. What counts is what the doctor tried inside a guest.
- A hazard is closed for the guest and open for anything else that runs as this user, such as a terminal.
"""

from __future__ import annotations

import contextlib
import grp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from . import cgroup, ladder
from .inside import landlock
from .report import Hazard

_POWERFUL_SOCKETS = ("/var/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock")
_POWERFUL_GROUPS = ("docker", "sudo", "wheel", "disk", "lxd")
_KUBERNETES_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_INSTALLERS = {
    "apt-get": "apt-get install bubblewrap",
    "dnf": "dnf install bubblewrap",
    "pacman": "pacman -S bubblewrap",
    "zypper": "zypper install bubblewrap",
    "apk": "apk add bubblewrap",
    "conda": "conda install -c conda-forge bubblewrap",
}


def facts() -> dict[str, Any]:
    """The host in a few words."""
    return {
        "kernel": os.uname().release,
        "machine": os.uname().machine,
        "user": os.geteuid(),
        "Landlock": landlock.abi() or "absent",
        "bubblewrap": ladder.bwrap_path() or "absent",
        "container": _container() or "none seen",
        "control group": _control_group(),
    }


def hazards() -> Iterator[Hazard]:
    """Ways around that need no hole in the sandbox."""
    for path in (*_POWERFUL_SOCKETS, os.environ.get("SSH_AUTH_SOCK", "")):
        if path and os.path.exists(path) and os.access(path, os.W_OK):
            yield Hazard(f"can command other machines through {path}", "Close it to the user that runs Jupyter.")
    if os.path.exists(_KUBERNETES_TOKEN):
        yield Hazard("holds a Kubernetes token", "Set automountServiceAccountToken: false for this pod.")
    if os.geteuid():
        for name in _member_of(_POWERFUL_GROUPS):
            yield Hazard(f"is in the group {name}", "Run Jupyter as a user without such groups.")
    if _text("/proc/sys/kernel/core_pattern").startswith("|"):
        advice = "Trusted processes must stay undumpable (they are, unless a wrapper script changes it)."
        yield Hazard("has crashes handed to a program of the host", advice)


def advice(tier: str, problem: str) -> str:
    """How to get this tier here, as far as one can tell."""
    if tier == "bwrap":
        return _advice_for_bwrap(problem)
    if "Landlock" in problem:
        return "Use Linux 5.13 or later with `landlock` in the kernel's lsm= list, and an outer profile that allows it."
    return ""  # the other reasons already say what to do


def _advice_for_bwrap(problem: str) -> str:
    if ladder.bwrap_path() is None:
        command = next((text for tool, text in _INSTALLERS.items() if shutil.which(tool)), "install bubblewrap")
        return f"{command}, or ask the administrator to."
    if _text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "Give bwrap an AppArmor profile that allows user namespaces (Ubuntu: the package apparmor-profiles)."
    if _text("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "Set kernel.unprivileged_userns_clone=1 with sysctl."
    if _text("/proc/sys/user/max_user_namespaces") == "0":
        return "Set user.max_user_namespaces above 0 with sysctl."
    if _container() or "namespace" in problem or "super-user" in problem:
        return (
            "Let the container's seccomp profile allow clone, unshare, mount, umount2, pivot_root, sethostname, setns."
        )
    return ""


def _control_group() -> str:
    """Who keeps the limits of all processes of a guest together."""
    place = cgroup.find()
    if place.folder is None:
        return f"none, a watchdog keeps the limits ({place.problem}; in a systemd unit set Delegate=yes)"
    return " ".join(sorted(place.controllers))


def _container() -> str:
    marks = {"docker": "/.dockerenv", "podman": "/run/.containerenv"}
    found = next((name for name, mark in marks.items() if os.path.exists(mark)), "")
    return found or ("kubernetes" if "KUBERNETES_SERVICE_HOST" in os.environ else "")


def _member_of(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        with contextlib.suppress(KeyError):
            if grp.getgrnam(name).gr_gid in os.getgroups():
                yield name


def _text(path: str) -> str:
    with contextlib.suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace").strip()
    return ""

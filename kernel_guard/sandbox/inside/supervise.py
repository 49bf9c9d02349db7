"""Where there is no pid namespace: a trusted parent that takes every descendant down with it.

- Ends when the guest ends or when the life line breaks: the launcher holds the only other end of that pipe.
- Kills by stopping first, in rounds, so that a process that keeps forking cannot outrun it.
- A guest that daemonises or clears its death signal is still a descendant, because this process is the sub-reaper.
"""

from __future__ import annotations

import json
import os
import select
import signal
import time

from . import libc

_ROUNDS = 400
_LOST = 98  # exit code when the launcher is gone
_POLL_MILLISECONDS = 2000


def fork_under_supervision(life_fd: int, status_fd: int) -> None:
    """Return in the child, which becomes the guest. The parent never returns."""
    libc.prctl(libc.PR_SET_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child == 0:
        os.setsid()
        return
    libc.prctl(libc.PR_SET_DUMPABLE, 0)
    # Under the name that bubblewrap uses for its process 1: the root of everything that is the guest's.
    os.write(status_fd, json.dumps({"child-pid": os.getpid()}).encode() + b"\n")
    _close_all_but(life_fd)
    code = _wait(child, life_fd)
    _kill_everything()
    os._exit(_LOST if code is None else code if code >= 0 else 128 - code)


def _close_all_but(kept: int) -> None:
    """The guest's channels must not be held open here, or nobody would ever see them close."""
    os.closerange(3, kept)
    os.closerange(kept + 1, 1 << 16)


def _wait(child: int, life_fd: int) -> int | None:
    """The guest's exit code, or None when the launcher went away first."""
    poller = select.poll()
    poller.register(life_fd, select.POLLIN | select.POLLHUP)
    poller.register(os.pidfd_open(child), select.POLLIN)
    while True:
        events = dict(poller.poll(_POLL_MILLISECONDS))
        code = _reap(child)
        if code is not None:
            return code
        if life_fd in events:
            return None


def _reap(child: int) -> int | None:
    code = None
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return code
            if pid == child:
                code = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return code


def _kill_everything() -> None:
    for _ in range(_ROUNDS):
        alive = _descendants(os.getpid())
        if not alive:
            return
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in alive:
                try:
                    os.kill(pid, number)
                except OSError:
                    pass
        _reap(0)
        time.sleep(0.005)


def _descendants(root: int) -> list[int]:
    found: list[int] = []
    pending = [root]
    while pending:
        children = _children(pending.pop())
        found += children
        pending += children
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        texts = [open(f"/proc/{pid}/task/{task}/children").read() for task in tasks]
    except OSError:
        return []
    return [int(child) for text in texts for child in text.split()]

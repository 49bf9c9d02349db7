"""What the guard answers by itself: the kernel is not asked, so it cannot speak here.

- One function per request type; a request without one is for the kernel.
- Cell history holds what clients sent, never what the kernel says it ran or showed.
"""

from __future__ import annotations

import fnmatch
import platform
from collections.abc import Callable, Mapping
from typing import Any

from kernel_guard import __version__
from kernel_guard.wrapper.connection import Connection
from kernel_guard.wrapper.frames import PROTOCOL
from kernel_guard.wrapper.session import Session

Json = dict[str, Any]
_MAX_LINES = 10_000


_LANGUAGES: Mapping[str, Json] = {
    "python": {
        "name": "python",
        "version": platform.python_version(),
        "mimetype": "text/x-python",
        "codemirror_mode": {"name": "ipython", "version": 3},
        "pygments_lexer": "ipython3",
        "nbconvert_exporter": "python",
        "file_extension": ".py",
    },
    # The kernel is not asked, so R's own version is not known here.
    "R": {
        "name": "R",
        "version": "4",
        "mimetype": "text/x-r-source",
        "codemirror_mode": "r",
        "pygments_lexer": "r",
        "file_extension": ".r",
    },
}


def kernel_info(language: str = "python") -> Json:
    """kernel_info_reply: a constant for each language."""
    info = _LANGUAGES[language]
    name = f"{language.capitalize()} {info['version']}"
    return {
        "status": "ok",
        "protocol_version": PROTOCOL,
        "implementation": "kernel-guard",
        "implementation_version": __version__,
        "language_info": info,
        "banner": f"{name}, guarded by Kernel Guard {__version__}: nothing leaves but releases.",
        "help_links": [],
        "supported_features": ["kernel subshells"] if language == "python" else [],
    }


def connect(connection: Connection) -> Json:
    """connect_reply: the ports that the client knows already."""
    return {"status": "ok", **{f"{channel}_port": port for channel, port in connection.ports.items()}}


def comm_info(session: Session, content: Json) -> Json:
    """comm_info_reply: comms that the guard let through."""
    wanted = content.get("target_name")
    comms = {
        comm_id: {"target_name": comm.target}
        for comm_id, comm in session.open_comms().items()
        if wanted in (None, comm.target)
    }
    return {"status": "ok", "comms": comms}


def history(session: Session, content: Json) -> Json:
    """history_reply: inputs of this session, by tail, range or search."""
    pick = {"tail": _tail, "range": _range, "search": _search}.get(str(content.get("hist_access_type")), _tail)
    with_output = content.get("output") is True
    lines = pick(list(session.history), content)[-_MAX_LINES:]
    return {"status": "ok", "history": [[0, number, [code, None] if with_output else code] for number, code in lines]}


def usage(measured: Mapping[str, float]) -> Json:
    """usage_reply: memory and processor time of the whole sandbox, measured from outside."""
    return {
        "status": "ok",
        "kernel_memory": int(measured.get("rss", 0)),
        "kernel_memory_limit": int(measured.get("memory_limit", 0)),
        "kernel_cpu_seconds": round(measured.get("cpu", 0.0), 1),
    }


def debug(content: Json) -> Json:
    """debug_reply: no. A debugger shows variables, which no rule could look through."""
    sequence = content.get("seq")
    return {
        "type": "response",
        "seq": 0,
        "request_seq": sequence if isinstance(sequence, int) else 0,
        "success": False,
        "command": str(content.get("command", ""))[:100],
        "message": "The guarded kernel has no debugger.",
        "body": {},
    }


Lines = list[tuple[int, str]]
Pick = Callable[[Lines, Json], Lines]


def _tail(lines: Lines, content: Json) -> Lines:
    number = _number(content.get("n"), 10)
    return lines[-number:] if number else []


def _range(lines: Lines, content: Json) -> Lines:
    start, stop = _number(content.get("start"), 0), _number(content.get("stop"), _MAX_LINES)
    return [line for line in lines if start <= line[0] < stop]


def _search(lines: Lines, content: Json) -> Lines:
    pattern = str(content.get("pattern") or "*")
    found = [line for line in lines if fnmatch.fnmatchcase(line[1], pattern)]
    if content.get("unique") is True:
        latest = {code: number for number, code in found}
        found = sorted((number, code) for code, number in latest.items())
    return _tail(found, {"n": content.get("n") or _MAX_LINES})


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else default

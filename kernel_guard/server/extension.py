"""The hooks through which Jupyter Server loads this zone.

- The self-check runs at loading, before any request is served; when all extensions have started, because those loaded
  later could have changed something; and every minute after that.
- Jupyter Server logs an extension's exception and serves on without it. So a failed check exits the process.
"""

from __future__ import annotations

import atexit
import os
from typing import Any

from tornado.ioloop import PeriodicCallback

from kernel_guard.server import watch as changes
from kernel_guard.server.handlers import handlers
from kernel_guard.server.review_handlers import review_handlers
from kernel_guard.server.selfcheck import check_server
from kernel_guard.server.settings import GuardServer

NOT_LOCKED = 78  # EX_CONFIG: a supervisor should not restart what only a person can mend
CHECK_EVERY_MS = 60_000


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "kernel_guard.server"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@kernel-guard/labextension"}]


def _load_jupyter_server_extension(app: Any) -> None:
    settings = GuardServer(parent=app)
    app.web_app.settings["kernel_guard"] = settings
    refuse_unless_locked(app, settings)
    app.event_logger.register_event_schema(changes.SCHEMA)
    app.web_app.add_handlers(".*$", handlers(app.base_url, settings))
    app.web_app.add_handlers(".*$", review_handlers(app.base_url, settings))


async def _start_jupyter_server_extension(app: Any) -> None:
    settings = app.web_app.settings["kernel_guard"]
    refuse_unless_locked(app, settings)
    watch = PeriodicCallback(lambda: stop_unless_locked(app, settings), CHECK_EVERY_MS)
    app.web_app.settings["kernel_guard_watch"] = watch
    watch.start()
    app.web_app.settings["kernel_guard_events"] = changes.start(app.event_logger, changes.Watch(settings))


def stop_unless_locked(app: Any, settings: GuardServer) -> None:
    """Stop serving, with the kernels, as soon as the lock-down no longer holds."""
    if tell_findings(app, settings):
        atexit.register(os._exit, NOT_LOCKED)
        app.stop()


def refuse_unless_locked(app: Any, settings: GuardServer) -> None:
    """Exit the process with a list of what to mend, unless the server is locked down."""
    if tell_findings(app, settings):
        raise SystemExit(NOT_LOCKED)


def tell_findings(app: Any, settings: GuardServer) -> bool:
    """Log what is off with the lock-down; gives whether anything is. A check that fails counts as one that found."""
    try:
        findings = [str(finding) for finding in check_server(app, settings.allowed_extensions)]
    except Exception as problem:
        findings = [f"The self-check could not be made ({type(problem).__name__})."]
    for finding in findings:
        app.log.critical("Kernel Guard refuses to serve: %s", finding)
    return bool(findings)

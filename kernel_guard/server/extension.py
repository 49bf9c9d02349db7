"""The hooks through which Jupyter Server loads this zone.

- The self-check runs twice: at loading, before any request is served, and when all extensions have started,
  because those loaded later could have changed something.
- Jupyter Server logs an extension's exception and serves on without it. So a failed check exits the process.
"""

from __future__ import annotations

from typing import Any

from kernel_guard.server.handlers import handlers
from kernel_guard.server.review_handlers import review_handlers
from kernel_guard.server.selfcheck import check_server
from kernel_guard.server.settings import GuardServer


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "kernel_guard.server"}]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "@kernel-guard/labextension"}]


def _load_jupyter_server_extension(app: Any) -> None:
    settings = GuardServer(parent=app)
    app.web_app.settings["kernel_guard"] = settings
    refuse_unless_locked(app, settings)
    app.web_app.add_handlers(".*$", handlers(app.base_url, settings))
    app.web_app.add_handlers(".*$", review_handlers(app.base_url, settings))


async def _start_jupyter_server_extension(app: Any) -> None:
    refuse_unless_locked(app, app.web_app.settings["kernel_guard"])


def refuse_unless_locked(app: Any, settings: GuardServer) -> None:
    """Exit the process with a list of what to mend, unless the server is locked down."""
    findings = check_server(app, settings.allowed_extensions)
    if not findings:
        return
    for finding in findings:
        app.log.critical("Kernel Guard refuses to serve: %s", finding)
    raise SystemExit(78)  # EX_CONFIG: a supervisor should not restart what only a person can mend

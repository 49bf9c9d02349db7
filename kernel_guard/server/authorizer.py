"""What a signed-in user may ask of the server: a table, and "no" for everything that is not in it.

- The table holds what JupyterLab itself needs; nbconvert, terminals and shutdown are absent on purpose.
- It sees (user, action, resource), never the path: JupyterLab's own handlers and many extensions ask no
  authorizer at all, so the self-check keeps unknown extensions out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jupyter_server.auth.authorizer import Authorizer

RESOURCE = "kernel-guard"
REVIEW = "kernel-guard-review"  # who may do what there is decided by the vault, person by person

ALLOWED: Mapping[str, frozenset[str]] = {
    RESOURCE: frozenset({"read"}),
    REVIEW: frozenset({"read", "write"}),
    "api": frozenset({"read"}),
    "config": frozenset({"read"}),
    "contents": frozenset({"read", "write"}),
    "csp": frozenset({"read", "write"}),
    "events": frozenset({"read", "execute"}),
    "kernels": frozenset({"read", "write", "execute"}),
    "kernelspecs": frozenset({"read"}),
    "sessions": frozenset({"read", "write"}),
}


class GuardAuthorizer(Authorizer):
    """Denies by default and logs each denial."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        allowed = action in ALLOWED.get(resource, frozenset())
        if not allowed:
            self.log.warning("Denied %s the action %s on %s", user.username, action, resource)
        return allowed

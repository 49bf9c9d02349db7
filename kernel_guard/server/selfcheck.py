"""Is this server still locked down? Asked at its start; any "no" and it does not serve.

- Each check returns findings: what is off, and what to mend. All are shown at once, not one per start.
- Classes are compared exactly: a subclass may have loosened what the class promises.
- It looks at the live objects, not at the configuration that should have produced them.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.manager import ContentsManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.sessions.sessionmanager import SessionManager

from kernel_guard.server.authorizer import GuardAuthorizer
from kernel_guard.server.contents import GuardCheckpoints, GuardContentsManager, refuse_notebook
from kernel_guard.server.downloads import ApprovedFilesHandler
from kernel_guard.server.kernels import GuardKernelManager
from kernel_guard.server.kernelspecs import GUARDED_KERNEL, GUARDED_KERNELS, GuardKernelSpecManager
from kernel_guard.server.page import CONTENT_SECURITY_POLICY, lock_page
from kernel_guard.server.settings import TOKEN_FILE_ENV

LOCK_DOWN = "Start the server with `kernel-guard lab`, or call lock_down in its configuration."


@dataclass(frozen=True)
class Finding:
    """One thing that is off, and what mends it."""

    what: str
    mend: str = LOCK_DOWN

    def __str__(self) -> str:
        return f"{self.what} {self.mend}"


def check_server(app: Any, allowed_extensions: set[str]) -> list[Finding]:
    """Everything that is off with the running `ServerApp`; an empty list lets it serve."""
    checks: tuple[Callable[[Any], Iterator[Finding]], ...] = (
        check_classes,
        check_access,
        check_doors,
        check_kernels,
        check_page,
        check_token,
    )
    found = [finding for check in checks for finding in check(app)]
    return found + list(check_extensions(app, allowed_extensions))


def check_classes(app: Any) -> Iterator[Finding]:
    """The enforcing classes are in place, and the stock ones where another would bypass them."""
    contents: ContentsManager = app.contents_manager
    for part, expected, what in (
        (app.kernel_spec_manager, GuardKernelSpecManager, "The kernel spec manager"),
        (app.kernel_manager, GuardKernelManager, "The kernel manager"),
        (app.authorizer, GuardAuthorizer, "The authorizer"),
        (contents, GuardContentsManager, "The contents manager"),
        (contents.checkpoints, GuardCheckpoints, "The checkpoints manager"),
        (app.session_manager, SessionManager, "The session manager"),
    ):
        if type(part) is not expected:
            yield Finding(f"{what} is {type(part).__name__}, not {expected.__name__}.")
    if app.kernel_websocket_connection_class is not ZMQChannelsWebsocketConnection:
        yield Finding("The kernel websocket class was replaced, so messages take another way.")
    if contents.files_handler_class is not ApprovedFilesHandler:
        yield Finding("The /files/ handler gives away files that were not approved.")


def check_access(app: Any) -> Iterator[Finding]:
    """Nobody gets in without signing in, and no other site speaks for who did."""
    if app.allow_unauthenticated_access:
        yield Finding("Access without authentication is allowed.", _unset("allow_unauthenticated_access"))
    if not app.identity_provider.auth_enabled:
        yield Finding("The server asks for no token and no password.", "Leave IdentityProvider.token unset.")
    if app.disable_check_xsrf:
        yield Finding("The check against cross-site requests is off.", _unset("disable_check_xsrf"))
    if app.allow_origin or app.allow_origin_pat:
        yield Finding("Pages of other sites may call this server.", _unset("allow_origin"))


def check_doors(app: Any) -> Iterator[Finding]:
    """No way around the guarded kernel."""
    if app.terminals_enabled or app.web_app.settings.get("terminals_available"):
        yield Finding("Terminals are enabled.", "Set ServerApp.terminals_enabled to False.")
    if app.allow_external_kernels:
        yield Finding("Kernels started elsewhere may be attached.", _unset("allow_external_kernels"))
    if app.gateway_config.gateway_enabled:
        yield Finding("Kernels are sent to a gateway.", "Unset GatewayClient.url and JUPYTER_GATEWAY_URL.")
    if app.extra_static_paths or app.extra_template_paths:
        yield Finding("Extra page files are served.", _unset("extra_static_paths and extra_template_paths"))
    if app.contents_manager.allow_hidden:
        yield Finding("Hidden files are served.", "Set ContentsManager.allow_hidden to False.")
    if getattr(app.contents_manager, "admit_notebook", refuse_notebook) is refuse_notebook:
        yield Finding("No check of notebooks is configured, so none could be saved.")
    if Path(app.root_dir).resolve() == Path("/"):
        yield Finding("The whole file system is served.", "Set ServerApp.root_dir to the notebook folder.")


def check_kernels(app: Any) -> Iterator[Finding]:
    """Only the operator can change what the guarded kernel's name starts."""
    if app.kernel_manager.default_kernel_name != GUARDED_KERNEL:
        yield Finding(f"The default kernel is not {GUARDED_KERNEL}.")
    if app.kernel_manager.transport_encryption != "required":
        yield Finding("What kernels say crosses this machine unencrypted.")
    for kernel_dir in map(Path, app.kernel_spec_manager.kernel_dirs):
        specs = [kernel_dir / name for name in GUARDED_KERNELS]
        for path in (kernel_dir, *specs, *(spec / "kernel.json" for spec in specs)):
            if path.exists() and path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                yield Finding(f"Others can write to {path}.", f"Run `chmod go-w {path}`.")
        for parent in kernel_dir.resolve().parents:
            if _replaceable_by_others(parent):
                yield Finding(f"Others can replace what is in {parent}.", f"Run `chmod o-w {parent}`.")


def check_page(app: Any) -> Iterator[Finding]:
    """The page keeps its Content-Security-Policy, its disabled plugins and its trusted front-end code."""
    settings = app.web_app.settings
    if settings.get("headers", {}).get("Content-Security-Policy") != CONTENT_SECURITY_POLICY:
        yield Finding("The page has another Content-Security-Policy.")
    if settings.get("page_config_hook") is not lock_page:
        yield Finding("The page's plugins are not locked.")
    for lab in app.extension_manager.extension_apps.get("jupyterlab", set()):
        if lab.extra_labextensions_path or lab.dev_mode:
            yield Finding("Front-end code from outside the environment is served.")


def check_token(_app: Any) -> Iterator[Finding]:
    """The grant's token is this user's alone."""
    path = Path(os.environ.get(TOKEN_FILE_ENV, ""))
    if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding(f"Others can read the token file {path}.", f"Run `chmod 600 {path}`.")


def check_extensions(app: Any, allowed: set[str]) -> Iterator[Finding]:
    """No other server extension: it runs in this process and may bring handlers that ask no authorizer."""
    for name, package in sorted(app.extension_manager.extensions.items()):
        if package.enabled and name not in allowed:
            yield Finding(
                f"The server extension {name} is enabled.",
                f"Run `jupyter server extension disable {name}`, or allow it in GuardServer.allowed_extensions.",
            )


def _unset(trait: str) -> str:
    return f"Remove {trait} from ServerApp's settings."


def _replaceable_by_others(path: Path) -> bool:
    mode = path.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX

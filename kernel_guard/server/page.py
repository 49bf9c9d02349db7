"""What the JupyterLab page may do: its Content-Security-Policy and the front-end plugins left out.

- The policy is a second wall behind the wrapper, which lets no script out. It stops requests to other hosts;
  it does not stop navigation, hence the first wall.
- JupyterLab compiles settings schemas with `eval`, and its page has inline scripts: both must stay allowed.
- The plugins are removed in a hook that runs last, so that no page_config.json brings one back.
"""

from __future__ import annotations

from typing import Any

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self' 'unsafe-eval' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "frame-src 'self' blob: data:",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'self'",
        "object-src 'none'",
    ]
)

DISABLED_EXTENSIONS = (
    "@jupyter-notebook/lab-extension",  # leads to a page that this server does not serve
    "@jupyterlab/apputils-extension:announcements",  # asks another host for news
    "@jupyterlab/debugger-extension",  # reads variables past the output rules
    "@jupyterlab/docmanager-extension:download",
    "@jupyterlab/extensionmanager-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/filebrowser-extension:download",
    "@jupyterlab/javascript-extension",  # runs scripts found in outputs
    "@jupyterlab/lsp-extension",  # language servers read files outside the sandbox
    "@jupyterlab/notebook-extension:export",  # converted files would leave unchecked; the server refuses them too
    "@jupyterlab/notebook-extension:language-server",
    "@jupyterlab/pluginmanager-extension",
    "@jupyterlab/terminal-extension",
)


def lock_page(_handler: Any, page_config: dict[str, Any]) -> dict[str, Any]:
    """JupyterLab's `page_config_hook`: disable what the locked page does without."""
    disabled = page_config.get("disabledExtensions") or []
    page_config["disabledExtensions"] = sorted({*disabled, *DISABLED_EXTENSIONS})
    return page_config

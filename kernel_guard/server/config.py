"""The locked configuration of a Jupyter server, in one place.

- `lock_down` is called by the demo, by the operator's `jupyter_server_config.py` and by the tests; `selfcheck`
  verifies at the start that nothing has undone it.
- `launch_environment` matters as much: user configuration files are *code* that runs in the server process.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from traitlets.config import Config

from kernel_guard.server.authorizer import GuardAuthorizer
from kernel_guard.server.contents import GuardContentsManager, refuse_notebook
from kernel_guard.server.kernels import GuardKernelManager
from kernel_guard.server.kernelspecs import GUARDED_KERNEL, GuardKernelSpecManager
from kernel_guard.server.page import CONTENT_SECURITY_POLICY, lock_page

EXTENSIONS = {
    "kernel_guard.server": True,
    "jupyterlab": True,
    # JupyterLab's own dependencies come enabled. Whatever else is, the self-check names.
    "jupyter_lsp": False,
    "jupyter_server_terminals": False,
    "notebook_shim": False,
}


def lock_down(
    c: Config,
    root_dir: str | Path,
    *,
    guard_level: str = "unknown",
    admit_notebook: Callable[[dict[str, Any]], dict[str, Any]] = refuse_notebook,
) -> Config:
    """Write the locked settings into `c` and return it; `root_dir` is the only folder served.

    `admit_notebook` keeps of a notebook what may be saved; without one the self-check refuses to serve.
    """
    _lock_server(c, Path(root_dir))
    c.GuardContentsManager.admit_notebook = admit_notebook
    _lock_kernels(c)
    _lock_page(c)
    c.GuardServer.guard_level = guard_level
    return c


def _lock_server(c: Config, root_dir: Path) -> None:
    c.ServerApp.root_dir = str(root_dir.resolve())
    c.ServerApp.jpserver_extensions = dict(EXTENSIONS)
    c.ServerApp.authorizer_class = GuardAuthorizer
    c.ServerApp.contents_manager_class = GuardContentsManager
    c.ServerApp.terminals_enabled = False
    c.ServerApp.allow_external_kernels = False
    c.ServerApp.allow_unauthenticated_access = False
    c.ServerApp.disable_check_xsrf = False
    c.ServerApp.quit_button = False
    c.ContentsManager.allow_hidden = False
    c.FileContentsManager.delete_to_trash = False  # the trash is a folder outside the root


def _lock_kernels(c: Config) -> None:
    c.ServerApp.kernel_spec_manager_class = GuardKernelSpecManager
    c.ServerApp.kernel_manager_class = GuardKernelManager
    c.KernelSpecManager.ensure_native_kernel = False
    c.MultiKernelManager.default_kernel_name = GUARDED_KERNEL
    # Without it any process of this machine can read a kernel's iopub port.
    c.MappingKernelManager.transport_encryption = "required"


def _lock_page(c: Config) -> None:
    c.ServerApp.tornado_settings = {
        "headers": {"Content-Security-Policy": CONTENT_SECURITY_POLICY},
        "page_config_hook": lock_page,
    }
    c.LabApp.extension_manager = "readonly"
    c.LabApp.news_url = None
    c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
    c.LabApp.extra_labextensions_path = []
    # A user's data directory may hold front-end code too; only the environment's own is served.
    c.LabApp.labextensions_path = [str(Path(sys.prefix) / "share" / "jupyter" / "labextensions")]


def launch_environment(config_dir: Path, state_dir: Path, env: Mapping[str, str]) -> dict[str, str]:
    """`env` for the server process: no configuration, packages or kernels from a user's own folders.

    `config_dir` holds the operator's files and may be read-only; `state_dir` is the user's and writable.
    """
    kept = {name: value for name, value in env.items() if not name.startswith(("JUPYTER_", "PYTHON"))}
    return kept | {
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": str(config_dir),
        "JUPYTER_DATA_DIR": str(state_dir / "data"),
        "JUPYTER_RUNTIME_DIR": str(state_dir / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(state_dir / "lab" / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state_dir / "lab" / "workspaces"),
        "PYTHONNOUSERSITE": "1",
        "PYTHONSAFEPATH": "1",
    }

"""The Jupyter server zone: it locks the server down and shows a researcher the vault's public facts.

- It holds the signed-in user's own rights and nothing more; rows never pass through here.
- The lock-down is a second wall. The boundary is the OS user and the sandbox (architecture, section 6).
- It is enabled by the locked configuration (`lock_down`), never by merely being installed: a plain
  `jupyter lab` in the same environment keeps working and simply has no guard.
"""

from kernel_guard.server.extension import (
    _jupyter_labextension_paths,
    _jupyter_server_extension_points,
    _load_jupyter_server_extension,
    _start_jupyter_server_extension,
)

__all__ = [
    "_jupyter_labextension_paths",
    "_jupyter_server_extension_points",
    "_load_jupyter_server_extension",
    "_start_jupyter_server_extension",
]

"""Which kernels this server can see: the guarded one, from directories that a user cannot add to.

- `allowed_kernelspecs` filters only the listing; a request by name passes it. So `get_kernel_spec` refuses here.
- A kernelspec in a user's data directory would shadow ours, and JUPYTER_PATH adds more: neither is searched.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import List, Unicode, default

GUARDED_KERNEL = "kernel-guard"


class GuardKernelSpecManager(KernelSpecManager):
    """Finds the guarded kernel in fixed directories and denies that any other exists."""

    kernel_dirs = List(
        Unicode(),
        config=True,
        help="The only directories searched for the guarded kernelspec; writable by the operator alone.",
    )

    @default("kernel_dirs")
    def _kernel_dirs_default(self) -> list[str]:
        return [str(Path(sys.prefix) / "share" / "jupyter" / "kernels")]

    def find_kernel_specs(self) -> dict[str, str]:
        self.ensure_native_kernel = False  # otherwise a python3 entry is made up where none is installed
        return {name: path for name, path in super().find_kernel_specs().items() if name == GUARDED_KERNEL}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if kernel_name != GUARDED_KERNEL:
            raise NoSuchKernel(kernel_name)
        return super().get_kernel_spec(kernel_name)

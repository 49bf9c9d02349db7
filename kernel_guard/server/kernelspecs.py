"""Which kernels this server can see: the guarded ones, from directories that a user cannot add to.

- `allowed_kernelspecs` filters only the listing; a request by name passes it. So `get_kernel_spec` refuses here.
- A kernelspec in a user's data directory would shadow ours, and JUPYTER_PATH adds more: neither is searched.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from traitlets import List, Unicode, default

GUARDED_KERNEL = "kernel-guard"
# kernel → the program that it needs; where that is not installed, the kernel is not offered
GUARDED_KERNELS = {GUARDED_KERNEL: "", "kernel-guard-r": "R"}


def is_guarded(name: str) -> bool:
    """May this kernel be started here?"""
    return name in GUARDED_KERNELS and not (GUARDED_KERNELS[name] and shutil.which(GUARDED_KERNELS[name]) is None)


class GuardKernelSpecManager(KernelSpecManager):
    """Finds the guarded kernels in fixed directories and denies that any other exists."""

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
        return {name: path for name, path in super().find_kernel_specs().items() if is_guarded(name)}

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        if not is_guarded(kernel_name):
            raise NoSuchKernel(kernel_name)
        return super().get_kernel_spec(kernel_name)

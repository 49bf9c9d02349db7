"""Launch untrusted code where it can reach nothing but the descriptors it is given.

- Standard library only. The one system package is bubblewrap; without it, Landlock and a system call filter.
- Two users: the wrapper (the researcher's kernel) and, later, the vault's runner.
"""

from kernel_guard.errors import SandboxUnavailable

from .guest import Guest
from .harden import harden_process
from .launch import launch
from .spec import GuestSpec, Level, Limits

__all__ = ["Guest", "GuestSpec", "Level", "Limits", "SandboxUnavailable", "harden_process", "launch"]

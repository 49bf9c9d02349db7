"""What every guest gets to see and to know, whichever tier it runs in.

- The environment is an allow-list that is written here; nothing of the launcher's own environment passes.
- What the caller adds may not steer the loader or the interpreter, and may not name what only trusted code reads.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from kernel_guard.errors import ConfigError

from . import interpreter as interpreter_folders
from .spec import GuestSpec, Limits

BOOT_VARIABLE = "KERNEL_GUARD_BOOT"
VAULT_VARIABLE = "KERNEL_GUARD_FD"
SYSTEM_FOLDERS = ("/usr", "/bin", "/lib", "/lib64", "/sbin", "/lib32")
ETC_FILES = tuple(
    "/etc/" + name
    for name in (
        "ld.so.cache localtime timezone mime.types fonts nsswitch.conf ssl/certs alternatives matplotlibrc R"
    ).split()
)
DEVICES = tuple("/dev/" + name for name in ("null", "zero", "full", "random", "urandom"))
_NOT_FOR_GUESTS = re.compile(
    r"LD_|PYTHON|GCONV_PATH|(HOME|PATH|TMPDIR|IPYTHONDIR)$|JUPYTER|KERNEL_GUARD_(FD|BOOT|TOKEN|VAULT)"
)
_IMPORT_FROM = "import sys; sys.path.insert(0, {lib!r}); "
# Behind everything else, so that no added package can take the place of an installed one.
_IMPORT_ALSO_FROM = "sys.path += {packages!r}; "
# R cannot read an inherited descriptor by itself.
_START_R = """
import os, sys
with os.fdopen(int(os.environ["KERNEL_GUARD_BOOT"])) as memo:
    os.environ["KERNEL_GUARD_MEMO"] = memo.read()
os.execvp("R", ["R", "--no-echo", "--vanilla", "-f", sys.argv[1]])
"""


@dataclass(frozen=True)
class Place:
    """Where things lie, in the words of the guest."""

    lib: str  # holds the guest's part of this package
    home: str
    tmp: str


def interpreter(spec: GuestSpec) -> str:
    return str(spec.python or sys.executable)


def libraries(spec: GuestSpec) -> tuple[str, ...]:
    """The folders of Python and its packages that lie outside /usr."""
    added = tuple(str(path) for path in spec.packages if not interpreter_folders.is_within(str(path), "/usr"))
    return (*interpreter_folders.roots(interpreter(spec)), *added)


def stage_command(spec: GuestSpec, lib: str, config_fd: int) -> list[str]:
    """Run the stage with the interpreter's own modules only: no site, no environment, no working folder."""
    code = _IMPORT_FROM.format(lib=lib) + "from kernel_guard.sandbox.inside.stage import main; main()"
    return [interpreter(spec), "-I", "-S", "-B", "-c", code, str(config_fd)]


def guest_command(spec: GuestSpec, lib: str) -> list[str]:
    if spec.argv is not None:
        return list(spec.argv)
    if spec.language == "R":
        return [interpreter(spec), "-I", "-B", "-c", _START_R, f"{lib}/kernel_guard/client/r/guest.R"]
    code = _IMPORT_FROM.format(lib=lib) + _IMPORT_ALSO_FROM.format(packages=list(map(str, spec.packages)))
    code += "from kernel_guard.client.guest import main; main()"
    return [interpreter(spec), "-I", "-B", "-c", code]


def environment(spec: GuestSpec, place: Place, boot_fd: int | None) -> dict[str, str]:
    """The whole environment of the guest."""
    home = place.home
    known = {
        "PATH": os.path.dirname(interpreter(spec)) + ":/usr/local/bin:/usr/bin:/bin",
        "HOME": home,
        "USER": "guest",
        "LOGNAME": "guest",
        "SHELL": "/bin/sh",
        "TMPDIR": place.tmp,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "IPYTHONDIR": home + "/.ipython",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_CONFIG_DIR": home + "/.jupyter",
        "JUPYTER_DATA_DIR": home + "/.jupyter/data",
        "JUPYTER_RUNTIME_DIR": home + "/.jupyter/runtime",
        "MPLCONFIGDIR": home + "/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PLOTLY_RENDERER": "plotly_mimetype",
        "XDG_CACHE_HOME": home + "/.cache",
        "PYTHONPATH": os.pathsep.join([place.lib, *map(str, spec.packages)]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "KERNEL_GUARD_PYTHON": interpreter(spec),
        "KERNEL_GUARD_R": place.lib + "/kernel_guard/client/r",
    }
    if boot_fd is not None:
        known[BOOT_VARIABLE] = str(boot_fd)
    if spec.vault_fd is not None:
        known[VAULT_VARIABLE] = str(spec.vault_fd)
    return _checked(spec.env) | known


def kernel_limits(limits: Limits, *, others: int) -> dict[str, int]:
    """Limits per process, by their RLIMIT names. `others` are threads that count against the same user id."""
    return {
        # Only 1, not 0, also switches off core handlers that the host pipes to.
        "CORE": 1,
        # Not AS: Arrow and jemalloc reserve far more address space than they use.
        "DATA": limits.memory,
        "FSIZE": limits.file,
        "NOFILE": limits.open_files,
        "NPROC": limits.processes + others,
        "MEMLOCK": 64 << 10,
        "MSGQUEUE": 0,
        "RTPRIO": 0,
    }


def _checked(added: Mapping[str, str]) -> dict[str, str]:
    refused = sorted(name for name in added if _NOT_FOR_GUESTS.match(name))
    if refused:
        raise ConfigError(
            "A guest's environment may not contain " + ", ".join(refused) + ".",
            hint="Pass such settings through the launcher's own arguments.",
            details={"names": refused},
        )
    return dict(added)

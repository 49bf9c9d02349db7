"""Which folders a guest needs to run the Python of this installation, and nothing beside them.

- A folder that a `.pth` file adds is taken in, except one that holds a source tree of Kernel Guard: a check-out
  may lie next to data. Of our own package only the guest's part is shown (`GUEST_PARTS`).
- A folder that would show the runtime folder or a whole home directory is refused, not narrowed.
"""

from __future__ import annotations

import functools
import json
import os
import site
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from kernel_guard.errors import SandboxUnavailable

PACKAGE = Path(__file__).resolve().parent.parent
GUEST_PARTS = ("__init__.py", "errors.py", "plan", "wire", "client", "sandbox/inside")
_DESCRIBE = (
    "import json, os, site, sys\n"
    "print(json.dumps([[sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable))],"
    " site.getsitepackages()]))"
)
_SECONDS = 20


@functools.cache
def roots(python: str) -> tuple[str, ...]:
    """The folders outside /usr that the interpreter reads, outermost only."""
    prefixes, site_packages = _describe(python)
    wanted = [*prefixes, *_added_by_pth(site_packages)]
    wanted += [os.path.realpath(path) for path in wanted]
    outside = {path for path in wanted if os.path.isdir(path) and not is_within(path, "/usr")}
    return tuple(sorted(path for path in outside if not _inside_another(path, outside)))


def check_roots(paths: Iterable[str], hidden: Iterable[Path]) -> None:
    """Refuse an installation whose folders would show what a guest must not see."""
    private = [*(str(path.resolve()) for path in hidden), os.path.realpath(os.path.expanduser("~"))]
    for path in paths:
        if any(is_within(secret, os.path.realpath(path)) for secret in private):
            raise SandboxUnavailable(
                f"Python's folder {path} contains private files or folders.",
                hint="Install Kernel Guard into a virtual environment of its own.",
                details={"folder": path},
            )


def check_packages(folders: Iterable[Path]) -> None:
    """Refuse a folder of packages that is not the steward's alone to change: its code runs in every kernel."""
    for folder in folders:
        if not folder.is_absolute() or folder.resolve() != folder or not folder.is_dir():
            raise SandboxUnavailable(
                f"The package folder {folder} is not there, or is a link.", hint="Give its full, real path."
            )
        for path in (folder, *folder.parents):
            mode = path.stat().st_mode
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                raise SandboxUnavailable(
                    f"Everybody can change the package folder {folder} through {path}.", hint=f"Run `chmod o-w {path}`."
                )


def is_within(path: str, folder: str) -> bool:
    """Whether the path is the folder or lies in it (both taken as written)."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _describe(python: str) -> tuple[list[str], list[str]]:
    if python == sys.executable:
        return [sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(python))], site.getsitepackages()
    try:
        answer = subprocess.run(
            [python, "-I", "-c", _DESCRIBE], capture_output=True, check=True, timeout=_SECONDS, env={}
        )
    except (OSError, subprocess.SubprocessError) as problem:
        raise SandboxUnavailable(
            f"The interpreter {python} does not run.", hint="Name a working Python.", details={"python": python}
        ) from problem
    prefixes, site_packages = json.loads(answer.stdout)
    return prefixes, site_packages


def _added_by_pth(site_packages: Iterable[str]) -> list[str]:
    """Folders that .pth files name; code in them (`import …`) is not run here."""
    added = []
    for folder in site_packages:
        for listing in sorted(Path(folder).glob("*.pth")):
            lines = listing.read_text(encoding="utf-8", errors="replace").splitlines()
            named = (os.path.join(folder, line.strip()) for line in lines if _names_a_folder(line))
            added += [path for path in named if os.path.isdir(path) and not is_within(str(PACKAGE), path)]
    return added


def _names_a_folder(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", "import ", "import\t"))


def _inside_another(path: str, others: Iterable[str]) -> bool:
    return any(path != other and is_within(path, other) for other in others)

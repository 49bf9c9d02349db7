"""The tier without namespaces: the host's own file system behind Landlock and a strict system call filter.

- For containers that forbid namespaces. Weaker than bubblewrap: names and sizes of files can be asked for, a home
  folder on the disk can be filled, there is no shared memory and no terminal.
- The guest's folder lies beside the sockets, not in their folder, and is the only place it can write.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from . import interpreter, view
from .channels import Channels, locked_folder
from .ladder import RungFailed
from .spec import GuestSpec

_ALSO_READABLE = ("/proc/cpuinfo", "/proc/version", "/sys/devices/system/cpu")


def prepare(spec: GuestSpec, channels: Channels, uid: int | None) -> view.Place:
    """Make the guest's folder: `home` to write and `lib` with links to the package's visible parts."""
    if uid is None:
        box = channels.folder / "box"
        box.mkdir(mode=0o700)
    else:
        _check_reachable([*view.libraries(spec), str(interpreter.PACKAGE)])
        # Its parents must let another user through, which a runtime folder does not.
        box, lock = locked_folder(Path(tempfile.gettempdir()))
        channels.own(box, lock)
        box.chmod(0o711)
    _link_package(box / "lib" / "kernel_guard")
    home = box / "home"
    for folder in (home, home / "tmp"):
        folder.mkdir(mode=0o700)
        if uid is not None:
            os.chown(folder, uid, uid)
    return view.Place(lib=str(box / "lib"), home=str(home), tmp=str(home / "tmp"))


def rules(spec: GuestSpec, place: view.Place) -> list[tuple[str, str]]:
    """All that the guest may open."""
    package = (str(interpreter.PACKAGE / part) for part in interpreter.GUEST_PARTS)
    readable = [*view.libraries(spec), *view.SYSTEM_FOLDERS, *view.ETC_FILES, *_ALSO_READABLE]
    fence = [(path, "read") for path in (*readable, *package, place.lib)]
    return [*fence, *((path, "device") for path in view.DEVICES), (place.home, "write")]


def threads_of_this_user() -> int:
    """The process limit counts per user id, so what already runs has to be added to it."""
    count = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and entry.stat().st_uid == os.getuid():
                count += len(os.listdir(entry / "task"))
        except OSError:
            continue
    return count


def _link_package(folder: Path) -> None:
    folder.mkdir(mode=0o755, parents=True)
    folder.parent.chmod(0o755)
    folder.chmod(0o755)
    for part in interpreter.GUEST_PARTS:
        link = folder / part
        link.parent.mkdir(mode=0o755, exist_ok=True)
        link.parent.chmod(0o755)
        link.symlink_to(interpreter.PACKAGE / part)


def _check_reachable(paths: list[str]) -> None:
    """Another user must be able to walk to each folder; without mounts there is no other way to it."""
    for path in paths:
        for folder in [Path(path), *Path(path).parents]:
            if not folder.stat().st_mode & 0o001:
                raise RungFailed(
                    f"a guest with a user id of its own cannot reach {path}, because {folder} is private; "
                    "install Python and Kernel Guard where every user can read them, for example below /opt"
                )

"""`kernel-guard lab`: JupyterLab with the guarded kernel, locked down, on a vault that is already running.

- Nothing of the user's own Jupyter is loaded: its configuration files are code that would run in the server.
- The state (workspaces, the wrapper's key, runtime files) stands in one folder.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.sandbox.inside.libc import PR_SET_PDEATHSIG, prctl

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "DISPLAY", "BROWSER")
_CONFIG = """\
import os
from kernel_guard.server.config import lock_down
from kernel_guard.wrapper.notebook.admission import Admission

lock_down(
    c,  # noqa: F821
    os.environ["KERNEL_GUARD_NOTEBOOKS"],
    guard_level=os.environ["KERNEL_GUARD_LEVEL"],
    admit_notebook=Admission(os.environ["KERNEL_GUARD_KEY_FILE"]),
)
"""


def lab(
    vault: Annotated[Path, typer.Option(help="The vault's socket.")],
    token: Annotated[Path, typer.Option(help="The file with the grant's secret.")],
    notebooks: Annotated[Path, typer.Option(help="The folder of notebooks to serve.")] = Path("notebooks"),
    home: Annotated[Path | None, typer.Option(help="Where state is kept.")] = None,
    port: Annotated[int, typer.Option(help="Port of JupyterLab.")] = 8888,
    ip: Annotated[str, typer.Option(help="Address that JupyterLab listens on.")] = "127.0.0.1",
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    packages: Annotated[
        Path | None, typer.Option(help="More Python packages for kernels: a folder made by `pip install --target`.")
    ] = None,
) -> None:
    """Open JupyterLab on a vault. Example: kernel-guard lab --vault ./vault/run/vault.sock --token ./token"""
    notebooks.mkdir(parents=True, exist_ok=True)
    place = Place((home or default_home("lab")).resolve(), vault.resolve(), token.resolve(), notebooks.resolve())
    place.packages = packages.resolve() if packages else None
    raise typer.Exit(run(place, lab_command(ip, port, browser)))


class Place:
    """Where one locked JupyterLab finds its vault, grant, notebooks and state."""

    def __init__(self, home: Path, vault: Path, token: Path, notebooks: Path) -> None:
        self.home, self.vault, self.token, self.notebooks = home, vault, token, notebooks
        self.packages: Path | None = None

    def environment(self, level: str) -> dict[str, str]:
        """The server's whole environment."""
        from kernel_guard.server.config import launch_environment

        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        runtime = self.home / "jupyter" / "runtime"
        runtime.mkdir(parents=True, exist_ok=True, mode=0o700)
        return launch_environment(self._config().parent, self.home / "jupyter", kept) | {
            "KERNEL_GUARD_VAULT": str(self.vault),
            "KERNEL_GUARD_TOKEN_FILE": str(self.token),
            "KERNEL_GUARD_KEY_FILE": str(self.home / "client" / "wrapper.key"),
            "KERNEL_GUARD_NOTEBOOKS": str(self.notebooks),
            "KERNEL_GUARD_LEVEL": level,
            **({"KERNEL_GUARD_PACKAGES": str(self.packages)} if self.packages else {}),
        }

    def command(self, command: list[str]) -> list[str]:
        """A server's command line with the locked settings."""
        as_root = ["--ServerApp.allow_root=True"] if os.geteuid() == 0 else []
        return [*command, f"--config={self._config()}", *as_root]

    def _config(self) -> Path:
        folder = self.home / "jupyter" / "etc"
        folder.mkdir(parents=True, exist_ok=True)
        (self.home / "client").mkdir(mode=0o700, exist_ok=True)
        path = folder / "kernel_guard_config.py"
        path.write_text(_CONFIG, encoding="utf-8")
        return path


def default_home(name: str) -> Path:
    """Where a user's programs keep state, by the XDG rules."""
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "kernel-guard" / name


def lab_command(ip: str, port: int, browser: bool, *, opened: str = "/lab") -> list[str]:
    """The server's command line."""
    return [
        sys.executable, "-P", "-m", "jupyterlab",
        f"--ServerApp.ip={ip}", f"--ServerApp.port={port}", "--ServerApp.port_retries=20",
        f"--ServerApp.open_browser={browser}", f"--LabApp.default_url={opened}",
    ]  # fmt: skip


def run(place: Place, command: list[str]) -> int:
    """Run the server in the locked environment until it ends; gives its exit code."""
    level = guard_level()
    print(f"› sandbox level {level}; opening JupyterLab", flush=True)
    process = subprocess.Popen(
        place.command(command), env=place.environment(level), cwd=place.notebooks, preexec_fn=_end_with_parent
    )
    try:
        return process.wait()
    except (KeyboardInterrupt, SystemExit):
        process.send_signal(signal.SIGTERM)
        return process.wait()


def _end_with_parent() -> None:
    """Runs in the server before it starts: a killed parent takes it along."""
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def guard_level() -> str:
    """The sandbox level that this machine gives, for the page."""
    from kernel_guard.sandbox.doctor import run_doctor

    return str(run_doctor(json=False).level.name)

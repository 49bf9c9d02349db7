"""`kernel-guard demo`: JupyterLab with the guarded kernel on the synthetic hospital, nothing else to start.

- The vault runs as its own process; started as root it also runs as its own OS user.
- What was set up once is kept: the second start takes seconds, and the budget that was spent stays spent.
- Both processes end with this one, however it ends: the vault when its standard input closes, the server by a signal.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from kernel_guard.cli.lab import Place, default_home, lab_command, run
from kernel_guard.errors import KernelGuardError, VaultUnavailable

STUDY = "demo-hospital"
VAULT_UID = 63999
FIRST_PAGE = "/lab/tree/01_first_release.ipynb"


def demo(
    home: Annotated[Path | None, typer.Option(help="Where the demo keeps its state.")] = None,
    port: Annotated[int, typer.Option(help="Port of JupyterLab.")] = 8888,
    ip: Annotated[str, typer.Option(help="Address that JupyterLab listens on.")] = "127.0.0.1",
    patients: Annotated[int, typer.Option(help="Size of the synthetic hospital when it is first made.")] = 20_000,
    browser: Annotated[bool, typer.Option(help="Open a browser.")] = True,
    omop: Annotated[Path | None, typer.Option(help="Use this OMOP directory instead of the synthetic one.")] = None,
    prepare_only: Annotated[bool, typer.Option(help="Make the hospital and stop.")] = False,
    command: Annotated[
        list[str] | None, typer.Argument(help="Run this server command instead, as Binder does.")
    ] = None,
) -> None:
    """Open JupyterLab with the guarded kernel on a synthetic hospital. Example: kernel-guard demo --port 8890"""
    root = (home or default_home("demo")).resolve()
    settings = prepare(root, patients, omop)
    if prepare_only:
        return
    say(f"to check requests, sign in as one of the people in {root / 'client' / 'people.txt'}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended too
    say("starting the vault")
    vault = start_vault(settings, root)
    try:
        wait_until_up(vault, root)
        raise typer.Exit(run(place(root), command or lab_command(ip, port, browser, opened=FIRST_PAGE)))
    except KeyboardInterrupt:
        pass
    finally:
        stop(vault)


def place(root: Path) -> Place:
    """Where the demo's JupyterLab finds its vault, grant, notebooks and state."""
    return Place(root, root / "vault" / "run" / "vault.sock", root / "client" / "token", root / "notebooks")


def say(text: str) -> None:
    print(f"› {text}", flush=True)


def prepare(root: Path, patients: int, omop: Path | None) -> Path:
    """Make what is missing: folder, hospital, policy, grant, notebooks. Gives the vault's settings."""
    from kernel_guard.vault.admin import add_dataset, add_grant, list_datasets
    from kernel_guard.vault.config import init_folder

    settings = init_folder(root / "vault", synthetic_only=omop is None)
    if not any(line.startswith(f"{STUDY} ") for line in list_datasets(settings)):
        with tempfile.TemporaryDirectory(prefix="kernel-guard-") as made:
            say("taking the OMOP directory in" if omop else f"making a synthetic hospital of {patients:,} patients")
            source = omop or make_hospital(Path(made), patients)
            policy = {"routes": ["dp", "sdc"], "protected": [] if omop else ["private", "review"]}
            add_dataset(settings, STUDY, source, policy, on_orphans="drop" if omop else "error")
    token = root / "client" / "token"
    if not token.exists():
        from kernel_guard.cli.access import write_secret

        secret = add_grant(
            settings, user="researcher", project="demo", studies=[STUDY], purpose="trying Kernel Guard", days=3650
        )
        write_secret(token, secret)
    make_checkers(settings, root / "client" / "people.txt")
    copy_notebooks(root / "notebooks")
    if os.geteuid() == 0 and readable_by_others(Path(sys.executable)):
        give_to(root / "vault", VAULT_UID)
    return settings


def make_checkers(settings: Path, people: Path) -> None:
    """Two people who check what leaves, so that the whole way can be tried in two browser profiles."""
    if people.exists():
        return
    from kernel_guard.cli.access import write_secret
    from kernel_guard.trust.people import Role
    from kernel_guard.trust.store.times import utc_now
    from kernel_guard.vault.admin import opened
    from kernel_guard.vault.review_admin import desk_parts

    lines = ["Sign in under 'Requests' in JupyterLab, each in a browser profile of its own:"]
    with opened(settings) as parts:
        desk = desk_parts(parts)
        for user, role in (("checker-one", Role.CHECKER), ("checker-two", Role.CHECKER), ("auditor", Role.AUDITOR)):
            password = secrets.token_urlsafe(12)
            desk.accounts.create(user, user, password, by="demo")
            desk.roles.give(user, "demo", role, utc_now() + timedelta(days=3650), by="demo")
            lines.append(f"{user}  {password}")
    write_secret(people, "\n".join(lines) + "\n")


def make_hospital(folder: Path, patients: int) -> Path:
    from kernel_guard.vault.catalogue.synthetic import generate

    generate(folder, patients=patients)
    return folder


def copy_notebooks(folder: Path) -> None:
    """Put the lessons where JupyterLab shows them; a file that exists is the user's and is kept."""
    folder.mkdir(parents=True, exist_ok=True)
    packaged = Path(__file__).parent / "lessons"
    source = packaged if packaged.is_dir() else Path(__file__).parents[2] / "notebooks"
    for notebook in sorted(source.glob("*.ipynb")) if source.is_dir() else []:
        if not (folder / notebook.name).exists():
            shutil.copyfile(notebook, folder / notebook.name)


def readable_by_others(python: Path) -> bool:
    """Whether another OS user could run this interpreter (a Python under /root cannot be)."""
    paths = {Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve(), Path(__file__).resolve().parent}
    paths |= {parent for path in paths for parent in path.parents} | {python.resolve().parent}
    return all(path.stat().st_mode & 0o001 for path in paths)


def give_to(folder: Path, uid: int) -> None:
    """Hand the vault's folder to its own OS user; where that user could not reach it, it stays ours."""
    if all(parent.stat().st_mode & 0o001 for parent in folder.resolve().parents):
        for path in (folder, *folder.rglob("*")):
            os.lchown(path, uid, uid)


def start_vault(settings: Path, root: Path) -> subprocess.Popen[bytes]:
    """The vault as a process of its own; its log is a file beside its state."""
    log = (root / "vault.log").open("ab")
    command = [sys.executable, "-P", "-m", "kernel_guard.cli.main", "vault", "serve", "--config", str(settings)]
    command.append("--until-input-ends")
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)


def wait_until_up(vault: subprocess.Popen[bytes], root: Path, seconds: float = 60) -> None:
    from kernel_guard.wire.http import VaultClient

    client = VaultClient(root / "vault" / "run" / "vault.sock", timeout=5)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if vault.poll() is not None:
            tail = (root / "vault.log").read_text(errors="replace").strip().splitlines()[-2:]
            raise VaultUnavailable("The vault did not start: " + " ".join(tail), hint=f"See {root / 'vault.log'}.")
        try:
            client.get_json("/v1/health")
            return
        except KernelGuardError:
            time.sleep(0.1)
    raise VaultUnavailable("The vault did not answer in time.", hint=f"See {root / 'vault.log'}.")


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()

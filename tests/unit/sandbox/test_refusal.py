"""No isolation, no guest: the launcher refuses in words, unless somebody asked for none twice."""

from __future__ import annotations

import errno
import os
import socket
import sys
import tempfile
import venv
from pathlib import Path

import pytest

from kernel_guard.errors import ConfigError, SandboxUnavailable
from kernel_guard.sandbox import GuestSpec, Level, ladder, launch
from kernel_guard.sandbox.inside import landlock
from tests.unit.sandbox.hosts import Host

ARGV = (sys.executable, "-S", "-P", "-B", "-c", "pass")


@pytest.fixture
def nothing_to_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "bwrap_path", lambda: None)
    monkeypatch.setattr(landlock, "abi", lambda: 0)


@pytest.mark.usefixtures("nothing_to_be_had")
def test_without_namespaces_and_landlock_it_refuses(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable) as refusal:
        launch(GuestSpec(tmp_path / "run", None, argv=ARGV))
    text = str(refusal.value)
    assert "bubblewrap is not installed" in text and "Landlock" in text and "kernel-guard doctor" in text


@pytest.mark.parametrize("ordinary", [False, True])
def test_a_container_that_allows_neither_is_refused(ordinary: bool) -> None:
    """For real, not by a patched function: an outer filter refuses namespaces and Landlock."""
    host = Host("any", ordinary, container=("mount", "landlock_create_ruleset"))
    host.skip_unless_possible()
    answer = host.run("say('never')")
    assert answer["code"] == "sandbox_unavailable" and "said" not in answer
    assert "bwrap:" in answer["refused"] and "Landlock" in answer["refused"]


@pytest.mark.usefixtures("nothing_to_be_had")
@pytest.mark.parametrize(
    "allow, minimum",
    [(("bwrap", "bare", "none"), Level.G2), (("bwrap", "bare"), Level.G0), (("bwrap", "bare", "none"), Level.G1)],
)
def test_none_needs_to_be_asked_for_twice(tmp_path: Path, allow: tuple[str, ...], minimum: Level) -> None:
    with pytest.raises(SandboxUnavailable):
        launch(GuestSpec(tmp_path / "run", None, minimum=minimum, allow=allow, argv=ARGV))


@pytest.mark.usefixtures("nothing_to_be_had")
def test_none_when_asked_for_twice(tmp_path: Path) -> None:
    guest = launch(GuestSpec(tmp_path / "run", None, minimum=Level.G0, allow=("bwrap", "bare", "none"), argv=ARGV))
    assert guest.level is Level.G0 and guest.tier == "none"
    assert guest.wait(5.0) == 0


def test_a_runtime_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SandboxUnavailable, match="runtime folder .* cannot be used .Not a directory"):
        launch(GuestSpec(tmp_path / "file" / "run", None, argv=ARGV))


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "x")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SandboxUnavailable, match="No space left on device"):
        launch(GuestSpec(tmp_path / "run", None, argv=ARGV))
    assert not any((tmp_path / "run").iterdir())


def test_a_required_level_is_never_undercut(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="G4 is required"):
        launch(GuestSpec(tmp_path / "run", None, minimum=Level.G4, allow=("bare",), argv=ARGV))


def test_a_sandbox_that_does_not_hold_is_refused(tmp_path: Path) -> None:
    """The self-test is told to find a file that every guest can read."""
    spec = GuestSpec(tmp_path / "run", None, argv=ARGV, hidden=(Path("/usr/bin/env"),))
    with pytest.raises(SandboxUnavailable, match="did not hold.*read /usr/bin/env"):
        launch(spec)
    assert not any((tmp_path / "run").iterdir())


def test_a_hidden_socket_is_tried_too(tmp_path: Path) -> None:
    """The vault's socket is among the things that the self-test must find out of reach."""
    with tempfile.TemporaryDirectory(prefix="kgt-") as folder, socket.socket(socket.AF_UNIX) as vault:
        vault.bind(folder + "/vault")
        vault.listen()
        guest = launch(GuestSpec(tmp_path / "run", None, argv=ARGV, hidden=(Path(folder, "vault"), Path(folder))))
        assert guest.wait(5.0) == 0


def test_python_that_would_show_hidden_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="contains private files"):
        launch(GuestSpec(tmp_path / "run", None, argv=ARGV, hidden=(Path(sys.prefix) / "secret",)))
    with pytest.raises(SandboxUnavailable, match="contains private files"):
        launch(GuestSpec(Path(sys.prefix) / "run", None, argv=ARGV))


@pytest.mark.parametrize(
    "name", ["LD_PRELOAD", "PYTHONSTARTUP", "KERNEL_GUARD_TOKEN_FILE", "KERNEL_GUARD_VAULT", "PATH", "JUPYTER_TOKEN"]
)
def test_the_environment_cannot_steer_the_guest(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        launch(GuestSpec(tmp_path / "run", None, argv=ARGV, env={name: "x"}))


def test_a_private_python_cannot_serve_a_guest_with_its_own_user(tmp_path: Path) -> None:
    if os.geteuid() != 0 or not landlock.abi():
        pytest.skip("needs the super-user and Landlock")
    tmp_path.chmod(0o700)
    venv.create(tmp_path / "venv")
    python = tmp_path / "venv" / "bin" / "python3"
    with pytest.raises(SandboxUnavailable, match="is private; install Python"):
        launch(GuestSpec(tmp_path / "run", None, allow=("bare",), argv=ARGV, python=python))


def test_a_program_that_does_not_exist_is_told(host: Host) -> None:
    answer = host.run("os.execv('/nowhere', ['x'])")
    assert answer["code"] == 1 and answer["reason"] == "The kernel ended by itself with code 1."

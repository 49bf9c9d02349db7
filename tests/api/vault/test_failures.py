"""What goes wrong around a vault: each a clear error, nothing lost, and it goes on afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from kernel_guard.errors import KernelGuardError, VaultUnavailable
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Source
from tests.lib.vaults import STUDY, Vault, copy_vault

ASK = Ask(Aggregate(Source(STUDY, "person"), (CountPatients("n"),)), Route.DP, epsilon=Fraction(1))


def ask(vault: Vault, question: Ask = ASK) -> str:
    return str(vault.client().post_arrow("/v1/releases", dumps_ask(question)).statement["id"])


def budget(vault: Vault) -> dict[str, str]:
    return dict(vault.client().get_json("/v1/budget")["budgets"][0]["epsilon"])


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


def person_file(vault: Vault) -> Path:
    return next((vault.folder / "data" / STUDY).glob("*/person.parquet"))


def test_a_vault_that_is_down_is_named(vault: Vault) -> None:
    with pytest.raises(VaultUnavailable) as caught:
        ask(vault)
    assert caught.value.hint


@pytest.mark.parametrize("harm", ["cut", "overwritten", "gone"])
def test_a_harmed_file_answers_with_an_error_without_data(vault: Vault, harm: str) -> None:
    path = person_file(vault)
    content = path.read_bytes()
    os.chmod(path, 0o600)
    if harm == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif harm == "overwritten":
        path.write_bytes(content[:64] + b"\xff" * (len(content) - 128) + content[-64:])
    else:
        path.unlink()
    process = vault.start()
    try:
        with pytest.raises(KernelGuardError) as caught:
            ask(vault)
        assert caught.value.code in ("internal", "vault_unavailable", "dataset_invalid")
        assert str(vault.folder) not in str(caught.value.public()) and "parquet" not in caught.value.message.lower()
        assert float(budget(vault)["reserved"]) == 0 and float(budget(vault)["spent"]) in (0, 1)
        vault.client().get_json("/v1/studies")
    finally:
        stop(process)


@pytest.fixture
def small_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A disk of a few megabytes."""
    folder = tmp_path_factory.mktemp("d")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if done.returncode:
        pytest.skip("this place allows no mount: a full disk cannot be made")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_spends_nothing_twice_and_mends_itself(made_vault: Vault, small_disk: Path) -> None:
    vault = copy_vault(made_vault, small_disk / "v")
    process = vault.start()
    try:
        ask(vault)
        filler = small_disk / "filler"
        handle = os.open(filler, os.O_WRONLY | os.O_CREAT)
        with pytest.raises(OSError, match="No space"):
            while True:
                os.write(handle, b"\0" * 4096)
        os.close(handle)
        other = Ask(ASK.plan, Route.DP, epsilon=Fraction(1, 2))
        with pytest.raises(KernelGuardError) as caught:
            ask(vault, other)
        assert caught.value.hint
        filler.unlink()
        before = float(budget(vault)["spent"])
        ask(vault, other)
        assert before in (1, 1.5) and float(budget(vault)["spent"]) == before + 0.5
    finally:
        stop(process)


def test_a_vault_that_dies_in_mid_question_is_named_and_settles(vault: Vault) -> None:
    """The question waits (the file is a pipe that nobody writes), the vault dies, a new one takes over."""
    path = person_file(vault)
    content = path.read_bytes()
    path.unlink()
    os.mkfifo(path)
    process = vault.start()
    caught: list[BaseException] = []

    def question() -> None:
        try:
            ask(vault)
        except BaseException as error:
            caught.append(error)

    asking = threading.Thread(target=question)
    asking.start()
    deadline = time.monotonic() + 20
    while float(budget(vault)["reserved"]) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert float(budget(vault)["reserved"]) == 1
    process.send_signal(signal.SIGKILL)
    asking.join(20)
    assert len(caught) == 1 and isinstance(caught[0], VaultUnavailable) and caught[0].hint
    path.unlink()
    path.write_bytes(content)
    process = vault.start()
    try:
        left = budget(vault)
        assert float(left["reserved"]) == 0 and float(left["spent"]) in (0, 1)
        ask(vault)
    finally:
        stop(process)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("threads = 2", "threads = 0", "vault.threads"),
        ("threads = 2", "thread = 2", "vault.thread: unknown"),
        ("[vault]", "[vault", "not valid TOML"),
        ('socket = "run/vault.sock"', 'socket = "' + "x" * 200 + '"', "too long"),
    ],
)
def test_wrong_settings_refuse_to_start(vault: Vault, old: str, new: str, says: str) -> None:
    text = vault.settings.read_text()
    assert old in text
    vault.settings.write_text(text.replace(old, new))
    command = [sys.executable, "-m", "kernel_guard.cli.main", "vault", "serve", "-c", str(vault.settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and says in done.stderr and "Traceback" not in done.stderr


def test_a_lost_secret_refuses_to_start(vault: Vault) -> None:
    (vault.folder / "secrets" / "signing.key").unlink()
    command = [sys.executable, "-m", "kernel_guard.cli.main", "vault", "serve", "-c", str(vault.settings)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "signing key is missing" in done.stderr

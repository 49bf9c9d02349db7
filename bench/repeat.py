"""A repeated release, from the client's call to the pandas object: a real vault process, its socket and its store.

The first answer of each question is computed; every later one is the same sealed release out of the store, at no cost.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kernel_guard.client.session import Session
from kernel_guard.errors import VaultUnavailable
from kernel_guard.vault.admin import add_dataset, add_grant
from kernel_guard.vault.catalogue.synthetic import generate
from kernel_guard.vault.config import init_folder
from kernel_guard.wire.http import VaultClient

STUDY, PATIENTS, REPEATS, PATIENCE = "bench", 5_000, 40, 60.0


def run(rounds: int) -> None:
    with tempfile.TemporaryDirectory(prefix="kgb-") as folder, _serving(Path(folder)) as client:
        print(f"\nThe same question again, through the client: {rounds} rounds of {REPEATS}, milliseconds")
        print(f"{'':<52} {'first':>8} {'median':>8} {'slowest median':>15}")
        for name, ask in _questions(Session(client).open(STUDY)).items():
            first = _timed(ask)
            medians = [statistics.median(_timed(ask) for _ in range(REPEATS)) for _ in range(rounds)]
            print(f"{name:<52} {first:>8.1f} {statistics.median(medians):>8.1f} {max(medians):>15.1f}", flush=True)


def _questions(study: Any) -> dict[str, Callable[[], object]]:
    person, tests = study["person"], study["measurement"]
    joined = tests.merge(person)
    return {
        "patients by sex": lambda: person.groupby("gender_concept_id").count_patients().release(0.5),
        "patients by sex and hospital, exact": lambda: (
            person.groupby(["gender_concept_id", "care_site_id"]).count_patients().release()
        ),
        "mean of every laboratory test, by test and sex": lambda: (
            joined.groupby(["measurement_concept_id", "gender_concept_id"])["value_as_number"].mean().release(0.5)
        ),
    }


@contextmanager
def _serving(folder: Path) -> Iterator[VaultClient]:
    """A vault over a synthetic hospital, as a process of its own."""
    settings = init_folder(folder / "vault", synthetic_only=True)
    generate(folder / "omop", patients=PATIENTS)
    add_dataset(settings, STUDY, folder / "omop", {"routes": ["dp", "sdc"], "threshold": 10})
    token = add_grant(settings, user="bench", project="bench", studies=[STUDY], purpose="benchmark", days=1)
    command = [sys.executable, "-m", "kernel_guard.cli.main", "vault", "serve", "-c", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    client = VaultClient(settings.parent / "run" / "vault.sock", token)
    try:
        _wait(client)
        yield client
    finally:
        process.terminate()
        process.wait()


def _wait(client: VaultClient) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            client.get_json("/v1/health")
            return
        except VaultUnavailable:
            time.sleep(0.05)
    raise RuntimeError("the vault did not come up")


def _timed(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000

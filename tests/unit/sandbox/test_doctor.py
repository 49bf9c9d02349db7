"""The doctor proves what holds here, quickly, and says what to do about the rest."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from kernel_guard.sandbox import Level, ladder
from kernel_guard.sandbox.doctor import run_doctor
from kernel_guard.sandbox.inside import landlock
from kernel_guard.sandbox.report import Attempt, Examined, Report
from tests.unit.sandbox.hosts import Host


def test_what_it_says_is_what_launch_gives() -> None:
    started = time.monotonic()
    report = run_doctor()
    took = time.monotonic() - started
    built = [rung for rung in report.rungs if not rung.problem]
    if not built:
        pytest.skip("no isolation on this host")
    assert report.ok and report.level >= Level.G2
    assert report.level is built[0].promised
    assert took < 3.0
    for rung in built:
        assert rung.holds and len(rung.attempts) > 35
        groups = {attempt.group for attempt in rung.attempts}
        assert groups >= {"files", "processes", "network", "kernel", "privileges", "limits", "environment", "life"}
    assert f"level {report.level.name}" in str(report)
    assert "KERNEL_GUARD_DOCTOR_MARK" not in os.environ


def test_as_json() -> None:
    answer = json.loads(str(run_doctor(json=True)))
    assert answer["level"] in Level.__members__ and isinstance(answer["ok"], bool)
    assert [rung["tier"] for rung in answer["rungs"]] == ["bwrap", "bare"]


def test_where_nothing_can_be_had_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "bwrap_path", lambda: None)
    monkeypatch.setattr(landlock, "abi", lambda: 0)
    report = run_doctor()
    assert not report.ok and report.level is Level.G0
    text = str(report)
    assert "install bubblewrap" in text and "lsm=" in text and "G2 is needed for real data" in text


def test_without_bubblewrap_it_still_looks_at_the_other_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "bwrap_path", lambda: None)
    report = run_doctor()
    assert "install bubblewrap" in report.rungs[0].advice
    assert report.rungs[1].attempts or report.rungs[1].problem


def test_a_hole_in_the_strongest_rung_counts_although_a_weaker_one_holds() -> None:
    hole = (Attempt("network", "TCP of the host", False), Attempt("files", "read /x", True))
    whole = (Attempt("files", "read /x", True),)
    report = Report((Examined("bwrap", Level.G4, hole), Examined("bare", Level.G2, whole)), (), {"kernel": "x"})
    assert not report.ok and report.level is Level.G0
    assert "did not hold: TCP of the host" in str(report) and "1 of 2" in str(report)


def test_a_rung_that_could_not_be_built_does_not_hide_the_next() -> None:
    whole = (Attempt("files", "read /x", True),)
    missing = Examined("bwrap", Level.G0, problem="bubblewrap is not installed", advice="install it")
    report = Report((missing, Examined("bare", Level.G2, whole)), (), {})
    assert report.ok and report.level is Level.G2


AS_JSON = "from kernel_guard.sandbox.doctor import run_doctor; print(run_doctor(json=True))"


def test_for_an_ordinary_user() -> None:
    host = Host("bwrap", ordinary=True)
    host.skip_unless_possible()
    Host("bare", ordinary=True).skip_unless_possible()
    command = [host.order("run")[0], "-P", "-B", "-c", AS_JSON]
    done = subprocess.run(command, env=host.environment(), cwd="/", capture_output=True, text=True, **host.user())
    answer = json.loads(done.stdout)
    held = {rung["tier"]: (rung["promised"], rung["holds"]) for rung in answer["rungs"]}
    assert held == {"bwrap": ("G4", True), "bare": ("G2", True)}, answer
    assert answer["ok"] and answer["level"] == "G4"

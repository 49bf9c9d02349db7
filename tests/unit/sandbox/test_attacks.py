"""No attack gets anything, on any rung; and without a rung the same attacks do work."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tests.unit.sandbox.attacks import ATTACKS, files, kernel, network, processes
from tests.unit.sandbox.hosts import CONTAINERS, HOSTS, OLDER, Host

PARTS = (files, processes, network, kernel)  # imported for what they register
LEVELS = {"bwrap-root": "G5", "bwrap-user": "G4", "bare-root": "G3", "bare-user": "G2"}
LEVELS |= {"any-root-container": "G3", "any-user-container": "G2"}
WORKS_WITHOUT_A_SANDBOX = {
    "open_the_file", "open_through_own_root", "open_through_a_symbolic_link", "open_through_dots", "hard_link",
    "open_through_the_launchers_root", "open_through_the_launchers_descriptor", "read_the_launchers_environment",
    "list_the_folder", "rename_the_file", "truncate_by_path", "truncate_by_opening", "see_the_launcher_in_proc",
    "signal_the_launcher", "signal_it_by_thread", "tcp_of_the_host", "unix_socket_in_a_folder",
    "abstract_unix_socket", "datagram_to_a_unix_socket", "shared_memory_of_the_host", "load_of_the_machine",
    "watch_other_processes_read_files",
}  # fmt: skip


@functools.cache
def outcome(host: Host) -> dict[str, Any]:
    return host.ask("attack")


@pytest.mark.parametrize("name", sorted(ATTACKS))
@pytest.mark.parametrize("where", [*HOSTS, *OLDER, *CONTAINERS], ids=str)
def test_attack_gets_nothing(where: Host, name: str) -> None:
    where.skip_unless_possible()
    answer = outcome(where)
    assert not answer["found"].get(name, "succeeded: the guest died").startswith("succeeded"), answer["found"]


@pytest.mark.parametrize("where", [*HOSTS, *OLDER, *CONTAINERS], ids=str)
def test_nothing_outside_was_touched(where: Host) -> None:
    where.skip_unless_possible()
    answer = outcome(where)
    assert answer["marks"] == {
        "signals": [], "datagrams": [], "mode": "0o600", "contents": True, "spare": 24, "slower": 0, "reachable": False,
    }  # fmt: skip
    assert answer["left"] == []


@pytest.mark.parametrize("where", [*HOSTS, *CONTAINERS], ids=str)
def test_level_and_layers(where: Host) -> None:
    where.skip_unless_possible()
    answer = outcome(where)
    assert answer["level"] == LEVELS[str(where)]
    assert answer["report"]["failed"] == []
    assert answer["report"]["landlock"] >= 1
    assert answer["report"]["seccomp"] == ("namespaced" if where.tier == "bwrap" else "bare")
    assert answer["tier"] == ("bwrap" if where.tier == "bwrap" else "bare")


def test_the_attacks_are_real() -> None:
    """The negative control: an ordinary user without isolation loses everything."""
    nowhere = Host("none", ordinary=True)
    nowhere.skip_unless_possible()
    answer = outcome(nowhere)
    worked = {name for name, text in answer["found"].items() if text.startswith("succeeded")}
    assert not WORKS_WITHOUT_A_SANDBOX - worked, {n: answer["found"][n] for n in WORKS_WITHOUT_A_SANDBOX - worked}
    marks = answer["marks"]
    assert marks["signals"] and marks["datagrams"] == ["udp", "datagram"]
    assert marks["mode"] == "0o604" and marks["reachable"]

"""Limits by control group: where one is delegated, what is written, what is told; on a tree of plain files."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kernel_guard.errors import SandboxUnavailable
from kernel_guard.sandbox import GuestSpec, cgroup, launch
from kernel_guard.sandbox.spec import MIB, Limits

LIMITS = Limits(memory=512 * MIB, processes=40, tmp=64 * MIB, shared=32 * MIB, home=32 * MIB)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A user's slice that hands memory, pids and cpu on, with a scope in it that is ours."""
    root = tmp_path / "cgroup"
    slice_ = root / "user.slice" / "app.slice"
    (slice_ / "our.scope").mkdir(parents=True)
    (root / "cgroup.controllers").write_text("cpu memory pids\n")
    for folder, handed_on in ((root, ""), (root / "user.slice", "memory"), (slice_, "cpu memory pids")):
        (folder / "cgroup.subtree_control").write_text(handed_on + "\n")
        (folder / "cgroup.procs").write_text("")
    (tmp_path / "own").write_text("4:memory:/old\n0::/user.slice/app.slice/our.scope\n")
    return tmp_path


def found(tree: Path) -> cgroup.Place:
    return cgroup.find(tree / "cgroup", tree / "own")


def test_the_nearest_group_that_hands_limits_on(tree: Path) -> None:
    place = found(tree)
    assert place.folder == tree / "cgroup/user.slice/app.slice" and place.controllers == {"cpu", "memory", "pids"}


@pytest.mark.parametrize("own", ["", "4:memory:/old\n", "0::/\n", "0::/user.slice/../..\n", "0::/elsewhere/x\n"])
def test_where_nothing_is_delegated_there_is_none(tree: Path, own: str) -> None:
    (tree / "own").write_text(own)
    assert found(tree).folder is None and found(tree).problem


def test_memory_alone_is_not_enough(tree: Path) -> None:
    (tree / "cgroup/user.slice/app.slice/cgroup.subtree_control").write_text("memory")
    assert found(tree).folder is None


def test_a_host_of_version_1_has_none(tree: Path) -> None:
    (tree / "cgroup/cgroup.controllers").unlink()
    assert found(tree) == cgroup.Place(None, problem="no control groups of version 2")


def test_limits_are_written_and_processes_moved(tree: Path) -> None:
    group = cgroup.make(found(tree), LIMITS)
    assert group is not None and group.folder.parent == tree / "cgroup/user.slice/app.slice"
    written = {path.name: path.read_text() for path in group.folder.iterdir()}
    assert written == {
        "memory.max": str((512 + 64 + 32 + 32) * MIB), "memory.oom.group": "1", "pids.max": "40", "cpu.weight": "50",
    }  # fmt: skip
    group.hold([4711])
    assert (group.folder / "cgroup.procs").read_text() == "4711"
    group.remove()
    assert (group.folder / "cgroup.kill").read_text() == "1"


def test_a_group_that_cannot_be_made_is_done_without(tree: Path) -> None:
    place = found(tree)
    assert cgroup.make(cgroup.Place(None), LIMITS) is None
    assert cgroup.make(cgroup.Place(tree / "gone", place.controllers), LIMITS) is None


@pytest.mark.parametrize("events, told", [("oom 3\noom_kill 1\n", True), ("oom 3\noom_kill 0\n", False), ("", False)])
def test_only_what_was_ended_for_its_memory_is_told_so(tree: Path, events: str, told: bool) -> None:
    group = cgroup.make(found(tree), LIMITS)
    assert group is not None
    (group.folder / "memory.events").write_text(events)
    reason = group.reason()
    assert (reason is not None) is told
    assert not told or "limit of 0.6 GiB" in str(reason)


def test_a_guest_is_put_into_its_group_and_its_end_explained(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[cgroup.Group] = []
    place, make = found(tree), cgroup.make

    def make_and_fill(_: cgroup.Place, limits: Limits) -> cgroup.Group | None:
        group = make(place, limits)
        assert group is not None
        made.append(group)
        (group.folder / "memory.events").write_text("oom_kill 1\n")
        return group

    monkeypatch.setattr(cgroup, "make", make_and_fill)
    (tree / "run").mkdir(mode=0o700)
    spec = GuestSpec(tree / "run", None, argv=(sys.executable, "-B", "-P", "-c", "import os; os._exit(3)"))
    try:
        guest = launch(spec)
    except SandboxUnavailable:
        pytest.skip("no isolation on this host")
    guest.wait(20)
    assert "more than its limit" in str(guest.death_reason)
    group = made[-1]
    assert int((group.folder / "cgroup.procs").read_text()) > 1 and (group.folder / "cgroup.kill").exists()

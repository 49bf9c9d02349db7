"""Which cells are told that the kernel has ended."""

from __future__ import annotations

from kernel_guard.wrapper.session import Request
from tests.lib.guarded import Guarded


def cell(guarded: Guarded, name: str) -> Request:
    request = Request(name, "execute_request", "shell", (b"client",), {"msg_id": name})
    guarded.session.add_request(request)
    return request


def test_running_cells_are_told() -> None:
    guarded = Guarded()
    waiting = cell(guarded, "waiting")
    assert [request.msg_id for request in guarded.session.interrupted()] == ["execute_request"]
    assert not waiting.busy


def test_the_first_of_those_that_had_not_begun_is_told_where_none_was_running() -> None:
    guarded = Guarded()
    (running,) = guarded.session.interrupted()
    running.busy, running.ended = False, 1.0
    first, _ = cell(guarded, "first"), cell(guarded, "second")
    assert guarded.session.interrupted() == [first]
    first.replied = True
    assert [request.msg_id for request in guarded.session.interrupted()] == ["second"]

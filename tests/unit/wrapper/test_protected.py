"""The wrapper's part in a protected cell, with a vault and a kernel that are not there."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from kernel_guard.errors import PlanError, PolicyForbids, VaultUnavailable
from kernel_guard.wrapper.protected import ProtectedCells
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules.actions import Send
from kernel_guard.wrapper.session import Request
from kernel_guard.wrapper.uplink import Answer

CELL = "%%protected study.person\nrelease('a', 1)"
QUOTE = {"cost": {"epsilon": "1"}, "errors": [], "blocks": 8, "seconds": 10, "free": False}
OK, IDLE = {"status": "ok", "execution_count": 7}, {"execution_state": "idle"}


class Vault:
    """Answers by path; `go` holds the run back until a test lets it end."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[str] = []
        self.go = threading.Event()
        self.answer = answer

    def ask(self, method: str, path: str, body: bytes = b"", timeout: float = 30.0) -> Answer:
        self.asked.append(path)
        if path == "/v1/budget":
            return answer_of(200, {"budgets": [{"study": "s"}]})
        if path == "/v1/protected/quote":
            return answer_of(200, QUOTE)
        assert self.go.wait(10)
        return self.answer


class Kernel:
    def __init__(self) -> None:
        self.calls: list[str] = []

    def freeze(self) -> None:
        self.calls.append("freeze")

    def thaw(self) -> None:
        self.calls.append("thaw")


class Publisher:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Any]] = []

    def act(self, channel: str, request: Request, actions: list[Any]) -> None:
        for action in actions:
            self.sent.append((action.msg_type, action.content) if isinstance(action, Send) else ("state", action.state))

    def reply(self, request: Request, channel: str, msg_type: str, content: dict[str, Any]) -> None:
        self.sent.append((msg_type, content))

    def notice(self, request: Request, level: str, title: str, text: str) -> None:
        self.sent.append(("notice", text))

    def withhold(self, request: Request, reason: str) -> None:
        self.sent.append(("withheld", reason))

    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.sent]


def answer_of(status: int, document: Any, release: str | None = None) -> Answer:
    return Answer(status, "application/json", json.dumps(document).encode(), release)


class Desk:
    """The part under test with its surroundings."""

    def __init__(self, answer: Answer) -> None:
        self.vault, self.kernel, self.publisher = Vault(answer), Kernel(), Publisher()
        releases = Releases(lambda release_id: {"statement": statement(release_id), "envelope": {}})
        self.cells = ProtectedCells(self.vault, self.kernel, releases, self.publisher)  # type: ignore[arg-type]
        self.request = Request("m1", "execute_request", "shell", (), {})

    def start(self) -> None:
        """Up to the moment at which the vault is at work."""
        self.cells.admit(self.request, CELL)
        assert self.cells.keep_back("shell", "execute_reply", OK, self.request)
        assert self.cells.keep_back("iopub", "status", IDLE, self.request)

    def finish(self) -> None:
        self.vault.go.set()
        deadline = time.monotonic() + 10
        while self.cells.active and time.monotonic() < deadline:
            self.cells.turn()
            time.sleep(0.01)


def statement(release_id: str) -> dict[str, Any]:
    return {"id": release_id, "columns": [{"name": "v"}], "rows": [[1.0]], "words": "w"}


def test_the_kernel_gets_the_trial_and_never_the_cell() -> None:
    desk = Desk(answer_of(200, {"names": ["a"]}))
    assert desk.cells.admit(desk.request, CELL) == "%%protected --try --before-run study.person\nrelease('a', 1)"
    assert desk.cells.active


@pytest.mark.parametrize("code", ["x = 1", "%%protected --try study.person\nrelease('a', 1)", "%%time\nx"])
def test_other_cells_pass_as_they_are(code: str) -> None:
    desk = Desk(answer_of(200, {}))
    assert desk.cells.admit(desk.request, code) == code
    assert not desk.cells.active


def test_the_kernel_stands_still_while_the_vault_works() -> None:
    desk = Desk(answer_of(200, {"names": ["a"]}))
    desk.start()
    desk.finish()
    assert desk.kernel.calls == ["freeze", "thaw"]
    assert desk.vault.asked == ["/v1/budget", "/v1/protected/quote", "/v1/protected"]
    assert desk.publisher.kinds()[-3:] == ["notice", "execute_reply", "state"]
    assert desk.publisher.sent[-2][1] == {
        "status": "ok", "execution_count": 7, "payload": [], "user_expressions": {},
    }  # fmt: skip


def test_a_release_is_shown_as_the_vaults() -> None:
    desk = Desk(answer_of(200, {}, release="r1"))
    desk.start()
    desk.finish()
    shown = [content["data"] for kind, content in desk.publisher.sent if kind == "display_data"]
    assert shown[-1]["application/vnd.kernel-guard.release+json"]["statement"]["id"] == "r1"


def test_a_refusal_ends_the_cell_and_thaws() -> None:
    desk = Desk(answer_of(403, {"error": PolicyForbids("Off here.").public()}))
    desk.start()
    desk.finish()
    assert desk.kernel.calls == ["freeze", "thaw"]
    reply = dict(desk.publisher.sent)["execute_reply"]
    assert (reply["status"], reply["ename"], reply["evalue"]) == ("error", "PolicyForbids", "Off here.")


def test_a_kernel_that_cannot_be_frozen_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(answer_of(200, {"names": ["a"]}))

    def refuse() -> None:
        raise VaultUnavailable("The kernel could not be paused.")

    monkeypatch.setattr(desk.kernel, "freeze", refuse)
    desk.start()
    desk.finish()
    assert "/v1/protected" not in desk.vault.asked
    assert dict(desk.publisher.sent)["execute_reply"]["status"] == "error"


@pytest.mark.parametrize("idle_first", [True, False])
def test_a_trial_that_fails_ends_the_cell(idle_first: bool) -> None:
    desk = Desk(answer_of(200, {}))
    desk.cells.admit(desk.request, CELL)
    if idle_first:
        assert desk.cells.keep_back("iopub", "status", IDLE, desk.request)
    assert not desk.cells.keep_back("shell", "execute_reply", {"status": "error"}, desk.request)
    assert not desk.cells.active
    if not idle_first:
        assert not desk.cells.keep_back("iopub", "status", IDLE, desk.request)
    desk.cells.turn()
    assert desk.publisher.sent == ([("state", "idle")] if idle_first else [])
    assert desk.cells.failed
    assert desk.vault.asked == ["/v1/budget"]


def test_what_clients_ask_meanwhile_waits_in_order() -> None:
    desk = Desk(answer_of(200, {"names": ["a"]}))
    desk.start()
    for frame in (b"1", b"2"):
        desk.cells.hold([frame])
    assert desk.cells.held() == []
    desk.finish()
    assert desk.cells.held() == [[b"1"], [b"2"]] and desk.cells.held() == []


def test_an_interrupt_is_in_vain_and_says_so() -> None:
    desk = Desk(answer_of(200, {"names": ["a"]}))
    desk.cells.admit(desk.request, CELL)
    assert not desk.cells.outlasts_interrupt()  # the trial may be interrupted
    desk.cells.keep_back("shell", "execute_reply", OK, desk.request)
    assert desk.cells.outlasts_interrupt()
    assert "cannot be interrupted" in desk.publisher.sent[-1][1]
    desk.finish()


def test_a_wrong_line_never_reaches_anybody() -> None:
    desk = Desk(answer_of(200, {}))
    with pytest.raises(PlanError):
        desk.cells.admit(desk.request, "%%protected --private study.person\n1")
    assert not desk.cells.active


def test_messages_of_other_cells_are_not_kept_back() -> None:
    desk = Desk(answer_of(200, {}))
    desk.cells.admit(desk.request, CELL)
    other = Request("m2", "execute_request", "shell", (), {})
    assert not desk.cells.keep_back("shell", "execute_reply", OK, other)
    assert desk.cells.active


def test_nobody_overtakes_what_waited() -> None:
    desk = Desk(answer_of(200, {}))
    desk.cells.admit(desk.request, CELL)
    desk.cells.hold([b"1"])
    desk.cells.keep_back("shell", "execute_reply", {"status": "error"}, desk.request)
    assert desk.cells.active  # until the first one has had its turn
    assert desk.cells.held() == [[b"1"]]
    assert not desk.cells.active

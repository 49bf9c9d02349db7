"""`%%protected` cells: tried on mock rows in the kernel, then run by the vault while the kernel stands still.

- The vault gets the cell from here, never from the kernel. First the kernel tries the code on mock rows, where every
  error shows; only a cell that passed goes on to the vault.
- From before the run until after it every process of the kernel is stopped: it can neither watch the machine nor the
  files that both may read. What clients ask meanwhile waits here, in order.
- Progress is told by the clock and the plan alone. Nothing is heard of the run until its answer.
- One cell at a time; one thread for the waiting, which touches no socket of a client.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Protocol

from kernel_guard.errors import InternalError, KernelGuardError, VaultUnavailable, from_public
from kernel_guard.plan.codec import dumps_protected
from kernel_guard.plan.protected import ProtectedAsk
from kernel_guard.plan.protected_line import MAGIC, is_protected, parse_line, split
from kernel_guard.wrapper import notices
from kernel_guard.wrapper.publisher import Publisher
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules.actions import Action, Send, SetState
from kernel_guard.wrapper.session import Request
from kernel_guard.wrapper.uplink import Answer, Uplink

MAX_HELD = 1_000
_SECONDS = 3600.0
_PROGRESS_STEPS = 20
_TITLE = "Protected code"
_REVIEW = (
    "The code had its time. What it handed over under {names}, if anything, waits for a checker. Nobody is told "
    "whether it ended well: that could tell about a patient. kg.protected_objects() shows what was decided."
)


class Frozen(Protocol):
    """What is needed of a kernel's sandbox."""

    def freeze(self) -> None: ...

    def thaw(self) -> None: ...


@dataclass
class _Run:
    """One cell on its way; `state` is trying or running."""

    request: Request
    ask: ProtectedAsk
    state: str = "trying"
    idle: bool = False
    number: int = 0
    display: str = field(default_factory=lambda: secrets.token_hex(16))
    quote: dict[str, Any] = field(default_factory=dict)
    began: float = 0.0
    told: int = -1


class ProtectedCells:
    """The wrapper's part in protected code. Called from the proxy's one thread."""

    def __init__(self, uplink: Uplink | None, guest: Frozen | None, releases: Releases, publisher: Publisher) -> None:
        self._uplink, self._guest, self._releases, self._publisher = uplink, guest, releases, publisher
        self._run: _Run | None = None
        self._held: deque[list[bytes]] = deque()
        self._news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._failed_trial: Request | None = None
        self.failed = False  # the last cell: what waited behind it is not run then

    @property
    def active(self) -> bool:
        """Whether a protected cell is on its way, or something that waited for one has not had its turn."""
        return self._run is not None or bool(self._held)

    def hold(self, frames: list[bytes]) -> None:
        """Keep a client's message until the cell is done."""
        if len(self._held) < MAX_HELD:
            self._held.append(frames)

    def held(self) -> list[list[bytes]]:
        """What was kept, once nothing is on its way."""
        waiting = [] if self._run is not None else list(self._held)
        if waiting:
            self._held.clear()
        return waiting

    def admit(self, request: Request, code: str) -> str:
        """The code that the kernel gets: a protected cell becomes its own trial. Raises what is wrong with its line."""
        if not is_protected(code):
            return code
        line_text, body = split(code)
        line = parse_line(line_text)
        if "--try" in line.flags:
            return code
        self._run, self.failed = _Run(request, line.ask(body, self._studies())), False
        return f"{MAGIC} --try --before-run {line_text}\n{body}"

    def keep_back(self, channel: str, msg_type: str, content: dict[str, Any], request: Request) -> bool:
        """Whether a message of the kernel is not to be shown: its cell goes on when the kernel thinks it is done."""
        run = self._run
        if run is None or request is not run.request:
            return False
        if msg_type == "status" and content.get("execution_state") == "idle":
            run.idle = True
            return True
        if (channel, msg_type) != ("shell", "execute_reply"):
            return False
        if content.get("status") == "ok" and run.state == "trying":
            number = content.get("execution_count")
            run.number = number if isinstance(number, int) and 0 <= number < 2**31 else 0
            self._start(run)
            return True
        if run.state == "trying":
            self._run, self._failed_trial = None, run.request if run.idle else None
            self.failed = True
        return run.state == "running"

    def outlasts_interrupt(self) -> bool:
        """Whether an interrupt is in vain, because the vault is at work; the cell says so."""
        if self._run is None or self._run.state != "running":
            return False
        text = "It cannot be interrupted: it ends at its time, and what it costs was paid when it began."
        self._publisher.notice(self._run.request, "info", _TITLE, text)
        return True

    def turn(self) -> None:
        """Called between messages: progress by the clock, and the answer when it is there."""
        if self._failed_trial is not None:
            failed, self._failed_trial = self._failed_trial, None
            self._act(failed, SetState("idle"))
        while self._run is not None and not self._news.empty():
            self._hear(self._run, *self._news.get())
        if self._run is not None and self._run.quote:
            self._tell_progress(self._run)

    def _studies(self) -> list[str]:
        if self._uplink is None:
            raise VaultUnavailable("This kernel was started without a vault.")
        budgets = _json(self._uplink.ask("GET", "/v1/budget", timeout=5.0)).get("budgets", [])
        return [str(budget["study"]) for budget in budgets]

    def _start(self, run: _Run) -> None:
        run.state = "running"
        threading.Thread(target=self._ask, args=(run.ask,), name="protected", daemon=True).start()

    def _ask(self, ask: ProtectedAsk) -> None:
        """In a thread of its own: freeze, ask, thaw. Its news go by the queue."""
        assert self._uplink is not None and self._guest is not None
        body = dumps_protected(ask)
        try:
            self._news.put(("quote", _json(self._uplink.ask("POST", "/v1/protected/quote", body))))
            self._guest.freeze()
            try:
                answer = self._uplink.ask("POST", "/v1/protected", body, _SECONDS)
            finally:
                self._guest.thaw()
            self._news.put(("answer", self._taken(answer)))
        except KernelGuardError as error:
            self._news.put(("error", error))
        except Exception:
            # Whatever it was, the cell must end; its text could hold anything.
            self._news.put(("error", InternalError("The guard could not run this cell.", hint="Run it again.")))

    def _taken(self, answer: Answer) -> str | dict[str, Any]:
        """The id of a release, which is remembered, or the vault's notice."""
        if answer.status == 200 and answer.release_id is not None:
            self._releases.remember(answer.release_id)
            self._releases.load(answer.release_id)
            return answer.release_id
        return _json(answer)

    def _hear(self, run: _Run, what: str, news: Any) -> None:
        match what:
            case "quote":
                run.quote, run.began = news, time.monotonic()
            case "answer":
                self._show(run, news)
                self._end(run, {"status": "ok"})
            case _:
                self._fail(run, news)

    def _show(self, run: _Run, answer: str | dict[str, Any]) -> None:
        self._display(run, "update_display_data", "Done.")
        bundle = self._releases.bundle(answer) if isinstance(answer, str) else None
        if isinstance(bundle, dict):
            self._act(run.request, Send("display_data", {"data": bundle, "metadata": {}, "transient": {}}, "release"))
        elif isinstance(bundle, str):
            self._publisher.withhold(run.request, bundle)
        elif isinstance(answer, dict):
            text = _REVIEW.format(names=", ".join(map(str, answer.get("names", []))))
            self._publisher.notice(run.request, "info", _TITLE, text)

    def _fail(self, run: _Run, error: KernelGuardError) -> None:
        name = type(error).__name__
        shown = {"ename": name, "evalue": str(error), "traceback": [f"{name}: {error}"]}
        self._act(run.request, Send("error", shown))
        self.failed = True
        self._end(run, {"status": "error", **shown})

    def _end(self, run: _Run, reply: dict[str, Any]) -> None:
        count = {"execution_count": run.number, "payload": [], "user_expressions": {}}
        self._publisher.reply(run.request, "shell", "execute_reply", {**reply, **count})
        self._run = None
        self._act(run.request, SetState("idle"))

    def _tell_progress(self, run: _Run) -> None:
        planned = max(1.0, float(run.quote.get("seconds") or 1.0))
        passed = time.monotonic() - run.began
        step = min(_PROGRESS_STEPS, int(passed / planned * _PROGRESS_STEPS))
        if step == run.told:
            return
        first, run.told = run.told < 0, step
        self._display(run, "display_data" if first else "update_display_data", _progress(run.quote, planned, passed))

    def _display(self, run: _Run, msg_type: str, text: str) -> None:
        if msg_type == "update_display_data" and run.told < 0:
            return
        data = notices.notice("info", _TITLE, text)
        self._act(run.request, Send(msg_type, {"data": data, "metadata": {}, "transient": {"display_id": run.display}},
                                    "notice"))  # fmt: skip

    def _act(self, request: Request, action: Action) -> None:
        self._publisher.act("iopub", request, [action])


def _progress(quote: dict[str, Any], planned: float, passed: float) -> str:
    """By the clock: how much of the planned time is over."""
    left, blocks = max(0.0, planned - passed), int(quote.get("blocks", 1))
    cost = f"ε {quote['cost']['epsilon']}" if not quote.get("free") else "no budget"
    errors = ", ".join(f"{e['measure']} {e['text']}" for e in quote.get("errors", []))
    done = f"block {min(blocks, int(passed / planned * blocks))} of {blocks}, " if blocks > 1 else ""
    expected = f" Error to expect from the noise: {errors}." if errors else ""
    return f"By the clock: {done}about {left:.0f} s left. It takes {cost}.{expected} The kernel is paused meanwhile."


def _json(answer: Answer) -> dict[str, Any]:
    """The vault's document, or its refusal as an error."""
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise VaultUnavailable("The vault's answer is not understood.", hint="It may be of another version.")
    if answer.status != 200:
        refusal = document.get("error")
        raise from_public(refusal if isinstance(refusal, dict) else {})
    return document

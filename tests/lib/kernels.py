"""Kernels as a client sees them: start one, run cells, look at what arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

GUARDED = "kernel-guard"
OWN = "application/vnd.kernel-guard."


@dataclass
class Cell:
    """What one execution brought: the reply, and every message that named it as its parent."""

    reply: dict[str, Any]
    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> str:
        return str(self.reply["content"]["status"])

    @property
    def text(self) -> str:
        """Everything printed, shown as text, or raised."""
        parts = []
        for message in self.messages:
            content = message["content"]
            parts += [content.get("text", ""), content.get("evalue", ""), *content.get("traceback", [])]
            parts.append(str(content.get("data", {}).get("text/plain", "")))
        return "\n".join(filter(None, parts))

    def of(self, *types: str) -> list[dict[str, Any]]:
        """Contents of the messages of these types."""
        return [message["content"] for message in self.messages if message["header"]["msg_type"] in types]

    def data(self, mime: str) -> list[Any]:
        """Values of one MIME type in every display."""
        shown = self.of("display_data", "execute_result", "update_display_data")
        return [content["data"][mime] for content in shown if mime in content["data"]]

    @property
    def withheld(self) -> list[str]:
        """The reasons of every withheld output."""
        return [value["reason"] for value in self.data(OWN + "withheld+json")]


@dataclass
class Session:
    """A kernel and one client of it."""

    manager: KernelManager
    client: BlockingKernelClient

    def run(self, code: str, timeout: float = 60, **options: Any) -> Cell:
        """Run a cell to its reply and its idle."""
        messages: list[dict[str, Any]] = []
        reply = self.client.execute_interactive(code, output_hook=messages.append, timeout=timeout, **options)
        return Cell(reply, messages)

    def ask(self, method: str, *args: Any, **options: Any) -> dict[str, Any]:
        """The content of the answer to one of the client's other requests."""
        reply = getattr(self.client, method)(*args, reply=True, timeout=30, **options)
        content: dict[str, Any] = reply["content"]
        return content


@contextmanager
def open_session(environment: dict[str, str], name: str = GUARDED) -> Iterator[Session]:
    """Start a kernel, give its session, end it."""
    manager = KernelManager(kernel_name=name)
    manager.start_kernel(env=environment)
    try:
        with connected(manager) as client:
            yield Session(manager, client)
    finally:
        manager.shutdown_kernel(now=True)


@contextmanager
def connected(manager: KernelManager) -> Iterator[BlockingKernelClient]:
    """One more client of a kernel."""
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        yield client
    finally:
        client.stop_channels()

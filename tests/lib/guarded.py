"""The wrapper's judgement without sockets: bytes of a kernel in, what the clients would receive out."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kernel_guard.trust.signing import SigningKey
from kernel_guard.wrapper.frames import BadFrames, Oversized, Signer, unpack
from kernel_guard.wrapper.labels import Labeller
from kernel_guard.wrapper.published_key import publish
from kernel_guard.wrapper.publisher import Publisher
from kernel_guard.wrapper.releases import Releases
from kernel_guard.wrapper.rules import table
from kernel_guard.wrapper.seals import Journal
from kernel_guard.wrapper.session import Request, Session

SUBSHELL = ("create", "list", "delete")
INNER, OUTER = Signer(b"inner"), Signer(b"outer")


@dataclass
class Outside:
    """In place of the sockets: keeps every frame that would be sent."""

    frames: list[bytes] = field(default_factory=list)

    def send(self, _channel: str, route: Any, frames: Any) -> None:
        self.frames += [*route, *frames]

    def publish(self, topic: str, frames: Any) -> None:
        self.frames += [topic.encode("ascii"), *frames]


def published(key_file: Path) -> SigningKey:
    """A kernel's key as its wrapper makes it: private in memory, public in the list."""
    key = SigningKey.generate()
    publish(key.public_bytes, key_file)
    return key


class Guarded:
    """One kernel's guard with one running request of each kind."""

    def __init__(self) -> None:
        labeller = Labeller(SigningKey.generate())
        self.session = Session(Releases(lambda _: None), lambda _: None)
        self.outside = Outside()
        journal = Journal(None, "k", labeller)
        self.publisher = Publisher(self.outside, OUTER, self.session, labeller, journal)  # type: ignore[arg-type]
        for name in ("execute", "complete", "inspect", "is_complete", *(f"{n}_subshell" for n in SUBSHELL)):
            self.ask(f"{name}_request")

    def ask(self, msg_type: str, **known: Any) -> Request:
        """A client's request, which runs now."""
        header = {"msg_id": msg_type, "msg_type": msg_type}
        request = Request(msg_type, msg_type, "shell", (b"client",), header, code="the client's code", **known)
        request.allow_stdin, request.expressions = True, frozenset({"asked"})
        request.busy = msg_type == "execute_request"
        self.session.add_request(request)
        return request

    def hear(self, channel: str, frames: list[bytes]) -> list[bytes]:
        """What leaves when the kernel sends these frames; the proxy does the same with its sockets."""
        self.outside.frames.clear()
        try:
            message = unpack(frames, INNER)
        except (BadFrames, Oversized):
            return []
        request = self.session.request(message.parent.get("msg_id"))
        if request is not None and not (channel == "iopub" and self.publisher.is_full(request, message.msg_type)):
            actions = table.judge(
                channel, message.msg_type, message.content, request, self.session, message.metadata, message.buffers
            )
            self.publisher.act(channel, request, actions)
        return list(self.outside.frames)

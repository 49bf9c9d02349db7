"""What a rule may decide, and what it may know when it decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

Json = dict[str, Any]


@dataclass(frozen=True)
class Send:
    """Pass on a message that the rule made."""

    msg_type: str
    content: Json
    zone: str = "open"
    metadata: Json = field(default_factory=dict)
    buffers: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Withhold:
    """Show an explanation in place of an output; `reason` is a code of `notices`."""

    reason: str


@dataclass(frozen=True)
class Drop:
    """Pass nothing and say nothing; `reason` is counted."""

    reason: str


@dataclass(frozen=True)
class SetState:
    """The kernel said that it is busy with a request, or done with it."""

    state: str


@dataclass(frozen=True)
class OpenComm:
    """A widget model that was let through; its messages may pass from now on."""

    comm_id: str
    target: str
    module: str
    model: str


@dataclass(frozen=True)
class RefuseComm:
    """A widget model that was not let through; its messages are dropped in silence from now on."""

    comm_id: str


@dataclass(frozen=True)
class CloseComm:
    """A comm that ended."""

    comm_id: str


@dataclass(frozen=True)
class RememberDisplay:
    """A display id (already replaced by the guard's) that later messages may update."""

    display_id: str


Action = Send | Withhold | Drop | SetState | OpenComm | RefuseComm | CloseComm | RememberDisplay


@dataclass(frozen=True)
class Comm:
    """One open comm: its target, and for a widget its model's module and name."""

    target: str
    module: str = ""
    model: str = ""
    refused: bool = False


class Asked(Protocol):
    """What a rule may know of the client's request that a message answers."""

    @property
    def msg_type(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def allow_stdin(self) -> bool: ...
    @property
    def busy(self) -> bool: ...
    @property
    def replied(self) -> bool: ...
    @property
    def expressions(self) -> frozenset[str]: ...


class View(Protocol):
    """What a rule may know of the session: read only."""

    def comm(self, comm_id: str) -> Comm | None:
        """The open comm of that id."""
        ...

    def knows_display(self, display_id: str) -> bool:
        """Was an output with this (replaced) display id shown before?"""
        ...

    def display_id(self, given: str) -> str:
        """The guard's name for a display id of the kernel."""
        ...

    def release(self, release_id: str) -> Json | str:
        """Statement and envelope of a release that this kernel received; else the reason why not."""
        ...

    def draw(self, svg: str) -> tuple[bytes, int, int] | None:
        """A drawing as a PNG, with the width and height to show it at; None where it cannot be drawn."""
        ...


@dataclass(frozen=True)
class Case:
    """A message to decide on; `fields` holds only what the table lets through."""

    msg_type: str
    fields: Json
    request: Asked
    view: View
    metadata: Json = field(default_factory=dict)
    buffers: tuple[bytes, ...] = ()

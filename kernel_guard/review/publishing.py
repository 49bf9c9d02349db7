"""What makes an approved version leave, as the workflow sees it: a maker of bundles, and a bundle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from kernel_guard.review.records import Deed, Request, Version
from kernel_guard.review.votes import Vote


@dataclass(frozen=True)
class Bundle:
    """What leaves: a file's name, its bytes and their SHA-256."""

    name: str
    content: bytes
    sha256: str
    files: tuple[str, ...] = ()  # the SHA-256 of each file in it


class Publisher(Protocol):
    """Makes the bundle of an approved version."""

    def build(self, request: Request, version: Version, votes: list[Vote], deeds: list[Deed]) -> Bundle: ...

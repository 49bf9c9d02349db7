"""A person at the door: who they are, how they came in, and the rights that hold at this moment.

- A right is a role in one project until a moment; `*` as its project means every project.
- Rights are looked up at each request, never carried in a token: what is revoked has ended.
- A person who came with a grant's token (a kernel, a Jupyter server) is not signed in: nobody was asked for a secret.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

EVERY_PROJECT = "*"


class Role(enum.StrEnum):
    """What a person does here."""

    RESEARCHER = "researcher"
    CHECKER = "checker"
    STEWARD = "steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Right:
    """A role in a project until `expires`."""

    project: str
    role: Role
    expires: datetime


@dataclass(frozen=True)
class Person:
    """Somebody with the rights of now; `signed_in` when they proved who they are in this session."""

    user: str
    name: str
    rights: tuple[Right, ...]
    signed_in: bool
    expires: datetime

    def roles_in(self, project: str) -> frozenset[Role]:
        """The roles held in `project`."""
        return frozenset(r.role for r in self.rights if r.project in (project, EVERY_PROJECT))

    def projects_with(self, *roles: Role) -> frozenset[str]:
        """The projects (or `*`) in which one of `roles` is held."""
        return frozenset(r.project for r in self.rights if r.role in roles)

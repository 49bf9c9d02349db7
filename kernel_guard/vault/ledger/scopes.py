"""Whose privacy budget a question draws on."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Kind(enum.StrEnum):
    STUDY = "study"
    PROJECT = "project"
    USER = "user"


@dataclass(frozen=True)
class Scope:
    """Whose budget: a study's as a whole, or a project's or a person's share of it."""

    kind: Kind
    study: str
    subject: str = ""

    @classmethod
    def of_study(cls, study: str) -> Scope:
        return cls(Kind.STUDY, study)

    @classmethod
    def of_project(cls, study: str, project: str) -> Scope:
        return cls(Kind.PROJECT, study, project)

    @classmethod
    def of_user(cls, study: str, user: str) -> Scope:
        return cls(Kind.USER, study, user)

    def words(self) -> str:
        """How a message names it."""
        if self.kind is Kind.STUDY:
            return f"the study {self.study}"
        name = f"project {self.subject}" if self.kind is Kind.PROJECT else "you"
        return f"{name} in the study {self.study}"


def scopes_of(study: str, project: str, user: str) -> tuple[Scope, ...]:
    """The scopes that a question draws on, in the order in which they are locked."""
    return (Scope.of_study(study), Scope.of_project(study, project), Scope.of_user(study, user))

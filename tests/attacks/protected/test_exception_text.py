"""Raise the row as an error: its text, its type's name, its notes, its cause.

Source: exceptions are how hosted notebooks leak. Must be absent: the text, and that there was an error at all.
"""

from __future__ import annotations

from tests.attacks.protected.conftest import Attempt, looks_ordinary
from tests.lib.beside import Left

CODE = """
error = type(secret.replace("-", "_"), (Exception,), {})(secret)
error.add_note(secret)
if found is not None:
    release("control", {"value": number})
    raise error from ValueError(secret)
"""


def test_exception_text(attempt: Attempt, ordinary: Left) -> None:
    assert looks_ordinary(attempt(CODE), ordinary)

"""Look for secrets in the environment, and leave some in it.

Source: credentials in environments. Must be absent: tokens, keys and paths of the vault, in all that a run can read.
"""

from __future__ import annotations

import os

from tests.attacks.protected.conftest import Attempt

CODE = """
known = str(dict(os.environ)) + open("/proc/self/environ").read() + open("/proc/self/cmdline").read()
ours = {name for name in os.environ if name.startswith("KERNEL_GUARD")}
assert "{folder}" not in known and "{token}" not in known and ours <= {"KERNEL_GUARD_PYTHON", "KERNEL_GUARD_R"}
os.environ["LEFT"] = secret
"""


def test_environment(attempt: Attempt) -> None:
    beside = attempt.beside
    attempt(CODE.replace("{folder}", str(beside.folder)).replace("{token}", beside.token))
    attempt("assert 'LEFT' not in os.environ")
    assert "LEFT" not in os.environ

"""Print the row: to Python's streams, to the descriptors behind them, as a warning, as a display.

Source: the first thing that anyone tries. Must be absent: the row's text in the answer, the log, the vault's output.
"""

from __future__ import annotations

import pytest

from tests.attacks.protected.conftest import Attempt

CODE = """
import warnings, logging
print(secret, number); print(secret, file=sys.stderr); sys.__stdout__.write(secret)
for fd in (1, 2):
    os.write(fd, secret.encode())
warnings.warn(secret); logging.error(secret); sys.displayhook(secret)
os.system("echo " + secret)
"""


def test_print(attempt: Attempt, capfd: pytest.CaptureFixture[str]) -> None:
    attempt(CODE)
    shown = capfd.readouterr()
    assert "canary" not in shown.out + shown.err

"""Run a command as in a container whose engine forbids namespaces: `python in_container.py COMMAND …`."""

from __future__ import annotations

import os
import sys

from tests.unit.sandbox.trusted import _enter_container

if __name__ == "__main__":
    _enter_container(["mount"])
    os.execv(sys.argv[1], sys.argv[1:])

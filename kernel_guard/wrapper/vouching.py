"""Tells the vault which key signs this kernel's outputs, in the name of its grant.

- Done beside the kernel's work: a vault that is down delays nothing, and is asked again until it answers.
- The kernel cannot do it: its way out has no such path, and the grant's secret is not in it.
"""

from __future__ import annotations

import json
import threading
import time

from kernel_guard.errors import KernelGuardError
from kernel_guard.wrapper.uplink import Uplink

PATH = "/v1/wrapper-keys"
_AGAIN_SECONDS = 30.0


def make_known(uplink: Uplink, public_key: bytes) -> threading.Thread:
    """A thread that ends when the vault knows the key, or refuses it for good."""
    body = json.dumps({"public_key": public_key.hex()}).encode()

    def work() -> None:
        while not _told(uplink, body):
            time.sleep(_AGAIN_SECONDS)

    thread = threading.Thread(target=work, name="vouching", daemon=True)
    thread.start()
    return thread


def _told(uplink: Uplink, body: bytes) -> bool:
    """Whether the vault has answered, whatever it said."""
    try:
        return uplink.ask("POST", PATH, body).status < 500
    except KernelGuardError:
        return False

"""Send the row over the network: TCP, UDP, DNS, a listener, raw and netlink sockets.

Source: the classic way out. Must be absent: any packet on a listener of the host.
"""

from __future__ import annotations

import socket

import pytest

from tests.attacks.protected.conftest import Attempt

CODE = """
import socket
opened = []
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK, socket.AF_PACKET, socket.AF_VSOCK):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            opened.append(socket.socket(family, kind))
        except OSError:
            pass
try:
    opened += socket.socketpair()
except OSError:
    pass
try:
    opened.append(socket.create_connection(("127.0.0.1", {port}), 0.2))
except OSError:
    pass
assert not opened, opened
"""


def test_network(attempt: Attempt) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        attempt(CODE.replace("{port}", str(server.getsockname()[1])))
        server.settimeout(0.1)
        with pytest.raises(TimeoutError):
            server.accept()

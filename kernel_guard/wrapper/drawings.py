"""SVG drawings as PNG pictures, made by a parser in a sandbox of its own.

- Started at the first drawing, kept for the next ones, ended when it is slow, wrong or gone: never more than one.
- Same isolation as the kernel's; where none is to be had there are no drawings.
- What comes back is bytes of a stranger: `content.images` decodes and encodes them again like any picture.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from pathlib import Path

from kernel_guard.errors import KernelGuardError
from kernel_guard.sandbox import Guest, GuestSpec, Level, launch
from kernel_guard.sandbox.inside.raster import MAX_SVG, ZOOM
from kernel_guard.sandbox.spec import MIB, Limits
from kernel_guard.wrapper.content.images import MAX_BYTES

_HEADER = 24  # signature, length, "IHDR", width, height
_START_SECONDS = 10.0
_DRAW_SECONDS = 5.0
_LIMITS = Limits(memory=1024 * MIB, processes=64, file=MIB, tmp=MIB, shared=MIB, home=MIB)


class Drawings:
    """Turns one SVG after the other into a PNG."""

    def __init__(self, runtime_dir: Path, minimum: Level = Level.G1) -> None:
        self._runtime_dir, self._minimum = runtime_dir, minimum
        self._guest: Guest | None = None
        self._socket: socket.socket | None = None

    def to_png(self, svg: str) -> bytes | None:
        """The picture, at `ZOOM` times its size; None where it cannot be drawn."""
        data = svg.encode("utf-8", "replace")
        if len(data) > MAX_SVG:
            return None
        try:
            sock = self._socket or self._start()
            sock.settimeout(_DRAW_SECONDS)
            sock.sendall(struct.pack(">I", len(data)) + data)
            return _answer(sock)
        except (OSError, KernelGuardError):
            self.close()
            return None

    def draw(self, svg: str) -> tuple[bytes, int, int] | None:
        """The picture with the size to show it at, read from the PNG's own header."""
        png = self.to_png(svg)
        if png is None or len(png) < _HEADER:
            return None
        width, height = struct.unpack(">II", png[16:_HEADER])
        return png, max(1, round(width / ZOOM)), max(1, round(height / ZOOM))

    def close(self) -> None:
        """End the parser."""
        if self._socket is not None:
            self._socket.close()
        if self._guest is not None:
            self._guest.kill()
        self._guest = self._socket = None

    def _start(self) -> socket.socket:
        with contextlib.ExitStack() as stack:
            ours, theirs = socket.socketpair()
            stack.callback(ours.close)
            with theirs:
                self._guest = launch(_spec(self._runtime_dir, theirs.fileno(), self._minimum))
            ours.settimeout(_START_SECONDS)
            _answer(ours)
            stack.pop_all()
        self._socket = ours
        return ours


def _spec(runtime_dir: Path, fd: int, minimum: Level) -> GuestSpec:
    code = "from kernel_guard.sandbox.inside.raster import main; main()"
    return GuestSpec(runtime_dir, fd, _LIMITS, minimum, argv=(sys.executable, "-B", "-P", "-c", code))


def _answer(sock: socket.socket) -> bytes | None:
    (size,) = struct.unpack(">I", _receive(sock, 4))
    if size > MAX_BYTES:
        raise OSError("larger than a picture may be")
    return _receive(sock, size) or None


def _receive(sock: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = sock.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise OSError("closed")
        parts += part
    return bytes(parts)
